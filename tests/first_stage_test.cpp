// First-stage recommenders on data small enough to work out by hand, ties, refits, limits.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <tuple>

#include "base/rng.hpp"
#include "first_stage/first_stage.hpp"
#include "persona4rec/error.hpp"

namespace persona4rec {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::vector<double> scores_of(const FirstStage& model, const std::vector<std::uint32_t>& had, std::size_t items) {
  std::vector<double> scores(items, -1.0);  // every one is to be overwritten
  model.score(0, had, scores);
  return scores;
}

std::vector<double> scores_of_user(const FirstStage& model, std::uint32_t user, const InteractionMatrix& data) {
  std::vector<double> scores(data.items(), -1.0);
  model.score(user, data.items_of(user), scores);
  return scores;
}

std::vector<std::uint32_t> items_in(const std::vector<ScoredItem>& list) {
  std::vector<std::uint32_t> items;
  for (const auto& one : list) items.push_back(one.item);
  return items;
}

// Users 0: {0, 1}, 1: {0, 1}, 2: {0, 2}, 3: {3}; item 4 is nobody's.
InteractionMatrix small() {
  const std::vector<UserItem> pairs = {{0, 1}, {0, 0}, {1, 0}, {1, 1}, {0, 0}, {2, 2}, {2, 0}, {3, 3}};
  return {pairs, 4, 5};
}

// 200 users, 150 items, random: wide enough for several blocks of columns.
InteractionMatrix wide(std::uint64_t seed) {
  Rng rng(seed);
  std::vector<UserItem> pairs;
  for (std::uint32_t i = 0; i < 2000; ++i) {
    pairs.push_back({static_cast<std::uint32_t>(rng.below(200)), static_cast<std::uint32_t>(rng.below(150))});
  }
  return {pairs, 200, 150};
}

TEST(InteractionMatrix, SortsAndCountsRepeatsOnce) {
  const auto data = small();
  EXPECT_EQ(data.users(), 4U);
  EXPECT_EQ(data.items(), 5U);
  EXPECT_THAT(data.items_of(0), ElementsAre(0U, 1U));
  EXPECT_THAT(data.users_of(0), ElementsAre(0U, 1U, 2U));
  EXPECT_EQ(data.popularity(0), 3U);
  EXPECT_EQ(data.popularity(4), 0U);
  const InteractionMatrix none({}, 2, 3);
  EXPECT_EQ(none.users(), 2U);
  EXPECT_TRUE(none.items_of(1).empty());
}

TEST(Popularity, CountsUsers) {
  const auto data = small();
  const auto model = fit_first_stage({.method = FirstStageMethod::kPopularity}, data);
  EXPECT_THAT(scores_of(*model, {3}, 5), ElementsAre(3, 2, 1, 1, 0));
  EXPECT_FALSE(is_personalised(FirstStageMethod::kPopularity));
  EXPECT_TRUE(is_personalised(FirstStageMethod::kEase));
}

TEST(ItemKnn, SumsShrunkCosinesOfNeighbours) {
  const auto data = small();
  FirstStageOptions options{.method = FirstStageMethod::kItemKnn, .neighbours = 5, .shrink = 2};
  const double s01 = 2 / (std::sqrt(6.0) + 2);
  const double s02 = 1 / (std::sqrt(3.0) + 2);
  auto scores = scores_of(*fit_first_stage(options, data), {0}, 5);
  EXPECT_DOUBLE_EQ(scores[1], s01);
  EXPECT_DOUBLE_EQ(scores[2], s02);
  EXPECT_EQ(scores[0], 0) << "an item is no neighbour of itself";
  EXPECT_EQ(scores[3], 0);
  scores = scores_of(*fit_first_stage(options, data), {1, 2}, 5);
  EXPECT_DOUBLE_EQ(scores[0], s01 + s02);

  options.neighbours = 1;
  scores = scores_of(*fit_first_stage(options, data), {1, 2}, 5);
  EXPECT_DOUBLE_EQ(scores[0], s01) << "item 0 keeps its nearest neighbour alone, item 1";
  options.shrink = 0;
  EXPECT_DOUBLE_EQ(scores_of(*fit_first_stage(options, data), {0}, 5)[2], 1 / std::sqrt(3.0));
}

TEST(Ease, SolvesTwoItemsInClosedForm) {
  // X'X = [[3, 2], [2, 2]], lambda 1: P = [[3, -2], [-2, 4]] / 8; B_01 = -P_01 / P_11 = 2/4, B_10 = -P_10 / P_00 = 2/3.
  const std::vector<UserItem> pairs = {{0, 0}, {0, 1}, {1, 0}, {1, 1}, {2, 0}};
  const InteractionMatrix data(pairs, 3, 2);
  const auto model = fit_first_stage({.method = FirstStageMethod::kEase, .lambda = 1}, data);
  EXPECT_THAT(scores_of(*model, {0}, 2), ElementsAre(0.0, testing::DoubleNear(0.5, 1e-7)));
  EXPECT_THAT(scores_of(*model, {1}, 2), ElementsAre(testing::DoubleNear(2.0 / 3, 1e-7), 0.0));
  EXPECT_THAT(scores_of(*model, {}, 2), ElementsAre(0.0, 0.0));
}

class WhateverTheThreads : public testing::TestWithParam<FirstStageMethod> {};

TEST_P(WhateverTheThreads, TheScoresAreTheSame) {
  const auto data = wide(1);
  FirstStageOptions options{.method = GetParam(), .passes = 3, .threads = 1};
  const auto one = fit_first_stage(options, data);
  options.threads = 3;
  const auto three = fit_first_stage(options, data);
  for (std::uint32_t user = 0; user < data.users(); ++user) {
    ASSERT_EQ(scores_of_user(*one, user, data), scores_of_user(*three, user, data)) << "user " << user;
  }
}

INSTANTIATE_TEST_SUITE_P(All, WhateverTheThreads,
                         testing::Values(FirstStageMethod::kItemKnn, FirstStageMethod::kEase, FirstStageMethod::kIals,
                                         FirstStageMethod::kBpr, FirstStageMethod::kLightGcn),
                         [](const auto& info) { return to_string(info.param); });

// The condition that B minimises |X - XB|^2 + lambda |B|^2 with a zero diagonal: X'X B + lambda B - X'X is 0 off the
// diagonal. Checked without a factorisation.
TEST(Ease, MinimisesTheRidgeLossOnManyItems) {
  const auto data = wide(2);
  const double lambda = 20;
  const auto model = fit_first_stage({.method = FirstStageMethod::kEase, .lambda = lambda}, data);
  const std::size_t n = data.items();
  std::vector<std::vector<double>> gram(n, std::vector<double>(n, 0.0));
  for (std::uint32_t user = 0; user < data.users(); ++user) {
    for (const auto i : data.items_of(user)) {
      for (const auto j : data.items_of(user)) gram[i][j] += 1;
    }
  }
  std::vector<std::vector<double>> weights;
  for (std::uint32_t i = 0; i < n; ++i) weights.push_back(scores_of(*model, {i}, n));
  for (std::size_t i = 0; i < n; ++i) {
    EXPECT_EQ(weights[i][i], 0);
    for (std::size_t j = 0; j < n; ++j) {
      if (i == j) continue;
      double gradient = lambda * weights[i][j] - gram[i][j];
      for (std::size_t k = 0; k < n; ++k) gradient += gram[i][k] * weights[k][j];
      ASSERT_NEAR(gradient, 0, 1e-4) << i << ", " << j;
    }
  }
}

// Two groups of users with items of their own, each user lacking one item of the group's.
InteractionMatrix two_groups() {
  std::vector<UserItem> pairs;
  for (std::uint32_t user = 0; user < 40; ++user) {
    for (std::uint32_t item = 0; item < 10; ++item) {
      if (item != user / 2 % 10) pairs.push_back({user, 10 * (user % 2) + item});
    }
  }
  return {pairs, 41, 21};  // user 40 and item 20 have nothing
}

class LearntVectors : public testing::TestWithParam<FirstStageMethod> {};

TEST_P(LearntVectors, FindTheItemThatTheOthersOfTheGroupHave) {
  const auto data = two_groups();
  const FirstStageOptions options{.method = GetParam(), .passes = 60, .step = 0.02};
  const auto model = fit_first_stage(options, data);
  const auto ranks =
      std::vector<std::uint32_t>{20, 19, 18, 17, 16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0};
  const TopItems top(data, ranks);
  for (std::uint32_t user = 0; user < 40; ++user) {
    const std::uint32_t lacks = 10 * (user % 2) + user / 2 % 10;
    EXPECT_THAT(items_in(top.best(scores_of_user(*model, user, data), data.items_of(user), 1)), ElementsAre(lacks));
  }
}

TEST_P(LearntVectors, SayNothingOfAUserWithoutItems) {
  const auto data = two_groups();
  const auto model = fit_first_stage({.method = GetParam(), .passes = 2}, data);
  EXPECT_EQ(scores_of_user(*model, 40, data), std::vector<double>(21, 0.0));
}

TEST_P(LearntVectors, FollowTheSeed) {
  const auto data = two_groups();
  FirstStageOptions options{.method = GetParam(), .passes = 2};
  const auto first = scores_of_user(*fit_first_stage(options, data), 0, data);
  EXPECT_EQ(scores_of_user(*fit_first_stage(options, data), 0, data), first);
  options.seed = 1;
  EXPECT_NE(scores_of_user(*fit_first_stage(options, data), 0, data), first);
}

INSTANTIATE_TEST_SUITE_P(All, LearntVectors,
                         testing::Values(FirstStageMethod::kIals, FirstStageMethod::kBpr, FirstStageMethod::kLightGcn),
                         [](const auto& info) { return to_string(info.param); });

TEST(Ials, SolvesAUserFromItsItemsAlone) {
  const auto data = two_groups();
  const auto model = fit_first_stage({.method = FirstStageMethod::kIals, .unobserved = 1}, data);
  const std::vector<std::uint32_t> had = {11, 12, 13};
  std::vector<double> known(21);
  std::vector<double> unknown(21);
  model->score(0, had, known);
  model->score(UINT32_MAX, had, unknown);
  EXPECT_EQ(known, unknown) << "whoever it is";
  EXPECT_GT(unknown[17], unknown[7] + 0.1);
}

TEST(TextEase, IsEaseWhereTheTextsCountNothing) {
  const auto data = wide(3);
  SparseMatrix texts;
  for (std::uint32_t i = 0; i < data.items(); ++i) texts.append(SparseVector{{i % 7}, {1.0F}});
  const auto ease = fit_first_stage({.method = FirstStageMethod::kEase, .lambda = 30}, data);
  FirstStageOptions options{.method = FirstStageMethod::kTextEase, .lambda = 30, .alpha = 0};
  EXPECT_EQ(scores_of(*fit_first_stage(options, data, &texts), {4, 9}, 150), scores_of(*ease, {4, 9}, 150));
  options.alpha = 5;
  const auto model = fit_first_stage(options, data, &texts);
  const auto with_text = scores_of(*model, {4}, 150);
  const auto without = scores_of(*ease, {4}, 150);
  double alike = 0;
  double unlike = 0;
  for (std::uint32_t i = 0; i < 150; ++i) {
    if (i != 4) (i % 7 == 4 ? alike : unlike) += with_text[i] - without[i];
  }
  EXPECT_GT(alike / 21, unlike / 128 + 0.01) << "items with the same words gain";
  EXPECT_THROW((void)fit_first_stage(options, data), Error) << "no texts";
}

TEST(ItemTexts, LeaveHeldOutReviewsOutOfTextsAndFrequencies) {
  TermCorpus reviews{WordTokenizer()};
  const std::vector<std::uint32_t> item_of = {0, 0, 1, 1, 2, 3, 3, 3, 3, 3};
  for (const char* text : {"loud guitar", "guitar", "guitar calm", "piano", "calm", "a1", "a2", "a3", "a4", "secret"}) {
    reviews.add(text);
  }
  std::vector<std::uint8_t> held_out(10, 0);
  held_out[9] = 1;
  const WordOptions options{.min_documents = 1, .max_document_share = 1};
  const auto before = item_text_vectors(reviews, item_of, held_out, 5, options);
  ASSERT_EQ(before.rows(), 5U);
  EXPECT_TRUE(before.row(4).empty()) << "no review";
  EXPECT_EQ(before.row(3).size(), 4U) << "the held-out word is not there";

  TermCorpus changed{WordTokenizer()};
  for (const char* text :
       {"loud guitar", "guitar", "guitar calm", "piano", "calm", "a1", "a2", "a3", "a4", "loud calm"}) {
    changed.add(text);
  }
  const auto after = item_text_vectors(changed, item_of, held_out, 5, options);
  EXPECT_TRUE(std::ranges::equal(before.terms(), after.terms()));
  EXPECT_TRUE(std::ranges::equal(before.weights(), after.weights()));
  held_out[9] = 0;
  const auto leaked = item_text_vectors(changed, item_of, held_out, 5, options);
  EXPECT_FALSE(std::ranges::equal(before.weights(), leaked.weights())) << "the check above can fail";
}

TEST(FirstStage, RefusesWhatDoesNotFitInMemory) {
  const InteractionMatrix data({}, 1, 30000);
  const FirstStageOptions options{.method = FirstStageMethod::kEase, .max_memory_gib = 4};
  try {
    (void)fit_first_stage(options, data);
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kUsage);
    EXPECT_THAT(error.what(), HasSubstr("30000"));
    EXPECT_THAT(error.what(), HasSubstr("10.1 GiB"));
    EXPECT_THAT(error.what(), HasSubstr("take ials")) << "what has no such limit";
  }
  EXPECT_NO_THROW((void)fit_first_stage({.method = FirstStageMethod::kItemKnn}, data));
}

TEST(FirstStage, RefusesSettingsOutOfRange) {
  const auto data = small();
  for (const FirstStageOptions& bad :
       {FirstStageOptions{.lambda = 0}, FirstStageOptions{.lambda = -1}, FirstStageOptions{.neighbours = 0},
        FirstStageOptions{.shrink = -1}, FirstStageOptions{.alpha = NAN}, FirstStageOptions{.factors = 0},
        FirstStageOptions{.factors = 1025}, FirstStageOptions{.passes = 0}, FirstStageOptions{.unobserved = 0},
        FirstStageOptions{.step = 0}}) {
    try {
      (void)fit_first_stage(bad, data);
      ADD_FAILURE() << "no error";
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::kUsage);
    }
  }
}

TEST(TopItems, SkipsWhatTheUserHadAndWhatNobodyHas) {
  const auto data = small();
  const std::vector<std::uint32_t> ranks = {0, 1, 3, 2, 4};
  const TopItems top(data, ranks);
  EXPECT_EQ(top.items(), 4U);
  const std::vector<double> scores = {0.1, 0.9, 0.5, 0.7, 5.0};
  const std::vector<std::uint32_t> had = {1};
  EXPECT_THAT(items_in(top.best(scores, had, 10)), ElementsAre(3U, 2U, 0U));
  EXPECT_THAT(items_in(top.best(scores, {}, 2)), ElementsAre(1U, 3U)) << "nothing sticks from the user before";
}

TEST(TopItems, BreaksTiesByPopularityThenRank) {
  const auto data = small();  // popularity 3 2 1 1 0
  const std::vector<double> scores(5, 0.0);
  EXPECT_THAT(items_in(TopItems(data, std::vector<std::uint32_t>{0, 1, 3, 2, 4}).best(scores, {}, 5)),
              ElementsAre(0U, 1U, 3U, 2U));
  EXPECT_THAT(items_in(TopItems(data, std::vector<std::uint32_t>{4, 3, 1, 2, 0}).best(scores, {}, 5)),
              ElementsAre(0U, 1U, 2U, 3U));
}

TEST(TopItems, AreThoseOfSortingEverything) {
  const auto data = wide(4);
  std::vector<std::uint32_t> ranks(data.items());
  std::iota(ranks.rbegin(), ranks.rend(), 0U);
  const TopItems top(data, ranks);
  Rng rng(5);
  for (std::uint32_t user = 0; user < 50; ++user) {
    std::vector<double> scores(data.items());
    for (auto& score : scores) score = static_cast<double>(rng.below(7));  // many ties
    std::vector<std::uint32_t> sorted;
    const auto had = data.items_of(user);
    for (std::uint32_t item = 0; item < data.items(); ++item) {
      if (data.popularity(item) > 0 && std::ranges::find(had, item) == had.end()) sorted.push_back(item);
    }
    std::ranges::sort(sorted, {}, [&](std::uint32_t item) {
      return std::tuple(-scores[item], -static_cast<double>(data.popularity(item)), ranks[item]);
    });
    for (const std::size_t k : {0U, 1U, 10U, 1000U}) {
      const std::vector<std::uint32_t> first(sorted.begin(),
                                             sorted.begin() + static_cast<std::ptrdiff_t>(std::min(k, sorted.size())));
      ASSERT_EQ(items_in(top.best(scores, had, k)), first) << "user " << user << ", " << k;
    }
  }
}

TEST(TieRanks, ArePermutationsThatTheSeedDecides) {
  std::vector<ItemId> ids;
  for (int i = 0; i < 50; ++i) ids.emplace_back("item" + std::to_string(i));
  const auto ranks = tie_ranks(ids, 7);
  auto sorted = ranks;
  std::ranges::sort(sorted);
  for (std::uint32_t i = 0; i < 50; ++i) ASSERT_EQ(sorted[i], i);
  EXPECT_EQ(ranks, tie_ranks(ids, 7));
  EXPECT_NE(ranks, tie_ranks(ids, 8));
  std::ranges::reverse(ids);
  const auto reversed = tie_ranks(ids, 7);
  const bool before = ranks[3] < ranks[40];
  EXPECT_EQ(reversed[46] < reversed[9], before) << "an id stands where its own hash puts it, wherever it came from";
}

}  // namespace
}  // namespace persona4rec
