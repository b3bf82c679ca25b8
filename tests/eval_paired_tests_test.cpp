#include "eval/statistics/paired_tests.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numeric>

#include "base/rng.hpp"
#include "eval/statistics/random_counts.hpp"

namespace persona4rec {
namespace {

using ::testing::DoubleEq;
using ::testing::ElementsAre;

TEST(HolmAdjusted, StepsDownAndStaysInOrder) {
  const std::vector<double> p = {.01, .04, .03, std::numeric_limits<double>::quiet_NaN(), .9};
  const auto adjusted = holm_adjusted(p);
  EXPECT_DOUBLE_EQ(adjusted[0], .04);
  EXPECT_DOUBLE_EQ(adjusted[1], .09);  // not below the one before it
  EXPECT_DOUBLE_EQ(adjusted[2], .09);
  EXPECT_TRUE(std::isnan(adjusted[3]));
  EXPECT_DOUBLE_EQ(adjusted[4], .9);
}

TEST(TestPaired, CountsAndMeasuresThePairs) {
  // Differences .5, .5, 0, -.5 over a first mean of .5.
  const std::vector<double> first = {.5, .5, .5, .5};
  const std::vector<double> other = {1, 1, .5, 0};
  const auto test = test_paired(distinct_outcomes(first, other, 1), {.resamples = 4000}).front();
  EXPECT_EQ(test.wins, 2U);
  EXPECT_EQ(test.ties, 1U);
  EXPECT_EQ(test.losses, 1U);
  const double deviation = std::sqrt((.75 - 4 * .125 * .125) / 3);
  EXPECT_DOUBLE_EQ(test.effect_size, .125 / deviation);
  EXPECT_DOUBLE_EQ(test.resolvable, 2.8 * deviation / 2);
  EXPECT_DOUBLE_EQ(test.resolvable_relative, 2.8 * deviation / 2 / .5);
  EXPECT_EQ(test.p, 1);  // every choice of three signs lies as far from 0
}

// Five users better by one: 2 of 32 sign vectors are as extreme.
TEST(TestPaired, RandomisationFindsTheExactP) {
  const std::vector<double> first(5, 0);
  const std::vector<double> other(5, 1);
  EXPECT_NEAR(test_paired(distinct_outcomes(first, other, 1), {.resamples = 20000}).front().p, 2.0 / 32, .006);
}

TEST(TestPaired, SameWhateverTheThreadsAndOthersWithAnotherSeed) {
  Rng rng(5);
  std::vector<double> first;
  std::vector<double> other;
  for (int i = 0; i < 200; ++i) {
    first.push_back(rng.uniform());
    other.push_back(rng.uniform());
  }
  const auto outcomes = distinct_outcomes(first, other, 2);
  const auto p = [&](std::uint64_t seed, std::size_t threads) {
    return test_paired(outcomes, {.resamples = 500, .seed = seed, .threads = threads})[1].p;
  };
  EXPECT_EQ(p(1, 1), p(1, 3));
  EXPECT_NE(p(1, 1), p(2, 1));
}

TEST(TestPaired, UndefinedIsNotZero) {
  const auto none = test_paired(distinct_outcomes({}, {}, 1), {}).front();
  EXPECT_TRUE(std::isnan(none.p));
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const std::vector<double> first = {1, 1, nan, 1};
  const std::vector<double> other = {0, 1, 0, 1};
  const auto tests = test_paired(distinct_outcomes(first, other, 2), {.resamples = 100});
  EXPECT_TRUE(std::isnan(tests[0].p));
  EXPECT_FALSE(std::isnan(tests[1].p));
}

struct Moments {
  double mean;
  double variance;
};

template <class Draw>
Moments moments_of(const Draw& draw) {
  Rng rng(17);
  constexpr int kDraws = 40000;
  double sum = 0;
  double squares = 0;
  for (int i = 0; i < kDraws; ++i) {
    const auto value = static_cast<double>(draw(rng));
    sum += value;
    squares += value * value;
  }
  return {sum / kDraws, squares / kDraws - sum / kDraws * (sum / kDraws)};
}

TEST(DrawBinomial, HasItsMeanAndVarianceByEitherMethod) {
  for (const auto& [trials, p] : std::vector<std::pair<std::uint64_t, double>>{
           {50, .02}, {1000, .005}, {30, .4}, {1000, .3}, {100000, .9}, {7, .5}}) {
    const auto [mean, variance] = moments_of([&](Rng& rng) { return draw_binomial(rng, trials, p); });
    const double expected = static_cast<double>(trials) * p;
    EXPECT_NEAR(mean, expected, 5 * std::sqrt(expected * (1 - p) / 40000)) << trials << " " << p;
    EXPECT_NEAR(variance / (expected * (1 - p)), 1, .04) << trials << " " << p;
  }
  Rng rng(1);
  EXPECT_EQ(draw_binomial(rng, 5, 0), 0U);
  EXPECT_EQ(draw_binomial(rng, 5, 1), 5U);
}

TEST(TossCoins, AreFair) {
  const auto [mean, variance] = moments_of([](Rng& rng) { return toss_coins(rng, 100); });
  EXPECT_NEAR(mean, 50, .13);
  EXPECT_NEAR(variance, 25, 1);
}

TEST(DrawMultinomial, SharesOutAllDraws) {
  const std::vector<std::uint32_t> counts = {700, 1, 299, 9000};
  std::vector<std::uint32_t> drawn(4);
  Rng rng(2);
  double third = 0;
  for (int i = 0; i < 2000; ++i) {
    draw_multinomial(rng, counts, drawn);
    ASSERT_EQ(std::accumulate(drawn.begin(), drawn.end(), 0U), 10000U);
    third += drawn[2];
  }
  EXPECT_NEAR(third / 2000, 299, 2);
}

// The multinomial of many users says what drawing each of fewer says, in its standard errors.
TEST(ComparePaired, ManyUsersGiveTheNormalInterval) {
  Rng rng(9);
  std::vector<double> first;
  std::vector<double> other;
  for (int i = 0; i < 100'000; ++i) {
    first.push_back(rng.uniform() < .3 ? 1 : 0);
    other.push_back(rng.uniform() < .302 ? 1 : 0);
  }
  const auto outcomes = distinct_outcomes(first, other, 1);
  const auto compared = compare_paired(outcomes, {.resamples = 4000}).front();
  const double error = test_paired(outcomes, {.resamples = 0}).front().resolvable / kResolvableErrors;
  EXPECT_NEAR(compared.difference_interval.low, compared.difference - 1.96 * error, .15 * error);
  EXPECT_NEAR(compared.difference_interval.high, compared.difference + 1.96 * error, .15 * error);
}

}  // namespace
}  // namespace persona4rec
