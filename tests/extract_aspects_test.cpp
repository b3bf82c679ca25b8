#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "asking/shard.hpp"
#include "io/artifacts.hpp"
#include "io/jsonl_reader.hpp"
#include "io/provenance.hpp"
#include "persona4rec/extract_aspects.hpp"
#include "support/fake_chat_client.hpp"
#include "support/filled_pipe.hpp"
#include "support/paths.hpp"
#include "support/temp_dir.hpp"

namespace persona4rec {
namespace {

using test::answered;
using test::FakeChatClient;
using test::read_file;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kReviews =
    R"({"item":"i1","user":"u1","rating":5,"timestamp":11,"title":"Loud","text":"A loud record."}
{"item":"i2","user":"u1","rating":1.0,"timestamp":12,"title":"","text":"  "}
{"item":"i1","user":"u2","rating":3,"timestamp":13,"title":"So so","text":"Refuse me."}
{"item":"i3","user":"u3","rating":4,"timestamp":14,"text":"Last, with a quiet end."}
)";

class ExtractAspectsTest : public testing::Test {
 protected:
  ExtractAspectsTest() { options_.answers.max_rejects = 1; }

  static ChatOutcome respond(const ChatRequest& request) {
    if (request.user.find("Refuse") != std::string::npos) return test::set_aside("refused");
    Json answer = Json::object();  // last key first: rows must not depend on the order of an answer
    const Json& properties = request.schema->at("properties");
    std::vector<std::string> keys;
    for (const auto& [key, value] : properties.items()) keys.insert(keys.begin(), key);
    for (const auto& key : keys) answer[key] = key + " of " + request.facts.at("title").get<std::string>();
    return answered(answer);
  }

  std::vector<AspectRow> rows() { return read_jsonl<AspectRow>(options_.output); }

  test::TempDir dir_;
  FakeChatClient client_{respond};
  ExtractAspectsOptions options_{.reviews = dir_.write("reviews.jsonl", kReviews),
                                 .output = dir_ / "1_aspects.jsonl",
                                 .schema = {.item = "item",
                                            .user = "user",
                                            .rating = "rating",
                                            .timestamp = "timestamp",
                                            .title = "title",
                                            .text = "text",
                                            .id = {},
                                            .time = {}},
                                 .prompts = test::source_dir() / "prompts/amazon",
                                 .selection = {},
                                 .progress = {}};
};

TEST_F(ExtractAspectsTest, EveryUsableReviewGetsARowWhateverBecomesOfItsAnswer) {
  const auto report = extract_aspects(options_, client_);
  const auto written = rows();
  ASSERT_EQ(written.size(), 4U);
  EXPECT_EQ(written[0].status, AspectStatus::kOk);
  EXPECT_EQ(written[0].extracted_aspects["quality_criteria"], "quality_criteria of Loud");
  EXPECT_EQ(written[0].review_text, "A loud record.");
  EXPECT_EQ(written[0].timestamp.ms, 11);
  EXPECT_EQ(written[1].status, AspectStatus::kNoText);
  EXPECT_EQ(written[1].review_text, "  ");
  EXPECT_TRUE(written[1].extracted_aspects.at("usage_context").is_null());
  EXPECT_EQ(written[2].status, AspectStatus::kRejected);
  EXPECT_TRUE(written[2].extracted_aspects.at("quality_criteria").is_null());
  EXPECT_EQ(written[3].review_id.text(), "3");
  EXPECT_TRUE(report.written);
  EXPECT_EQ(report.reviews, 4U);
  EXPECT_EQ(report.no_text, 1U);
  EXPECT_EQ(report.answers.answered, 2U);
  EXPECT_EQ(report.answers.rejected, 1U);
  EXPECT_EQ(client_.requests.size(), 3U);
  EXPECT_THAT(read_file(dir_ / "1_aspects.rejects.jsonl"), HasSubstr("review 2"));
}

TEST_F(ExtractAspectsTest, ReviewsFromAPipeGiveTheSameRows) {
  static_cast<void>(extract_aspects(options_, client_));
  const auto from_file = read_file(options_.output);
  const test::FilledPipe pipe(kReviews);
  options_.reviews = pipe.path();
  EXPECT_EQ(extract_aspects(options_, client_).reviews, 4U);
  EXPECT_EQ(read_file(options_.output), from_file);
}

TEST_F(ExtractAspectsTest, HtmlEntitiesAreDecodedAndCounted) {
  options_.reviews =
      dir_.write("entities.jsonl",
                 R"({"item":"i1","user":"u1","rating":5,"timestamp":11,"title":"A &amp; B","text":"&quot;Yes&quot;"})"
                 "\n");
  EXPECT_EQ(extract_aspects(options_, client_).decoded, 1U);
  EXPECT_EQ(rows()[0].review_text, "\"Yes\"");
  EXPECT_EQ(rows()[0].raw_start, "&quot;Yes&quot;");
  EXPECT_THAT(client_.requests.back().user, HasSubstr("A & B"));
  EXPECT_EQ(read_meta(options_.output).at("counts").at("decoded"), 1);
}

// Two texts change; the store has the answer to one of them as it was, the other was never asked.
TEST_F(ExtractAspectsTest, TextsWhoseOldAnswerTheStoreHasAreCountedAsAskedAnew) {
  const auto row = [](int user, const char* text) {
    return R"({"item":"i1","user":"u)" + std::to_string(user) +
           R"(","rating":5,"timestamp":11,"title":"A &amp; B","text":")" + text + "\"}\n";
  };
  options_.reviews = dir_.write("entities.jsonl", row(1, "one &lt;3") + row(2, "two &lt;3") + row(3, "three"));
  client_.knows = [](const ChatRequest& request) { return request.user.find("one &lt;3") != std::string::npos; };
  const auto report = extract_aspects(options_, client_);
  EXPECT_EQ(report.decoded, 3U);
  EXPECT_EQ(report.asked_anew, 1U);
  FakeChatClient knowing{respond};
  knowing.knows = [](const ChatRequest&) { return true; };  // the new texts too: nothing is asked
  EXPECT_EQ(extract_aspects(options_, knowing).asked_anew, 0U);
  FakeChatClient without_store{respond};
  EXPECT_EQ(extract_aspects(options_, without_store).asked_anew, 0U);
}

TEST_F(ExtractAspectsTest, KeysAreThoseOfTheAnswerSchemaInItsOrder) {
  static_cast<void>(extract_aspects(options_, client_));
  std::vector<std::string> keys;
  const auto row = rows()[0];
  for (const auto& [key, value] : row.extracted_aspects.items()) keys.push_back(key);
  EXPECT_EQ(keys, (std::vector<std::string>{"category_preference_reason", "category_preference",
                                            "purchase_purpose_reason", "purchase_purpose", "quality_criteria_reason",
                                            "quality_criteria", "usage_context_reason", "usage_context"}));
}

TEST_F(ExtractAspectsTest, TooManyRejectsEndWithExitCodeFourAndTheArtifactStands) {
  options_.answers.max_rejects = 0;
  try {
    static_cast<void>(extract_aspects(options_, client_));
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.exit_code(), 4);
  }
  EXPECT_EQ(rows().size(), 4U);
  EXPECT_TRUE(std::filesystem::exists(meta_path(options_.output)));
}

TEST_F(ExtractAspectsTest, PromptsShowTheReviewAndNoPlaceholder) {
  static_cast<void>(extract_aspects(options_, client_));
  const auto& asked = client_.labelled("review 0");
  EXPECT_THAT(asked.user, HasSubstr("Title: Loud"));
  EXPECT_THAT(asked.user, HasSubstr("A loud record."));
  EXPECT_THAT(asked.user, HasSubstr("Stars: 5"));
  EXPECT_THAT(client_.labelled("review 3").user, Not(HasSubstr("Title:")));
  EXPECT_THAT(asked.system + asked.user, Not(HasSubstr("{{")));
}

TEST_F(ExtractAspectsTest, ShortTextsAreNotAskedAndLongOnesAreCutForThePromptAlone) {
  options_.min_text_chars = 12;
  std::string text;
  for (int i = 0; i < 400; ++i) text += "long ";
  options_.reviews =
      dir_.write("long.jsonl", R"({"item":"i","user":"u","rating":5,"timestamp":1,"title":"","text":"Too short."})"
                               "\n"
                               R"({"item":"i","user":"u","rating":5,"timestamp":1,"title":"","text":")" +
                                   text + "\"}\n");
  options_.prompt_tokens = 500;
  const auto report = extract_aspects(options_, client_);
  EXPECT_EQ(report.no_text, 1U);
  EXPECT_EQ(report.shortened, 1U);
  ASSERT_EQ(client_.requests.size(), 1U);
  EXPECT_LT(client_.requests[0].facts["text"].get<std::string>().size(), text.size());
  EXPECT_EQ(rows()[1].review_text, text);
}

TEST_F(ExtractAspectsTest, SecondsReadAsMillisecondsAreWarnedOf) {
  testing::internal::CaptureStderr();
  static_cast<void>(extract_aspects(options_, client_));
  EXPECT_THAT(testing::internal::GetCapturedStderr(),
              HasSubstr("reviews.jsonl: times from 1970-01-01 to 1970-01-01, read as milliseconds"));
}

TEST_F(ExtractAspectsTest, AnEstimateWritesNothing) {
  client_.only_looks = true;
  const auto report = extract_aspects(options_, client_);
  EXPECT_FALSE(report.written);
  EXPECT_EQ(client_.requests.size(), 3U);
  EXPECT_FALSE(std::filesystem::exists(options_.output));
}

TEST_F(ExtractAspectsTest, ShardsMergeToTheBytesOfOneRun) {
  static_cast<void>(extract_aspects(options_, client_));
  const auto artifact = read_file(options_.output);
  const auto meta = read_file(meta_path(options_.output));
  const auto rejects = read_file(rejects_path(options_.output));
  std::filesystem::remove(options_.output);
  for (std::uint64_t i = 1; i <= 3; ++i) {
    options_.answers.shard = {i, 3};
    FakeChatClient client{respond};
    static_cast<void>(extract_aspects(options_, client));
  }
  static_cast<void>(merge_shards(options_.output, 3));
  EXPECT_EQ(read_file(options_.output), artifact);
  EXPECT_EQ(read_file(meta_path(options_.output)), meta);
  EXPECT_EQ(read_file(rejects_path(options_.output)), rejects);
}

TEST_F(ExtractAspectsTest, SettingsOfTheRunStandInTheMetaFile) {
  options_.selection.users = 2;
  const auto report = extract_aspects(options_, client_);
  EXPECT_EQ(report.reviews, 3U);
  EXPECT_EQ(report.left_out, 1U);
  const Json meta = read_meta(options_.output);
  EXPECT_EQ(meta["settings"]["users"], 2);
  EXPECT_TRUE(meta["settings"]["sample"].is_null());
  EXPECT_EQ(meta["settings"]["time_unit"], "ms");
  EXPECT_EQ(meta["model"], "fake");
  EXPECT_EQ(meta["prompts"]["extract_aspects"].get<std::string>().size(), 64U);
  EXPECT_EQ(meta["counts"]["input_left_out"], 1);
}

TEST_F(ExtractAspectsTest, ABrokenRowNamesItsPlaceUnlessItMayBeSkipped) {
  options_.reviews = dir_.write("bad.jsonl", std::string(kReviews) + "{\"item\":\"i\"}\n");
  try {
    static_cast<void>(extract_aspects(options_, client_));
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.exit_code(), 3);
    EXPECT_THAT(error.what(), HasSubstr("bad.jsonl:5"));
  }
  EXPECT_FALSE(std::filesystem::exists(options_.output));
  options_.max_bad_rows = 1;
  EXPECT_EQ(extract_aspects(options_, client_).bad_rows, 1U);
}

}  // namespace
}  // namespace persona4rec
