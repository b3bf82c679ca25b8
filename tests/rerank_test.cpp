// Scoring, order and streams of `rerank`, on caches written by hand.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "io/jsonl_reader.hpp"
#include "persona4rec/error.hpp"
#include "persona4rec/rerank.hpp"
#include "support/input_error.hpp"
#include "support/rerank_fixture.hpp"
#include "support/rows.hpp"

namespace persona4rec {
namespace {

using test::list;
using test::message_of;
using test::small_cache;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

using Rerank = test::RerankFixture;

// z of a value among others, by the definition.
double z(double value, const std::vector<double>& all) {
  double mean = 0;
  for (const double one : all) mean += one / static_cast<double>(all.size());
  double squares = 0;
  for (const double one : all) squares += (one - mean) * (one - mean);
  return (value - mean) / std::sqrt(squares / static_cast<double>(all.size()));
}

TEST_F(Rerank, FusesTheChannelsByHand) {
  const auto report = run(list("u", {{"i2", 3}, {"i1", 2}, {"i3", 1}, {"i4", 0}}));
  EXPECT_EQ(report.weights, kFrozenWeights);
  const std::vector<double> base = {2, 3, 1, 0};          // i1, i2, i3, i4
  const std::vector<double> words = {0.5, 0.25, 0.25};    // i4 has none
  const std::vector<double> persona = {0.85, 0.5, -1.0};  // i3 has none; i1: .85 * 1 + .15 * 0
  EXPECT_NEAR(result("i1").score, z(2, base) + 0.75 * z(0.5, words) + 0.25 * z(0.85, persona), 1e-6);
  EXPECT_NEAR(result("i2").score, z(3, base) + 0.75 * z(0.25, words) + 0.25 * z(0.5, persona), 1e-6);
  EXPECT_NEAR(result("i3").score, z(1, base) + 0.75 * z(0.25, words), 1e-6);
  EXPECT_NEAR(result("i4").score, z(0, base) + 0.25 * z(-1, persona), 1e-6);
  EXPECT_THAT(items(), ElementsAre("i1", "i2", "i3", "i4"));
}

TEST_F(Rerank, RowsSayWhatOrderedThem) {
  run(list("u", {{"i2", 3}, {"i1", 2}, {"i3", 1}}));
  EXPECT_EQ(result("i1").persona_id, PersonaId("i1_P1"));
  EXPECT_EQ(result("i1").persona_name, "name of i1_P1");
  EXPECT_NEAR(*result("i1").persona_score, 0.85, 1e-6);
  EXPECT_EQ(result("i1").base_score, 2);
  EXPECT_EQ(result("i1").base_rank, 2U);
  EXPECT_FALSE(result("i3").persona_id.has_value());
  EXPECT_FALSE(result("i3").persona_score.has_value());
}

TEST_F(Rerank, AlphaSharesBetweenBestAndOthers) {
  options_.scoring.alpha = 0.5;
  run(list("u", {{"i1", 1}, {"i2", 0}}));
  EXPECT_NEAR(*result("i1").persona_score, 0.5, 1e-6);
}

TEST_F(Rerank, PersonaOnlyOrdersByThePersonaScore) {
  options_.scoring.persona_only = true;
  const auto report = run(list("u", {{"i4", 9}, {"i3", 8}, {"i2", 7}, {"i1", 6}}));
  EXPECT_EQ(report.weights, (FusionWeights{.base = 0, .words = 0, .persona = 1, .head = 0}));
  EXPECT_THAT(items(), ElementsAre("i1", "i2", "i3", "i4"));  // i3 without personas has z = 0
}

TEST_F(Rerank, NoWordsLeavesTheOthersAsTheyAre) {
  options_.scoring.no_words = true;
  const auto report = run(list("u", {{"i2", 3}, {"i1", 2}}));
  EXPECT_EQ(report.weights, (FusionWeights{.base = 1, .words = 0, .persona = 0.25, .head = 0}));
  EXPECT_EQ(report.users_without_words, 0U);
}

TEST_F(Rerank, PadKeepsItsPositionAndGetsTheScoreBeforeIt) {
  options_.scoring.no_words = true;
  const auto report = run(list("u", {{"[PAD]", 9}, {"i4", 5}, {"[PAD]", 5}, {"i2", 5}, {"i1", 5}}));
  EXPECT_THAT(items(), ElementsAre("[PAD]", "i1", "[PAD]", "i2", "i4"));
  const auto& results = rows_.at(0).results;
  EXPECT_EQ(results[0].score, results[1].score);
  EXPECT_EQ(results[2].score, results[1].score);
  EXPECT_EQ(results[2].base_rank, 3U);
  EXPECT_FALSE(results[2].persona_id.has_value());
  EXPECT_EQ(report.padding, 2U);
  EXPECT_EQ(report.candidates, 3U);
}

TEST_F(Rerank, ListsWithoutScoresAreWorthTheirRanks) {
  const auto report = run(R"({"user_id":"u","results":[{"item_id":"i2"},{"item_id":"i1","score":7}]})"
                          "\n");
  EXPECT_EQ(report.lists_without_scores, 1U);
  const std::vector<double> base = {0, -std::log(2.0)};
  const std::vector<double> words = {0.25, 0.5};
  const std::vector<double> persona = {0.5, 0.85};
  EXPECT_NEAR(result("i2").score, z(base[0], base) + 0.75 * z(0.25, words) + 0.25 * z(0.5, persona), 1e-6);
  EXPECT_FALSE(result("i2").base_score.has_value());
}

TEST_F(Rerank, UsersWithoutAnyChannelKeepTheCandidateOrder) {
  const auto report = run(list("nobody", {{"i4", 1}, {"i1", 2}}) + list("empty", {{"i4", 1}, {"i1", 2}}));
  EXPECT_THAT(items(0), ElementsAre("i4", "i1"));
  EXPECT_THAT(items(1), ElementsAre("i4", "i1"));
  EXPECT_EQ(report.users_unknown, 2U);
}

TEST_F(Rerank, UsersWithOneChannelUseIt) {
  const auto report = run(list("wordy", {{"i1", 1}, {"i2", 1}}) + list("dense", {{"i2", 1}, {"i1", 1}}));
  EXPECT_THAT(items(0), ElementsAre("i2", "i1"));
  EXPECT_THAT(items(1), ElementsAre("i1", "i2"));
  EXPECT_EQ(report.users_unknown, 0U);
  EXPECT_EQ(report.users_without_words, 1U);
  EXPECT_EQ(report.users_without_personas, 1U);
}

TEST_F(Rerank, UnknownItemsAreCountedAndKeepTheirBase) {
  const auto report = run(list("u", {{"new", 3}, {"i1", 2}}));
  EXPECT_EQ(report.items_unknown, 1U);
  EXPECT_EQ(report.items_without_personas, 1U);
  EXPECT_EQ(report.items_without_words, 1U);
  EXPECT_NEAR(result("new").score, 1, 1e-12);
}

TEST_F(Rerank, TiesKeepCandidateOrderAndAnItemMayStandTwice) {
  run(list("u", {{"i2", 1}, {"i2", 1}, {"i1", 1}}));
  EXPECT_THAT(items(), ElementsAre("i1", "i2", "i2"));
  EXPECT_EQ(rows_[0].results[1].base_rank, 1U);
}

TEST_F(Rerank, IsAPermutationOfItsInput) {
  run(list("u", {{"i4", 5}, {"x", 4}, {"i3", 3}, {"[PAD]", 2}, {"i1", 1}, {"i2", 0}}));
  auto got = items();
  std::sort(got.begin(), got.end());
  EXPECT_THAT(got, ElementsAre("[PAD]", "i1", "i2", "i3", "i4", "x"));
}

TEST_F(Rerank, HeadTakesTheFrozenPersonasPlace) {
  auto cache = small_cache();
  cache.has_head = true;
  for (auto& user : cache.users) user.head = {0, 1};
  for (auto& item : cache.items) {
    for (auto& persona : item.personas) persona.head = persona.frozen;
  }
  cache.write(options_.cache);
  EXPECT_EQ(run(list("u", {{"i1", 1}, {"i2", 1}})).weights, kHeadWeights);
  EXPECT_EQ(result("i1").persona_id, PersonaId("i1_P2"));
  options_.scoring.weights = {1, 0, 2};  // the third is the head's
  EXPECT_EQ(run(list("u", {{"i1", 1}})).weights, (FusionWeights{.base = 1, .words = 0, .persona = 0, .head = 2}));
  options_.scoring.weights = {1, 0, 2, 0};
  run(list("u", {{"i1", 1}, {"i2", 1}}));
  EXPECT_EQ(result("i1").persona_id, PersonaId("i1_P1"));
  options_.scoring.weights.clear();
  cache.weights = {{"base", 1.25}, {"words", 0.5}, {"persona", 0}, {"head", 1}};
  cache.write(options_.cache);
  EXPECT_EQ(run(list("u", {{"i1", 1}})).weights, (FusionWeights{.base = 1.25, .words = 0.5, .persona = 0, .head = 1}));
}

TEST_F(Rerank, WorldsHaveTheirOwnProfiles) {
  auto cache = small_cache();
  cache.valid_users = {{"u", {-1, 0}, {}}};
  cache.write(options_.cache);
  options_.scoring.persona_only = true;
  run(list("u", {{"i1", 1}, {"i4", 1}}));
  EXPECT_THAT(items(), ElementsAre("i1", "i4"));
  options_.world = World::kValid;
  run(list("u", {{"i1", 1}, {"i4", 1}}));
  EXPECT_THAT(items(), ElementsAre("i4", "i1"));
}

TEST_F(Rerank, ReadsTrecRuns) {
  const auto report = run("u Q0 i4 1 0.5 run\nu Q0 i1 2 0.9 run\ndense Q0 i2 1 1 run\n");
  EXPECT_EQ(report.lists, 2U);
  EXPECT_EQ(result("i1").base_rank, 1U);  // a run is ordered by its scores
  EXPECT_EQ(result("i1").base_score, 0.9);
  EXPECT_THAT(message_of([&] { run("u Q0 i4 1 0.5\n"); }, ErrorKind::kInput), HasSubstr("candidate.jsonl:1"));
}

TEST_F(Rerank, EqualRunsGiveEqualBytes) {
  const std::string lists = list("u", {{"i2", 3}, {"i1", 2}}) + list("dense", {{"i2", 3}, {"i1", 2}});
  run(lists);
  const auto bytes = test::read_file(options_.output);
  const auto meta = test::read_file(meta_path(options_.output));
  run(lists);
  EXPECT_EQ(test::read_file(options_.output), bytes);
  EXPECT_EQ(test::read_file(meta_path(options_.output)), meta);
}

}  // namespace
}  // namespace persona4rec
