#include "eval/statistics/bootstrap.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <utility>

#include "base/rng.hpp"

namespace persona4rec {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

// Two columns of 0 or 1 values; `other` is 1 with the given probabilities.
std::pair<std::vector<double>, std::vector<double>> random_pairs(std::size_t users, double first_rate,
                                                                 double other_rate) {
  Rng rng(11);
  std::vector<double> first;
  std::vector<double> other;
  for (std::size_t i = 0; i < users; ++i) {
    first.push_back(rng.uniform() < first_rate ? 1 : 0);
    other.push_back(rng.uniform() < other_rate ? 1 : 0);
  }
  return {first, other};
}

TEST(Quantile, InterpolatesLikeNumPy) {
  const std::vector<double> values = {1, 2, 4, 8};
  EXPECT_DOUBLE_EQ(quantile(values, 0), 1);
  EXPECT_DOUBLE_EQ(quantile(values, 0.5), 3);
  EXPECT_DOUBLE_EQ(quantile(values, 0.9), 6.8);
  EXPECT_DOUBLE_EQ(quantile(values, 1), 8);
}

TEST(PercentileInterval, UndefinedResamplesLieBeyondBothEnds) {
  std::vector<double> values;
  for (int i = 0; i < 100; ++i) values.push_back(i);
  const auto whole = percentile_interval(values, 0.9);
  EXPECT_NEAR(whole.low, 4.95, 1e-12);
  EXPECT_NEAR(whole.high, 94.05, 1e-12);
  values.push_back(kNan);
  const auto wider = percentile_interval(values, 0.9);
  EXPECT_LT(wider.low, whole.low);
  EXPECT_GT(wider.high, whole.high);
  values.insert(values.end(), 20, kNan);
  EXPECT_TRUE(std::isnan(percentile_interval(values, 0.9).low));
  EXPECT_TRUE(std::isnan(percentile_interval(values, 0.9).high));
}

TEST(ComparePaired, PointEstimates) {
  // Two metrics: means .5 and .25 against .75 and 0.
  const std::vector<double> first = {1, 0.5, 0, 0, 1, 0.5, 0, 0};
  const std::vector<double> other = {1, 0, 1, 0, 1, 0, 0, 0};
  const auto compared = compare_paired(first, other, 2, {.resamples = 0});
  ASSERT_EQ(compared.size(), 2U);
  EXPECT_DOUBLE_EQ(compared[0].difference, 0.25);
  EXPECT_DOUBLE_EQ(compared[0].relative, 0.5);
  EXPECT_DOUBLE_EQ(compared[1].difference, -0.25);
  EXPECT_DOUBLE_EQ(compared[1].relative, -1);
  EXPECT_TRUE(std::isnan(compared[0].p));
  EXPECT_TRUE(std::isnan(compared[0].relative_interval.low));
}

TEST(ComparePaired, UndefinedIsNotZero) {
  const auto none = compare_paired({}, {}, 1, {});
  EXPECT_TRUE(std::isnan(none[0].difference));
  const auto no_base = compare_paired(std::vector<double>{0, 0, 0}, std::vector<double>{1, 0, 1}, 1, {});
  EXPECT_DOUBLE_EQ(no_base[0].difference, 2.0 / 3);
  EXPECT_TRUE(std::isnan(no_base[0].relative));
  EXPECT_TRUE(std::isnan(no_base[0].relative_interval.low));
  EXPECT_FALSE(std::isnan(no_base[0].difference_interval.low));
  const auto one_user = compare_paired(std::vector<double>{1}, std::vector<double>{0}, 1, {});
  EXPECT_TRUE(std::isnan(one_user[0].difference_interval.low));
}

TEST(ComparePaired, EqualFilesDifferByNothing) {
  const auto [first, other] = random_pairs(200, 0.4, 0.4);
  const auto compared = compare_paired(first, first, 1, {.resamples = 500});
  EXPECT_EQ(compared[0].difference, 0);
  EXPECT_EQ(compared[0].difference_interval.low, 0);
  EXPECT_EQ(compared[0].difference_interval.high, 0);
  EXPECT_EQ(compared[0].p, 1);
}

// For a mean of n independent values the interval is about +- 1.96 standard errors.
TEST(ComparePaired, IntervalMatchesTheNormalApproximation) {
  const auto [first, other] = random_pairs(2000, 0.30, 0.35);
  double sum = 0;
  double squares = 0;
  for (std::size_t i = 0; i < first.size(); ++i) {
    const double d = other[i] - first[i];
    sum += d;
    squares += d * d;
  }
  const double mean = sum / 2000;
  const double error = std::sqrt((squares / 2000 - mean * mean) / 2000);
  const auto compared = compare_paired(first, other, 1, {.resamples = 4000})[0];
  EXPECT_DOUBLE_EQ(compared.difference, mean);
  EXPECT_NEAR(compared.difference_interval.low, mean - 1.96 * error, 0.15 * error);
  EXPECT_NEAR(compared.difference_interval.high, mean + 1.96 * error, 0.15 * error);
  EXPECT_NEAR(compared.p, std::erfc(mean / error / std::sqrt(2.0)), 0.01);
}

// Unpaired, two files with rates near .5 over 400 users could not be told apart at this difference.
TEST(ComparePaired, PairingSeesSmallButSteadyDifferences) {
  auto [first, other] = random_pairs(400, 0.5, 0.5);
  other = first;
  for (std::size_t i = 0, changed = 0; changed < 12; ++i) {
    if (other[i] == 1) continue;
    other[i] = 1;
    ++changed;
  }
  const auto compared = compare_paired(first, other, 1, {})[0];
  EXPECT_GT(compared.difference_interval.low, 0);
  EXPECT_LT(compared.p, 0.01);
  EXPECT_GT(compared.p, 0);
}

TEST(ComparePaired, SameSeedSameBytesWhateverTheThreads) {
  const auto [first, other] = random_pairs(300, 0.3, 0.4);
  const auto run = [&](std::uint64_t seed, std::size_t threads) {
    const auto c = compare_paired(first, other, 1, {.resamples = 333, .seed = seed, .threads = threads})[0];
    return std::vector{c.difference_interval.low, c.difference_interval.high, c.relative_interval.low, c.p};
  };
  EXPECT_EQ(run(1, 1), run(1, 3));
  EXPECT_NE(run(1, 1), run(2, 1));
}

}  // namespace
}  // namespace persona4rec
