// Weights by name, and how they are chosen by lists whose right answer is known.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "base/rng.hpp"
#include "matching/fusion.hpp"
#include "matching/weight_choice.hpp"
#include "matching/weights_json.hpp"
#include "persona4rec/error.hpp"

namespace persona4rec {
namespace {

constexpr std::size_t kCandidates = 20;
const std::vector<double> kRange(kWeightRange.begin(), kWeightRange.end());
const std::vector<double> kBase(kBaseRange.begin(), kBaseRange.end());

// How far the right answer stands out in each channel, in standard deviations; 0 = chance.
FitData lists_with(const std::vector<double>& signal, std::size_t lists, std::uint64_t seed = 0) {
  FitData data(signal.size());
  Rng rng(seed, "lists");
  const auto noise = [&] {
    double sum = 0;
    for (int i = 0; i < 12; ++i) sum += static_cast<double>(rng.below(1U << 20U)) / (1U << 20U);
    return sum - 6;  // near a normal draw
  };
  for (std::size_t list = 0; list < lists; ++list) {
    const auto target = rng.below(kCandidates);
    std::vector<std::vector<double>> channels;
    for (const double lift : signal) {
      std::vector<double> values(kCandidates);
      for (std::size_t i = 0; i < kCandidates; ++i) values[i] = noise() + (i == target ? lift : 0);
      std::vector<double> z(kCandidates);
      standardize(values, z);
      channels.push_back(z);
    }
    data.begin_list(target);
    for (std::size_t i = 0; i < kCandidates; ++i) {
      std::vector<double> z;
      for (const auto& channel : channels) z.push_back(channel[i]);
      data.add_candidate(z.data());
    }
  }
  return data;
}

WeightChoice choose(const FitData& data, const std::vector<double>& start) {
  return choose_weights(data, start, {kBase, kRange, kRange}, 2);
}

TEST(WeightChoice, PermutedTextsGetNoWeight) {
  const std::vector<double> start = {1, 0.75, 0.75};
  for (std::uint64_t seed = 0; seed < 5; ++seed) {
    const auto data = lists_with({1, 0, 1}, 600, seed);
    auto weights = choose(data, start).weights;
    drop_useless(data, start, weights);
    EXPECT_EQ(weights[1], 0) << "seed " << seed;
    EXPECT_GT(weights[2], 0);
    EXPECT_GT(weights[0], 0);
  }
}

TEST(WeightChoice, FewListsKeepTheStart) {
  const std::vector<double> start = {1, 0.75, 0.75};
  std::size_t kept = 0;
  for (std::uint64_t seed = 0; seed < 20; ++seed)
    kept += choose(lists_with({1, 1, 1}, 15, seed), start).weights == start;
  EXPECT_GE(kept, 17U);
}

TEST(WeightChoice, TheListsOwnScoreMayLoseAllItsWeight) {
  const auto choice = choose(lists_with({0, 0.5, 2}, 600), {1, 0.75, 0.75});
  EXPECT_EQ(choice.weights[0], 0);
  EXPECT_GT(choice.weights[2], choice.weights[1]);
  EXPECT_GT(choice.ndcg, choice.start_ndcg + kCaution * choice.error);
}

TEST(WeightChoice, ThreadsChangeNothing) {
  const auto data = lists_with({1, 0.5, 1}, 100);
  const auto one = choose_weights(data, {1, 1, 1}, {kBase, kRange, kRange}, 1);
  EXPECT_EQ(one.weights, choose_weights(data, {1, 1, 1}, {kBase, kRange, kRange}, 4).weights);
}

TEST(WeightChoice, TiesStandInListOrder) {
  FitData data(1);
  const double z = 0;
  for (const std::size_t target : {0U, 2U}) {
    data.begin_list(target);
    for (int i = 0; i < 3; ++i) data.add_candidate(&z);
  }
  const auto ndcg = list_ndcg(data, {1});
  EXPECT_DOUBLE_EQ(ndcg[0], 1);
  EXPECT_DOUBLE_EQ(ndcg[1], 0.5);  // third
}

TEST(WeightChoice, AWeightThatStayedAtTheStartIsNotDropped) {
  const auto data = lists_with({1, 0, 1}, 600);
  std::vector<double> weights = {1, 0.75, 1};
  drop_useless(data, {1, 0.75, 0.75}, weights);
  EXPECT_EQ(weights[1], 0.75);
}

TEST(HeadWeights, GoToJsonAndBackByFirstStage) {
  HeadWeights weights;
  weights.of_first_stage["popularity"] = {.base = 0, .words = 0.5, .persona = 0, .head = 2, .persona_words = 0.25};
  const auto read = read_head_weights(to_json(weights), "f.json");
  EXPECT_EQ(read.others, kHeadWeights);
  EXPECT_EQ(read.of_first_stage, weights.of_first_stage);
}

TEST(HeadWeights, OlderFilesHaveNoPersonaWordsAndNoFirstStages) {
  const auto read = read_head_weights({{"base", 1}, {"words", 0.5}, {"persona", 0}, {"head", 1}}, "f.json");
  EXPECT_EQ(read.others, (FusionWeights{.base = 1, .words = 0.5, .persona = 0, .head = 1, .persona_words = 0}));
  EXPECT_TRUE(read.of_first_stage.empty());
}

TEST(HeadWeights, ABrokenOneIsRefusedByName) {
  for (const Json& broken :
       {Json{{"base", 1}}, Json::array(), Json{{"base", 1}, {"words", 0}, {"persona", 0}, {"head", -1}},
        Json{{"base", 1}, {"words", 0}, {"persona", 0}, {"head", 1}, {"persona_words", "much"}},
        Json{{"base", 1}, {"words", 0}, {"persona", 0}, {"head", 1}, {"first_stages", 3}},
        Json{{"base", 1}, {"words", 0}, {"persona", 0}, {"head", 1}, {"first_stages", {{"ease", 3}}}}}) {
    try {
      (void)read_head_weights(broken, "f.json");
      ADD_FAILURE() << broken;
    } catch (const Error& error) {
      EXPECT_EQ(error.exit_code(), 3);
      EXPECT_THAT(error.what(), ::testing::HasSubstr("f.json"));
    }
  }
}

}  // namespace
}  // namespace persona4rec
