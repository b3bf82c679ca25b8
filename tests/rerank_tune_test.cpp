// `rerank --tune` and explanations, on caches written by hand.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "io/jsonl_reader.hpp"
#include "persona4rec/error.hpp"
#include "persona4rec/explain.hpp"
#include "persona4rec/rerank.hpp"
#include "records/review_uid.hpp"
#include "support/hand_made_cache.hpp"
#include "support/rows.hpp"
#include "support/temp_dir.hpp"

namespace persona4rec {
namespace {

using test::HandMadeCache;
using test::TempDir;
using ::testing::HasSubstr;

constexpr int kUsers = 30;

// Users want the item that their words name; the candidate order is wrong for all of them.
HandMadeCache wordy_cache() {
  HandMadeCache cache{.items = {{"harp", {{0, 1.0F}}, {{"harp_P1", {1, 0}}}},
                                {"drums", {{1, 1.0F}}, {{"drums_P1", {1, 0}}}},
                                {"piano", {{2, 1.0F}}, {{"piano_P1", {0.5F, 0.5F}}}}}};
  for (std::uint32_t u = 0; u < kUsers; ++u) {
    cache.users.push_back({"u" + std::to_string(u), {1, 0}, {{u % 3, 1.0F}}});
  }
  return cache;
}

class Tune : public ::testing::Test {
 protected:
  Tune() {
    wordy_cache().write(dir_ / "cache");
    options_.cache = dir_ / "cache";
    options_.candidates = dir_ / "candidate.test.jsonl";
    options_.valid_candidates = dir_ / "candidate.valid.jsonl";
    options_.targets = dir_ / "3.5_targets.jsonl";
    options_.output = dir_ / "reranked.jsonl";
    options_.tune = true;
    const std::vector<std::string> items = {"harp", "drums", "piano"};
    std::vector<CandidateRow> lists;
    std::vector<TargetRow> targets;
    for (std::size_t u = 0; u < kUsers; ++u) {
      CandidateRow list{.user_id = UserId("u" + std::to_string(u))};
      for (std::size_t i = 1; i <= 3; ++i) {  // the wanted item last
        list.results.push_back({ItemId(items[(u + i) % 3]), 1.0 / static_cast<double>(i)});
      }
      lists.push_back(list);
      targets.push_back({list.user_id,
                         ItemId(items[u % 3]),
                         ReviewId(std::to_string(u)),
                         {.ms = 1, .text = "1"},
                         TargetSplit::kValid});
    }
    test::write_rows(options_.valid_candidates, lists);
    test::write_rows(options_.candidates, lists);
    test::write_rows(options_.targets, targets);
  }

  TempDir dir_;
  RerankOptions options_;
};

TEST_F(Tune, FindsWhatHelpsOverTheWholeRange) {
  const auto report = rerank(options_);
  ASSERT_TRUE(report.tuned.has_value());
  EXPECT_EQ(report.tuned->lists, 30U);
  EXPECT_GT(report.tuned->ndcg, report.tuned->default_ndcg);
  EXPECT_NEAR(report.tuned->ndcg, 1, 1e-12);
  EXPECT_GT(report.weights.words, 0);  // words decide
  EXPECT_EQ(report.weights.head, 0);
  EXPECT_EQ(report.weights_from, "tuned");
  const auto rows = read_jsonl<RerankedRow>(options_.output);
  EXPECT_EQ(rows[0].results[0].item_id, ItemId("harp"));
}

TEST_F(Tune, AnOrderThatSaysNothingMayLoseAllItsWeight) {
  const auto report = rerank(options_);
  EXPECT_EQ(report.weights.base, 0);
}

TEST_F(Tune, StoresTheWeightsForLaterRuns) {
  const auto tuned = rerank(options_).weights;
  options_.tune = false;
  EXPECT_EQ(rerank(options_).weights, kFrozenWeights);  // not used unless asked for
  options_.scoring.tuned = true;
  EXPECT_EQ(rerank(options_).weights, tuned);
  EXPECT_TRUE(std::filesystem::exists(meta_path(options_.cache / "tuned_weights.json")));
  auto rebuilt = wordy_cache();
  rebuilt.build = "B2";
  rebuilt.write(options_.cache);
  EXPECT_THROW(rerank(options_), Error);
}

TEST_F(Tune, CountsListsThatTeachNothing) {
  auto lists = read_jsonl<CandidateRow>(options_.valid_candidates);
  lists[0].user_id = UserId("stranger");
  for (auto& candidate : lists[1].results) candidate.item_id = ItemId("elsewhere");
  test::write_rows(options_.valid_candidates, lists);
  const auto report = rerank(options_);
  EXPECT_EQ(report.tuned->lists, 28U);
  EXPECT_EQ(report.tuned->without_truth, 1U);
  EXPECT_EQ(report.tuned->target_missing, 1U);
}

TEST_F(Tune, AUserWithSeveralValidTargetsTeachesOnceForEachAndTheOthersAreNoWrongAnswers) {
  const double ndcg_of_one = rerank(options_).tuned->default_ndcg;
  auto targets = read_jsonl<TargetRow>(options_.targets);
  const auto first = targets.front();
  auto lists = read_jsonl<CandidateRow>(options_.valid_candidates);
  lists.resize(1);
  test::write_rows(options_.valid_candidates, lists);
  targets.resize(1);
  for (const auto* item : {"drums", "drums", "elsewhere"}) {
    auto more = first;
    more.item_id = ItemId(item);
    targets.push_back(more);
  }
  test::write_rows(options_.targets, targets);
  const auto report = rerank(options_).tuned;
  EXPECT_EQ(report->lists, 2U) << "harp and drums; elsewhere is not in the list";
  EXPECT_EQ(report->target_missing, 0U);
  EXPECT_GT(report->default_ndcg, ndcg_of_one) << "two candidates are left in each list, not three";
}

TEST_F(Tune, TunedWeightsBringTheirAlphaAlong) {
  options_.scoring.alpha = 0.5;
  (void)rerank(options_);
  options_.tune = false;
  options_.scoring = {.tuned = true};
  EXPECT_EQ(rerank(options_).alpha, 0.5);
  options_.scoring.alpha = 0.5;
  EXPECT_EQ(rerank(options_).alpha, 0.5);
  options_.scoring.alpha = 0.85;
  try {
    (void)rerank(options_);
    FAIL() << "weights tuned with one alpha were used with another";
  } catch (const Error& error) {
    EXPECT_EQ(error.exit_code(), 2);
    EXPECT_THAT(error.what(), HasSubstr("alpha 0.5"));
  }
}

TEST_F(Tune, WithoutWordsLeavesThemOff) {
  options_.scoring.no_words = true;
  EXPECT_EQ(rerank(options_).weights.words, 0);
}

TEST_F(Tune, RefusesWeightsBesideIt) {
  options_.scoring.weights = {1, 1, 1};
  EXPECT_THROW(rerank(options_), Error);
}

class Explain : public ::testing::Test {
 protected:
  Explain() {
    const auto history = HistoryRow{UserId("u"), {review("u", "i9", "I like the harp", 1)}};
    const auto other = HistoryRow{UserId("v"), {review("v", "i1", "what a harp\nthis is", 2)}};
    test::write_rows<HistoryRow>(dir_ / "history.jsonl", {history, other});
    PersonaWithSummaryRow personas{.item_id = ItemId("i1"), .personas = {}};
    personas.personas.push_back(
        {{"P1", "Harpist", "Loves strings.", "Because of the strings.", {}}, "a harp record", PersonaId("i1_P1")});
    test::write_rows<PersonaWithSummaryRow>(dir_ / "personas.jsonl", {personas});
    HandMadeCache{.items = {{"i1", {{0, 1.0F}}, {{"i1_P1", {1, 0}, {}, {uid(other.reviews[0])}}}}, {"i2", {}, {}}},
                  .users = {{"u", {1, 0}, {{0, 1.0F}}}},
                  .rows = {{uid(history.reviews[0]), "u", "i9", {0.5F, 0}}, {uid(other.reviews[0]), "v", "i1", {1, 0}}},
                  .liked = {{"u", Json::array({uid(history.reviews[0])})}}}
        .write(dir_ / "cache");
    options_.cache = dir_ / "cache";
    options_.candidates =
        dir_.write("c.jsonl", R"({"user_id":"u","results":[{"item_id":"i2","score":2},{"item_id":"i1","score":1}]})"
                              "\n");
    options_.scoring.weights = {1, 1, 1};
    what_ = {.user = UserId("u"),
             .count = 2,
             .history = dir_ / "history.jsonl",
             .persona_with_summary = dir_ / "personas.jsonl"};
  }

  static HistoryReview review(const std::string& user, const std::string& item, const std::string& text, int time) {
    return {.user_id = UserId(user),
            .item_id = ItemId(item),
            .review_title = "Title",
            .summary = "",
            .extracted = Json::object(),
            .timestamp = {.ms = time, .text = std::to_string(time)},
            .rating = {.value = 5},
            .review_id = ReviewId(user + item),
            .review_text = text};
  }
  static std::string uid(const HistoryReview& review) { return review_uid(review, false); }

  TempDir dir_;
  RerankOptions options_;
  ExplainOptions what_;
};

TEST_F(Explain, NamesPersonaSupportHistoryAndWords) {
  const Json explanation = explain(options_, what_);
  ASSERT_EQ(explanation["results"].size(), 2U);
  EXPECT_EQ(explanation["candidates"], 2);
  const Json& i1 = explanation["results"][1];
  EXPECT_EQ(i1["item_id"], "i1");
  EXPECT_EQ(i1["rank"], 2);
  EXPECT_EQ(i1["base_rank"], 2);
  EXPECT_EQ(i1["persona"]["description"], "Loves strings.");
  EXPECT_EQ(i1["support"][0]["text"], "what a harp\nthis is");
  EXPECT_EQ(i1["support"][0]["user_id"], "v");
  EXPECT_EQ(i1["history"][0]["text"], "I like the harp");
  EXPECT_NEAR(i1["history"][0]["similarity"].get<double>(), 0.5, 1e-6);
  EXPECT_EQ(i1["words"], Json::array({"harp"}));
  EXPECT_NEAR(i1["channels"]["persona"]["value"].get<double>(), 1, 1e-6);
  EXPECT_TRUE(explanation["results"][0]["persona"].is_null());
}

TEST_F(Explain, ReadsWellForAPerson) {
  const auto text = explanation_text(explain(options_, what_));
  EXPECT_THAT(text, HasSubstr("user u, world test: best 2 of 2 candidates"));
  EXPECT_THAT(text, HasSubstr("2. i1   was 2"));
  EXPECT_THAT(text, HasSubstr("in common: harp"));
  EXPECT_THAT(text, HasSubstr("matched persona i1_P1 \"name of i1_P1\""));
  EXPECT_THAT(text, HasSubstr("Title | what a harp this is"));
  EXPECT_THAT(text, HasSubstr("no persona channel"));
}

TEST_F(Explain, RefusesBrokenRowsOfAUser) {
  const auto path = options_.cache / "user_profile" / "test" / "liked.begin.u64.mmap";
  const std::string whole = test::read_file(path);
  std::string huge = whole;
  huge.back() = '\x7F';  // an offset of 2^62
  for (const auto& broken : {whole.substr(8), whole + "12345678", huge}) {
    write_file(path, broken);
    try {
      (void)explain(options_, what_);
      ADD_FAILURE() << broken.size();
    } catch (const Error& error) {
      EXPECT_EQ(error.exit_code(), 3);
      EXPECT_THAT(error.what(), HasSubstr("liked.begin.u64.mmap"));
    }
  }
}

TEST_F(Explain, OfACacheWithoutTablesToMapIsTheSame) {
  const Json whole = explain(options_, what_);
  std::filesystem::remove(options_.cache / "user_profile" / "test" / "liked.begin.u64.mmap");
  EXPECT_EQ(explain(options_, what_), whole);
  write_file(options_.cache / "user_item" / "index.json", R"({"u": [3]})");
  try {
    (void)explain(options_, what_);
    ADD_FAILURE();
  } catch (const Error& error) {
    EXPECT_EQ(error.exit_code(), 3);
    EXPECT_THAT(error.what(), HasSubstr("index.json"));
  }
}

TEST_F(Explain, ShowsTheBestAloneByDefault) {
  what_.count = 1;
  EXPECT_EQ(explain(options_, what_)["results"].size(), 1U);
}

TEST_F(Explain, SaysWhenNoListIsTheUsers) {
  what_.user = UserId("w");
  try {
    (void)explain(options_, what_);
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kInput);
    EXPECT_THAT(error.what(), HasSubstr("no list of the user \"w\""));
  }
}

// The history of world valid ends before that of world test.
TEST_F(Explain, LeavesLaterReviewsOutOfWorldValid) {
  auto cache = HandMadeCache{
      .items = {{"i1", {}, {{"i1_P1", {1, 0}}}}},
      .users = {{"u", {1, 0}, {}}},
      .rows = {{"000000000000late", "u", "i8", {1, 0}, "test"}, {"00000000000early", "u", "i9", {0.5F, 0}}},
      .liked = {{"u", Json::array({"000000000000late", "00000000000early"})}}};
  cache.write(options_.cache);
  options_.scoring.weights = {0, 0, 1};
  EXPECT_EQ(explain(options_, what_)["results"][1]["history"].size(), 2U);
  options_.world = World::kValid;
  const Json history = explain(options_, what_)["results"][1]["history"];
  ASSERT_EQ(history.size(), 1U);
  EXPECT_EQ(history[0]["uid"], "00000000000early");
}

}  // namespace
}  // namespace persona4rec
