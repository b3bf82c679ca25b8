#include "eval/statistics/paired_tests.hpp"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <numeric>
#include <string>

#include "base/parallel.hpp"
#include "base/rng.hpp"
#include "base/stop.hpp"
#include "eval/statistics/random_counts.hpp"
#include "eval/undefined.hpp"

namespace persona4rec {
namespace {

constexpr PairedTest kUndefinedTest = {kUndefined, kUndefined, kUndefined, kUndefined, kUndefined};
constexpr std::size_t kFlipsPerTask = 16;
constexpr double kRounding = 1e-9;  // sums of equal terms in another order count as equal

// Sums over users of each metric's value in the first file, of its difference, and of the difference's square.
struct Sums {
  std::vector<double> first;
  std::vector<double> difference;
  std::vector<double> square;
};

Sums sums_of(const PairedOutcomes& outcomes) {
  Sums sums{std::vector<double>(outcomes.metrics), std::vector<double>(outcomes.metrics),
            std::vector<double>(outcomes.metrics)};
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    for (std::size_t m = 0; m < outcomes.metrics; ++m) {
      const double d = outcomes.difference[i * outcomes.metrics + m];
      sums.first[m] += outcomes.counts[i] * outcomes.first[i * outcomes.metrics + m];
      sums.difference[m] += outcomes.counts[i] * d;
      sums.square[m] += outcomes.counts[i] * d * d;
    }
  }
  return sums;
}

// Outcomes in which some metric differs: a sign changes nothing of the others.
std::vector<std::size_t> differing(const PairedOutcomes& outcomes) {
  std::vector<std::size_t> kept;
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    const auto row = std::span(outcomes.difference).subspan(i * outcomes.metrics, outcomes.metrics);
    if (std::ranges::any_of(row, [](double d) { return d != 0; })) kept.push_back(i);
  }
  return kept;
}

// How many flips give a sum as far from 0 as the one there is, for each metric.
std::vector<std::uint64_t> count_extreme(const PairedOutcomes& outcomes, const Sums& sums,
                                         const BootstrapOptions& options) {
  const std::size_t metrics = outcomes.metrics;
  const auto kept = differing(outcomes);
  std::vector<std::atomic<std::uint64_t>> extreme(metrics);
  parallel_ranges(options.resamples, kFlipsPerTask, options.threads, [&](std::size_t begin, std::size_t end) {
    std::vector<double> flipped(metrics);
    for (std::size_t r = begin; r < end; ++r) {
      throw_if_stopped();
      std::ranges::fill(flipped, 0.0);
      Rng rng(options.seed, "signs " + std::to_string(r));
      for (const auto i : kept) {
        const double count = outcomes.counts[i];
        const double sign = 2 * static_cast<double>(toss_coins(rng, outcomes.counts[i])) - count;
        for (std::size_t m = 0; m < metrics; ++m) flipped[m] += sign * outcomes.difference[i * metrics + m];
      }
      for (std::size_t m = 0; m < metrics; ++m) {
        if (std::abs(flipped[m]) >= std::abs(sums.difference[m]) * (1 - kRounding)) ++extreme[m];
      }
    }
  });
  return {extreme.begin(), extreme.end()};
}

void count_wins(const PairedOutcomes& outcomes, std::vector<PairedTest>& tests) {
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    for (std::size_t m = 0; m < outcomes.metrics; ++m) {
      const double d = outcomes.difference[i * outcomes.metrics + m];
      auto& number = d > 0 ? tests[m].wins : d < 0 ? tests[m].losses : tests[m].ties;
      number += outcomes.counts[i];
    }
  }
}

// Cohen's d of the pairs and the resolvable difference.
void measure(PairedTest& test, const Sums& sums, std::size_t metric, double users) {
  const double mean = sums.difference[metric] / users;
  const double first = sums.first[metric] / users;
  const double deviation = std::sqrt(std::max(0.0, (sums.square[metric] - users * mean * mean) / (users - 1)));
  test.resolvable = kResolvableErrors * deviation / std::sqrt(users);
  test.resolvable_relative = first > 0 ? test.resolvable / first : kUndefined;
  test.effect_size = mean == 0 ? 0 : deviation > 0 ? mean / deviation : kUndefined;
}

}  // namespace

std::vector<double> holm_adjusted(std::span<const double> p) {
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < p.size(); ++i) {
    if (!std::isnan(p[i])) order.push_back(i);
  }
  std::ranges::stable_sort(order, {}, [&](std::size_t i) { return p[i]; });
  std::vector<double> adjusted(p.size(), kUndefined);
  double largest = 0;
  for (std::size_t rank = 0; rank < order.size(); ++rank) {
    largest = std::max(largest, static_cast<double>(order.size() - rank) * p[order[rank]]);
    adjusted[order[rank]] = std::min(1.0, largest);
  }
  return adjusted;
}

std::vector<PairedTest> test_paired(const PairedOutcomes& outcomes, const BootstrapOptions& options) {
  std::vector<PairedTest> tests(outcomes.metrics, kUndefinedTest);
  if (outcomes.users() < 2) return tests;
  const Sums sums = sums_of(outcomes);
  const auto extreme = options.resamples > 0 ? count_extreme(outcomes, sums, options) : std::vector<std::uint64_t>();
  count_wins(outcomes, tests);
  std::vector<double> p(outcomes.metrics, kUndefined);
  for (std::size_t m = 0; m < outcomes.metrics; ++m) {
    if (std::isnan(sums.difference[m])) {  // a user without a value
      tests[m] = kUndefinedTest;
      continue;
    }
    measure(tests[m], sums, m, static_cast<double>(outcomes.users()));
    if (extreme.empty()) continue;
    p[m] = (static_cast<double>(extreme[m]) + 1) / (static_cast<double>(options.resamples) + 1);
    tests[m].p = p[m];
  }
  const auto adjusted = holm_adjusted(p);
  for (std::size_t m = 0; m < outcomes.metrics; ++m) tests[m].holm_p = adjusted[m];
  return tests;
}

}  // namespace persona4rec
