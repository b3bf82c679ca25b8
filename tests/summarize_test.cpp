#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "asking/shard.hpp"
#include "io/artifacts.hpp"
#include "io/jsonl_reader.hpp"
#include "persona4rec/summarize.hpp"
#include "support/fake_chat_client.hpp"
#include "support/paths.hpp"
#include "support/temp_dir.hpp"

namespace persona4rec {
namespace {

using test::answered;
using test::FakeChatClient;
using test::read_file;
using testing::HasSubstr;
using testing::Not;

std::string review(const std::string& item) {
  return R"({"item":")" + item + R"(","user":"u","rating":5,"timestamp":1,"text":"Secret words of a review."})" + "\n";
}

class SummarizeTest : public testing::Test {
 protected:
  static ChatOutcome respond(const ChatRequest& request) {
    if (request.label == "item refused") return test::set_aside("refused");
    return answered({{"item_summary", "About " + request.facts["title"].get<std::string>()}});
  }

  std::vector<SummaryRow> rows() { return read_jsonl<SummaryRow>(options_.output); }

  test::TempDir dir_;
  FakeChatClient client_{respond};
  SummarizeOptions options_{
      .metadata = dir_.write("meta.jsonl", R"({"item":"b","title":"Bee","description":["Small.","Yellow."]}
{"item":"unread","title":"No review"}
{"item":"a","title":"Ant","description":[]}
{"item":"b","title":"Second bee"}
{"item":"blank","title":"","description":[]}
{"item":"refused","title":"R"}
)"),
      .reviews = dir_.write("reviews.jsonl", review("a") + review("gone") + review("b") + review("a") +
                                                 review("blank") + review("refused")),
      .output = dir_ / "2_summary.jsonl",
      .dataset = {.review = {.item = "item",
                             .user = "user",
                             .rating = "rating",
                             .timestamp = "timestamp",
                             .title = {},
                             .text = "text",
                             .id = {},
                             .time = {}},
                  .item = {.item = "item", .title = "title", .description = {"description"}, .attributes = {}},
                  .prompts = test::source_dir() / "prompts/generic"},
      .selection = {},
      .answers = {.sampling = {.temperature = 0.3, .max_tokens = 300}, .max_rejects = 1},
      .progress = {}};
};

TEST_F(SummarizeTest, OneRowAnItemInTheOrderOfTheReviews) {
  const auto report = summarize(options_, client_);
  const auto written = rows();
  ASSERT_EQ(written.size(), 5U);
  const std::vector<std::string> order{"a", "gone", "b", "blank", "refused"};
  for (std::size_t i = 0; i < order.size(); ++i) EXPECT_EQ(written[i].item_id.text(), order[i]);
  EXPECT_EQ(written[0].item_summary, "About Ant");
  EXPECT_EQ(written[1].item_title + written[1].item_summary, "") << "no metadata, nothing to say";
  EXPECT_EQ(written[2].item_title, "Bee") << "of two metadata rows the first counts";
  EXPECT_EQ(written[2].item_description, "Small., Yellow.");
  EXPECT_EQ(written[4].item_summary, "");
  EXPECT_EQ(report.items, 5U);
  EXPECT_EQ(report.without_metadata, 1U);
  EXPECT_EQ(report.without_text, 1U);
  EXPECT_EQ(report.title_only, 2U);
  EXPECT_EQ(report.duplicates, 1U);
  EXPECT_EQ(report.unused, 1U);
  EXPECT_EQ(report.answers.rejected, 1U);
  EXPECT_EQ(client_.requests.size(), 3U);
}

TEST_F(SummarizeTest, NoPromptSeesAReview) {
  static_cast<void>(summarize(options_, client_));
  for (const auto& request : client_.requests) {
    EXPECT_THAT(request.system + request.user + request.facts.dump(), Not(HasSubstr("Secret")));
  }
  EXPECT_THAT(client_.labelled("item a").user, HasSubstr("no catalogue text"));
  EXPECT_THAT(client_.labelled("item b").user, HasSubstr("Yellow."));
}

TEST_F(SummarizeTest, ShardsMergeToTheBytesOfOneRun) {
  static_cast<void>(summarize(options_, client_));
  const auto artifact = read_file(options_.output);
  const auto meta = read_file(meta_path(options_.output));
  for (std::uint64_t i = 1; i <= 2; ++i) {
    options_.answers.shard = {i, 2};
    FakeChatClient client{respond};
    static_cast<void>(summarize(options_, client));
  }
  static_cast<void>(merge_shards(options_.output, 2));
  EXPECT_EQ(read_file(options_.output), artifact);
  EXPECT_EQ(read_file(meta_path(options_.output)), meta);
}

TEST_F(SummarizeTest, AmazonsPythonDictsOf2014AreReadAsTheyCome) {
  options_.metadata = dir_.write(
      "meta_2014.json",
      R"py({'item': 'a', 'title': 'The Crucible: Jerome Dempsey &amp; Cast', 'description': u'caf\xe9', 'price': 9.99}
{"item": "b", "title": "Bee"}
{u'item': u'refused', 'title': "It's R", 'related': {'also_bought': ['x', 'y']}}
)py");
  client_.knows = [](const ChatRequest& request) { return request.user.find("&amp;") != std::string::npos; };
  const auto report = summarize(options_, client_);
  EXPECT_EQ(report.asked_anew, 1U);
  EXPECT_EQ(rows()[0].item_title, "The Crucible: Jerome Dempsey & Cast");
  EXPECT_EQ(rows()[0].item_description, "caf\xC3\xA9");
  EXPECT_EQ(rows()[2].item_title, "Bee");
  EXPECT_EQ(rows()[4].item_title, "It's R");
  EXPECT_EQ(report.decoded, 1U);
  EXPECT_EQ(report.bad_rows, 0U);
}

TEST_F(SummarizeTest, ABrokenPythonDictIsAnErrorWithFileAndLine) {
  for (const std::string& row : {std::string("{'item': 'a', 'title': "), "{'item': " + std::string(100000, '[')}) {
    options_.metadata = dir_.write("meta_2014.json", "{'item': 'b'}\n" + row + "\n");
    try {
      static_cast<void>(summarize(options_, client_));
      FAIL() << "accepted";
    } catch (const Error& error) {
      EXPECT_EQ(error.exit_code(), 3);
      EXPECT_THAT(error.what(), HasSubstr("meta_2014.json:2: expected one whole Python dict"));
    }
  }
}

TEST_F(SummarizeTest, ScriptsInPlaceOfTitlesAreDroppedAndCounted) {
  options_.metadata = dir_.write(
      "meta.jsonl", R"({"item":"a","title":"var aPageStart = (new Date()).getTime();","description":["Small."]}
)");
  const auto report = summarize(options_, client_);
  EXPECT_EQ(report.script_titles, 1U);
  EXPECT_EQ(rows()[0].item_title, "");
  EXPECT_EQ(rows()[0].item_description, "Small.");
}

TEST_F(SummarizeTest, FieldsThatKnowTheFutureAreRefused) {
  options_.dataset.item.description = {"average_rating"};
  EXPECT_THROW(summarize(options_, client_), Error);
}

TEST_F(SummarizeTest, LongDescriptionsAreCutForThePromptAlone) {
  std::string text;
  for (int i = 0; i < 1000; ++i) text += "fact ";
  options_.metadata = dir_.write("long.jsonl", R"({"item":"a","title":"A","description":")" + text + "\"}\n");
  options_.prompt_tokens = 400;
  EXPECT_EQ(summarize(options_, client_).shortened, 1U);
  EXPECT_GT(rows()[0].item_description.size(), 4000U);
  EXPECT_LT(client_.labelled("item a").user.size(), 2000U);
}

}  // namespace
}  // namespace persona4rec
