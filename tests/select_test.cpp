#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <set>

#include "asking/shard.hpp"
#include "base/parallel.hpp"
#include "io/artifacts.hpp"
#include "io/jsonl_reader.hpp"
#include "io/output_file.hpp"
#include "lexical/fact_words.hpp"
#include "lexical/term_vector.hpp"
#include "persona4rec/select.hpp"
#include "select/persona_store.hpp"
#include "select/shared_items.hpp"
#include "select/user_history.hpp"
#include "support/fake_chat_client.hpp"
#include "support/filled_pipe.hpp"
#include "support/paths.hpp"
#include "support/persona_rows.hpp"
#include "support/rows.hpp"
#include "support/temp_dir.hpp"

namespace persona4rec {
namespace {

using test::answered;
using test::FakeChatClient;
using test::item_personas;
using test::read_file;
using testing::HasSubstr;
using testing::Not;

HistoryReview review(const std::string& user, const std::string& item, double rating, int ms) {
  return {.user_id = UserId(user),
          .item_id = ItemId(item),
          .review_title = "title " + std::to_string(ms),
          .summary = "summary of " + item,
          .extracted = Json::object(),
          .timestamp = {.ms = ms, .text = std::to_string(ms)},
          .rating = {.value = rating},
          .review_id = ReviewId("r" + std::to_string(ms)),
          .review_text = "text " + std::to_string(ms)};
}

TargetRow target(const std::string& user, const std::string& item, int ms, TargetSplit split) {
  return {.user_id = UserId(user),
          .item_id = ItemId(item),
          .review_id = ReviewId("r" + std::to_string(ms)),
          .timestamp = {.ms = ms, .text = std::to_string(ms)},
          .split = split};
}

// Always the last persona by number.
ChatOutcome respond(const ChatRequest& request) {
  std::string last;
  for (const auto& option : request.facts["personas"]) last = std::max(last, option["id"].get<std::string>());
  return answered({{"selection_reasoning", "reason"}, {"selected_persona_id", last}});
}

class SelectTest : public testing::Test {
 protected:
  SelectTest() {
    histories_ = {{UserId("u"),
                   {review("u", "i1", 5, 1), review("u", "i2", 2, 2), review("u", "i3", 4, 3), review("u", "i4", 5, 4),
                    review("u", "i5", 5, 5)}},
                  {UserId("silent"), {review("silent", "i1", 5, 6)}},
                  {UserId("v"), {review("v", "i2", 2.5, 7), review("v", "i1", 3, 8), review("v", "i3", 1, 9)}}};
    targets_ = {target("u", "i1", 1, TargetSplit::kTrain), target("u", "i3", 3, TargetSplit::kTrain),
                target("u", "i4", 4, TargetSplit::kValid), target("u", "i5", 5, TargetSplit::kTest),
                target("v", "i1", 8, TargetSplit::kTrain), target("v", "i3", 9, TargetSplit::kTrain)};
    personas_ = {item_personas("i1", 3), item_personas("i3", 4), item_personas("i4", 1)};
    write();
  }

  void write() {
    test::write_rows(options_.history, histories_);
    test::write_rows(options_.targets, targets_);
    test::write_rows(options_.persona_with_summary, personas_);
  }
  std::vector<SelectedPersonaRow> rows() { return read_jsonl<SelectedPersonaRow>(options_.output); }

  test::TempDir dir_;
  std::vector<HistoryRow> histories_;
  std::vector<TargetRow> targets_;
  std::vector<PersonaWithSummaryRow> personas_;
  FakeChatClient client_{respond};
  SelectOptions options_{.targets = dir_ / "3.5_targets.jsonl",
                         .history = dir_ / "3.5_history.jsonl",
                         .persona_with_summary = dir_ / "3.5_persona_with_summary.jsonl",
                         .output = dir_ / "4_selected_personas.jsonl",
                         .prompts = test::source_dir() / "prompts/amazon",
                         .split = {},
                         .time = {},
                         .words = {.min_documents = 1, .max_document_share = 1},
                         .progress = {}};
};

TEST_F(SelectTest, JudgesTrainTargetsByWhatCameBefore) {
  const auto report = select_personas(options_, client_);
  const auto written = rows();
  ASSERT_EQ(written.size(), 2U);
  EXPECT_EQ(written[0].user_id.text(), "u");
  EXPECT_EQ(written[0].target_item_id.text(), "i3");
  EXPECT_EQ(written[0].selected_persona_id, "P4");
  EXPECT_EQ(written[0].selected_persona_name, "Name P4");
  EXPECT_EQ(written[0].selected_persona.unique_persona_id.text(), "i3_P4");
  EXPECT_EQ(written[0].split, TargetSplit::kTrain);
  EXPECT_EQ(report.targets, 4U);
  EXPECT_EQ(report.without_history, 2U) << "u's first review, and v's before i1: 2.5 stars are no opinion";
  EXPECT_EQ(report.other_targets, 2U) << "valid and test";
  EXPECT_EQ(report.selected, 2U);

  const auto& asked = client_.labelled("user u, item i3");
  EXPECT_THAT(asked.user, HasSubstr("- Liked (5 stars): title 1"));
  EXPECT_THAT(asked.user, HasSubstr("- Disliked (2 stars): title 2"));
  for (const auto* later : {"title 3", "title 4", "title 5"}) EXPECT_THAT(asked.user, Not(HasSubstr(later)));
  EXPECT_THAT(client_.labelled("user v, item i3").user, Not(HasSubstr("title 7")));
}

TEST_F(SelectTest, InputsFromPipesGiveTheSameSelection) {
  static_cast<void>(select_personas(options_, client_));
  const auto from_files = read_file(options_.output);
  const test::FilledPipe targets(read_file(options_.targets));
  const test::FilledPipe history(read_file(options_.history));
  const test::FilledPipe personas(read_file(options_.persona_with_summary));
  options_.targets = targets.path();
  options_.history = history.path();
  options_.persona_with_summary = personas.path();
  static_cast<void>(select_personas(options_, client_));
  EXPECT_EQ(read_file(options_.output), from_files);
}

TEST_F(SelectTest, AClientThatAnswersAtOnceAndReadsNoPromptsGetsVectorsForTexts) {
  histories_[0].reviews[0].review_text = "The <b>name</b> of P2";
  write();
  static_cast<void>(select_personas(options_, client_));
  const auto one_by_one = read_file(options_.output);
  const Json facts = client_.labelled("user u, item i3").facts;
  client_.requests.clear();
  client_.at_once = true;
  client_.reads = false;
  static_cast<void>(select_personas(options_, client_));
  EXPECT_EQ(read_file(options_.output), one_by_one);
  const auto& bare = client_.labelled("user u, item i3");
  EXPECT_EQ(bare.user, "");
  EXPECT_EQ(bare.facts.at("reviews"), Json({{{"liked", true}}, {{"liked", false}}}));
  const PersonaStore store(options_.persona_with_summary, options_.output, 0, options_.words);
  ASSERT_EQ(bare.words->reviews.size(), 2U);
  EXPECT_EQ(*bare.words->reviews[0], term_vector(store.vocabulary(), "name P2"));
  EXPECT_EQ(bare.words->reviews[0]->size(), 2U);
  EXPECT_TRUE(bare.words->reviews[1]->empty()) << "it has no word of the personas";
  ASSERT_EQ(bare.words->personas.size(), 4U);
  for (std::size_t i = 0; i < 4; ++i) {
    const auto id = facts.at("personas").at(i).at("id").get<std::string>();
    EXPECT_EQ(bare.facts.at("personas").at(i), Json({{"id", id}})) << "in the same order";
    EXPECT_EQ(*bare.words->personas[i],
              term_vector(store.vocabulary(), "Name " + id + "\nDescription of " + id + "\nRationale " + id));
  }
}

TEST_F(SelectTest, WhereAHistoryHasNoTextsItsSummariesAreReadByTheWordsAtHand) {
  for (auto& each : histories_[0].reviews) {
    each.review_text = std::nullopt;
    each.summary = "Rationale with zither";
  }
  personas_[2].personas[0].persona.description = "zither";  // of another item
  write();
  client_.reads = false;
  static_cast<void>(select_personas(options_, client_));
  const auto& bare = client_.labelled("user u, item i3");
  const PersonaStore store(options_.persona_with_summary, options_.output, 0, options_.words);
  ASSERT_TRUE(store.vocabulary().find("zither"));
  EXPECT_EQ(*bare.words->reviews[0], term_vector(store.vocabulary(), "rationale"));
}

TEST(UserHistory, MakesTheVectorOfAReviewOnceForAllThreads) {
  const UserHistory history({UserId("u"), {review("u", "i1", 5, 1), review("u", "i2", 2, 2)}});
  std::atomic<std::uint32_t> made = 0;
  parallel_ranges(200, 1, 4, [&](std::size_t i, std::size_t) {
    const auto number = static_cast<std::uint32_t>(i % 2);
    const auto& vector = history.vector_of(history.row().reviews[number], [&] {
      ++made;
      return SparseVector{{number}, {1.0F}};
    });
    EXPECT_EQ(vector.terms.front(), number);
  });
  EXPECT_EQ(made, 2U);
}

TEST_F(SelectTest, ItemsAreRememberedWithinABoundAndComeBackTheSame) {
  const PersonaStore store(options_.persona_with_summary, options_.output, 0, options_.words);
  SharedItems many(store, true);
  const auto first = many.find(ItemId("i1"));
  EXPECT_EQ(many.find(ItemId("i1")), first) << "the same object";
  EXPECT_EQ(first->personas.size(), 3U);
  EXPECT_EQ(first->rows[2], to_json(personas_[0].personas[2]).dump());
  EXPECT_EQ(many.bytes(), first->bytes());
  EXPECT_TRUE(many.find(ItemId("nobody's"))->personas.empty());

  SharedItems one(store, true, first->bytes() + 100);
  const auto before = one.find(ItemId("i1"));
  static_cast<void>(one.find(ItemId("i4")));
  EXPECT_LE(one.bytes(), first->bytes() + 100);
  const auto again = one.find(ItemId("i1"));
  EXPECT_NE(again, before) << "it was forgotten";
  EXPECT_EQ(again->rows, first->rows);
  EXPECT_EQ(again->facts, first->facts);

  const auto bare = SharedItems(store, false).find(ItemId("i1"));
  EXPECT_EQ(bare->rows, first->rows);
  EXPECT_TRUE(bare->facts.empty()) << "nobody reads them";
  EXPECT_EQ(bare->vectors.size(), 3U);
  EXPECT_EQ(bare->terms(store.vocabulary()).size(), 6U) << "description, name, rationale, three ids";
}

TEST_F(SelectTest, OnlyTheNewestOpinionsAreShown) {
  options_.newest = 1;
  static_cast<void>(select_personas(options_, client_));
  EXPECT_THAT(client_.labelled("user u, item i3").user, Not(HasSubstr("title 1")));
  EXPECT_THAT(client_.labelled("user u, item i3").user, HasSubstr("title 2"));
}

TEST_F(SelectTest, TheAnswerIsAnEnumInAnOrderOfTheSeed) {
  std::set<std::string> orders;
  for (std::uint64_t seed = 0; seed < 8; ++seed) {
    options_.split.seed = seed;
    FakeChatClient client{respond};
    static_cast<void>(select_personas(options_, client));
    const auto& request = client.labelled("user u, item i3");
    const Json ids = request.schema->at("properties").at("selected_persona_id").at("enum");
    std::vector<std::string> shown;
    for (const auto& option : request.facts["personas"]) shown.push_back(option["id"]);
    EXPECT_EQ(Json(shown), ids);
    EXPECT_THAT(shown, testing::UnorderedElementsAre("P1", "P2", "P3", "P4"));
    orders.insert(ids.dump());
  }
  EXPECT_GT(orders.size(), 2U) << "the order must not favour a persona";
}

TEST_F(SelectTest, ItemsWithOneOrNoPersonaAreCountedNotGuessed) {
  personas_ = {item_personas("i1", 0), item_personas("i3", 1)};
  write();
  const auto report = select_personas(options_, client_);
  EXPECT_EQ(report.single_persona, 2U);
  EXPECT_EQ(report.without_persona, 2U);
  EXPECT_EQ(client_.requests.size(), 0U);
  EXPECT_EQ(rows().size(), 2U);
}

TEST_F(SelectTest, ARejectedAnswerMakesNoRow) {
  FakeChatClient refusing([](const ChatRequest& request) {
    return request.label == "user u, item i3" ? test::set_aside("no enum member") : respond(request);
  });
  options_.answers.max_rejects = 2;
  const auto report = select_personas(options_, refusing);
  EXPECT_EQ(report.answers.rejected, 1U);
  EXPECT_EQ(rows().size(), 1U);
  EXPECT_THAT(read_file(dir_ / "4_selected_personas.rejects.jsonl"), HasSubstr("user u, item i3"));
}

TEST_F(SelectTest, APublishedFileIsNeverReplacedByAnEmptyOne) {
  write_file(options_.output, "published");
  const auto message = [&](ChatClient& client) {
    try {
      static_cast<void>(select_personas(options_, client));
    } catch (const Error& error) {
      EXPECT_EQ(error.exit_code(), 3);
      return std::string(error.what());
    }
    return std::string();
  };
  options_.answers.max_rejects = 2;
  FakeChatClient refusing([](const ChatRequest&) { return test::set_aside("no enum member"); });
  EXPECT_THAT(message(refusing), HasSubstr("is left as it was"));
  EXPECT_THAT(read_file(dir_ / "4_selected_personas.rejects.jsonl"), HasSubstr("user u, item i3"));
  targets_ = {target("u", "i4", 4, TargetSplit::kValid)};
  write();
  EXPECT_THAT(message(client_), HasSubstr("has no target of split train (1 of others)"));
  EXPECT_EQ(read_file(options_.output), "published");
}

TEST_F(SelectTest, LikedAndDislikedFollowLikedFrom) {
  for (auto& history : histories_) {
    for (auto& each : history.reviews) each.rating.value = each.rating.value > 2.5 ? 1 : 0;
  }
  write();
  options_.split.liked_from = 1;
  static_cast<void>(select_personas(options_, client_));
  EXPECT_THAT(client_.labelled("user u, item i3").user, HasSubstr("- Liked (1 stars): title 1"));
  EXPECT_THAT(client_.labelled("user u, item i3").user, HasSubstr("- Disliked (0 stars): title 2"));
}

TEST_F(SelectTest, AMissingInputNamesTheCommandThatMakesIt) {
  std::filesystem::remove(options_.history);
  try {
    static_cast<void>(select_personas(options_, client_));
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("3.5_history.jsonl: cannot be opened: No such file or directory: "
                                        "run `persona4rec prepare` first"));
  }
}

TEST_F(SelectTest, TheReferenceSplitTakesItsTargetsAndLaterReviewsToo) {
  targets_ = {target("u", "i3", 3, TargetSplit::kReference), target("v", "i1", 8, TargetSplit::kTrain)};
  write();
  options_.split.policy = SplitPolicy::kReference;
  const auto report = select_personas(options_, client_);
  EXPECT_EQ(report.selected, 1U);
  EXPECT_EQ(rows()[0].split, TargetSplit::kReference);
  EXPECT_THAT(client_.labelled("user u, item i3").user, HasSubstr("title 5"));
  EXPECT_THAT(client_.labelled("user u, item i3").user, Not(HasSubstr("title 3")));
}

TEST_F(SelectTest, FilesThatDoNotBelongTogetherAreRefused) {
  targets_.push_back(target("nobody", "i1", 1, TargetSplit::kTrain));
  write();
  try {
    static_cast<void>(select_personas(options_, client_));
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.exit_code(), 3);
    EXPECT_THAT(error.what(), HasSubstr("persona4rec prepare"));
  }
  targets_.back() = target("v", "i9", 99, TargetSplit::kTrain);
  write();
  EXPECT_THROW(select_personas(options_, client_), Error);
}

TEST_F(SelectTest, ShardsMergeToTheBytesOfOneRun) {
  static_cast<void>(select_personas(options_, client_));
  const auto artifact = read_file(options_.output);
  const auto meta = read_file(meta_path(options_.output));
  for (std::uint64_t i = 1; i <= 3; ++i) {
    options_.answers.shard = {i, 3};
    FakeChatClient client{respond};
    static_cast<void>(select_personas(options_, client));
  }
  static_cast<void>(merge_shards(options_.output, 3));
  EXPECT_EQ(read_file(options_.output), artifact);
  EXPECT_EQ(read_file(meta_path(options_.output)), meta);
}

}  // namespace
}  // namespace persona4rec
