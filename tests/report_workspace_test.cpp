// What eval --report reads of a workspace: each section with its files, and without them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "persona4rec/report.hpp"
#include "report/workspace/data_check.hpp"
#include "report/workspace/funnel.hpp"
#include "report/workspace/id_overlap.hpp"
#include "report/workspace/item_titles.hpp"
#include "report/workspace/stage_costs.hpp"
#include "report/workspace/training.hpp"
#include "support/temp_dir.hpp"

namespace persona4rec::test {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

// The one line of a section that has nothing to show.
std::string only_note(const ReportSection& section) {
  const auto* note = section.blocks.size() == 1 ? std::get_if<ReportNote>(section.blocks.data()) : nullptr;
  return note != nullptr && note->kind == NoteKind::kAbsent ? note->text : "not one absent line";
}

template <class Block>
const Block& first_of(const ReportSection& section) {
  for (const auto& block : section.blocks) {
    if (const auto* found = std::get_if<Block>(&block)) return *found;
  }
  throw std::runtime_error("no such block");
}

class ReportWorkspace : public ::testing::Test {
 protected:
  TempDir dir_;
  Workspace workspace_{dir_.path()};
};

TEST_F(ReportWorkspace, SaysInALineWhatIsAbsent) {
  EXPECT_EQ(only_note(funnel_section(workspace_, World::kTest)), "No workspace: none of its meta files is there.");
  EXPECT_EQ(only_note(costs_section(workspace_, World::kTest)),
            "No stage that asks a language model has run in this workspace.");
  EXPECT_EQ(only_note(training_section(workspace_)),
            "No training in this workspace: encoder/train_log.jsonl is not there.");
  EXPECT_EQ(only_note(weights_section(workspace_)), "No weights: nothing was reranked or trained in this workspace.");
}

TEST_F(ReportWorkspace, FunnelSaysWhatIsMissingAndWhy) {
  (void)dir_.write(
      "1_aspects.jsonl.meta.json",
      R"({"command":"extract-aspects","counts":{"reviews":1200,"no_text":4,"rejected":3,"answered":1193}})");
  (void)dir_.write("3_personas.jsonl.meta.json",
                   R"({"command":"personas","counts":{"item_side_reviews":1000,"personas":50}})");
  const ReportSection section = funnel_section(workspace_, World::kTest);
  const auto& table = first_of<ReportTable>(section);
  EXPECT_THAT(table.rows, Contains(ElementsAre("reviews with aspects", "extract-aspects", "1,193", "1,200",
                                               "4 without text; 3 answers set aside", "")));
  EXPECT_THAT(table.rows, Contains(ElementsAre("reviews that personas may use", "personas", "1,000", "1,200",
                                               HasSubstr("200 held back by the split"), "")));
  EXPECT_THAT(first_of<ReportCharts>(section).front().categories, ElementsAre("read", "aspects", "personas"));
  EXPECT_THAT(first_of<ReportNote>(section).text, HasSubstr("2_summary.jsonl"));
}

TEST_F(ReportWorkspace, CostsAreSummedOverTheStages) {
  for (const char* name : {"1_aspects.jsonl", "2_summary.jsonl"}) {
    (void)dir_.write(std::string(name) + ".meta.json",
                     R"({"command":"c","model":"m","counts":{"requests":10,"rejected":1}})");
    (void)dir_.write(std::string(name) + ".run.json",
                     R"({"command":"c","wall_s":2,"llm":{"requests_sent":9,"from_store":1,"retries":0,)"
                     R"("prompt_tokens":1500,"completion_tokens":200,"cost_usd":0.25}})");
  }
  const auto section = costs_section(workspace_, World::kTest);
  EXPECT_THAT(first_of<ReportTable>(section).rows,
              ElementsAre(ElementsAre("c", "m", "10", "9", "1", "0", "1", "1,500", "200", "0.2500", "2.0 s"),
                          ElementsAre("c", "m", "10", "9", "1", "0", "1", "1,500", "200", "0.2500", "2.0 s"),
                          ElementsAre("all", "", "", "18", "", "", "", "3,000", "400", "0.5000", "")));
}

TEST_F(ReportWorkspace, TrainingShowsLossAndValidationOfEachEpoch) {
  (void)dir_.write("encoder/train_log.jsonl",
                   R"({"epoch":0,"loss":null,"valid_candidates":{"hit@10":0.4,"ndcg@10":0.2},"best":false})"
                   "\n"
                   R"({"epoch":1,"loss":5.5,"valid_candidates":{"hit@10":0.5,"ndcg@10":0.3},"best":true})"
                   "\n");
  const ReportSection section = training_section(workspace_);
  EXPECT_EQ(first_of<ReportNote>(section).text, "Epoch 1 of 1 was kept: the best on the validation users.");
  const auto& charts = first_of<ReportCharts>(section);
  ASSERT_EQ(charts.size(), 3U);
  EXPECT_EQ(charts[0].series[0].points[1].y, 5.5);
  EXPECT_EQ(charts[1].series[0].points[1].y, 0.3);
  EXPECT_EQ(charts[2].series[0].points[0].y, 0.4);
}

TEST_F(ReportWorkspace, DataCheckComparesIds) {
  (void)dir_.write("1_aspects.jsonl.meta.json", R"({"settings":{"time_unit":"s"}})");
  (void)dir_.write("1_aspects.jsonl", R"({"user_id":"u1","item_id":"a","rating":5,"timestamp":1514764800})"
                                      "\n"
                                      R"({"user_id":"u2","item_id":10,"rating":10,"timestamp":1546300800})"
                                      "\n"
                                      R"({"user_id":"u3","item_id":"b","rating":2.5,"timestamp":"never"})"
                                      "\n");
  const auto truth =
      dir_.write("gt.jsonl", "{\"user_id\":\"u1\",\"item_id\":\"a\"}\n{\"user_id\":\"u9\",\"item_id\":\"z\"}\n");
  const auto lists = dir_.write("lists.jsonl", R"({"user_id":"u1","results":[{"item_id":"10"},{"item_id":"[PAD]"}]})");
  const ReportSection section = data_section({.workspace = workspace_, .lists = {{"mine", lists}}, .truth = truth});
  const auto& facts = first_of<ReportFacts>(section);
  EXPECT_EQ(facts[0].value, "2");
  EXPECT_EQ(facts[1].value, "2018-01-01");
  EXPECT_EQ(facts[2].value, "2019-01-01");
  EXPECT_THAT(first_of<ReportCharts>(section)[0].categories, ElementsAre("5", "10"));
  const auto& users = first_of<ReportTable>(section);
  EXPECT_THAT(users.columns, ElementsAre("Ids of", "users", "also in reviews", "also in the ground truth"));
  EXPECT_THAT(users.rows, ElementsAre(ElementsAre("reviews", "2", "", "1 (50.0 %)"),
                                      ElementsAre("the ground truth", "2", "1 (50.0 %)", ""),
                                      ElementsAre("mine", "1", "1 (100.0 %)", "1 (100.0 %)")));
  const auto& items = std::get<ReportTable>(section.blocks.back());
  EXPECT_THAT(items.rows.back(), ElementsAre("mine", "1", "1 (100.0 %)", "0 (0.0 %)"));
}

TEST_F(ReportWorkspace, TitlesAreReadForWhatIsAskedFor) {
  (void)dir_.write("2_summary.jsonl",
                   "{\"item_id\":\"a\",\"item_title\":\"Barge\"}\n{\"item_id\":\"b\",\"item_title\":\"x\"}\n");
  ItemTitles titles{{ItemId("a"), ""}, {ItemId("c"), ""}};
  read_item_titles(workspace_, titles);
  EXPECT_EQ(titles.at(ItemId("a")), "Barge");
  EXPECT_EQ(titles.at(ItemId("c")), "");
  EXPECT_EQ(titles.size(), 2U);
}

}  // namespace
}  // namespace persona4rec::test
