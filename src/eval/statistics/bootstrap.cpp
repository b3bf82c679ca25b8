#include "eval/statistics/bootstrap.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <utility>

#include "base/parallel.hpp"
#include "base/rng.hpp"
#include "base/stop.hpp"
#include "eval/statistics/random_counts.hpp"
#include "eval/undefined.hpp"

namespace persona4rec {
namespace {

constexpr std::size_t kResamplesPerTask = 16;
constexpr std::size_t kUsersDrawnOneByOne = 65'536;
constexpr std::size_t kUsersAnOutcome = 16;  // on average; with fewer, drawing users is quicker

__extension__ using Wide = unsigned __int128;

// Uniform in [0, bound) by multiplication (Lemire 2019, without its rejection: the bias is below bound / 2^64).
std::size_t draw(Rng& rng, std::size_t bound) {
  return static_cast<std::size_t>((Wide{rng.next()} * bound) >> 64U);
}

// Means over users of the weighted outcomes, one metric each.
void weighted_means(const PairedOutcomes& outcomes, std::span<const std::uint32_t> weights, std::span<double> first,
                    std::span<double> difference) {
  std::ranges::fill(first, 0.0);
  std::ranges::fill(difference, 0.0);
  for (std::size_t i = 0; i < weights.size(); ++i) {
    if (weights[i] == 0) continue;
    const double weight = weights[i];
    for (std::size_t m = 0; m < outcomes.metrics; ++m) {
      first[m] += weight * outcomes.first[i * outcomes.metrics + m];
      difference[m] += weight * outcomes.difference[i * outcomes.metrics + m];
    }
  }
  const auto users = static_cast<double>(outcomes.users());
  for (auto& value : first) value /= users;
  for (auto& value : difference) value /= users;
}

double ratio(double difference, double base) {
  return base > 0 ? difference / base : kUndefined;
}

struct Resamples {
  std::vector<std::vector<double>> difference;  // [metrics, resamples]
  std::vector<std::vector<double>> relative;    // [metrics, resamples]
};

// How often one resample holds each outcome.
void draw_weights(Rng& rng, const PairedOutcomes& outcomes, std::span<std::uint32_t> weights) {
  const std::size_t users = outcomes.users();
  if (users > kUsersDrawnOneByOne && outcomes.size() * kUsersAnOutcome <= users) {
    return draw_multinomial(rng, outcomes.counts, weights);
  }
  std::ranges::fill(weights, 0U);
  for (std::size_t i = 0; i < users; ++i) ++weights[outcomes.of_user[draw(rng, users)]];
}

Resamples resample(const PairedOutcomes& outcomes, const BootstrapOptions& options) {
  Resamples out{.difference = std::vector(outcomes.metrics, std::vector<double>(options.resamples)),
                .relative = std::vector(outcomes.metrics, std::vector<double>(options.resamples))};
  parallel_ranges(options.resamples, kResamplesPerTask, options.threads, [&](std::size_t begin, std::size_t end) {
    std::vector<std::uint32_t> weights(outcomes.size());
    std::vector<double> first(outcomes.metrics);
    std::vector<double> difference(outcomes.metrics);
    for (std::size_t r = begin; r < end; ++r) {
      throw_if_stopped();
      Rng rng(options.seed, "resample " + std::to_string(r));
      draw_weights(rng, outcomes, weights);
      weighted_means(outcomes, weights, first, difference);
      for (std::size_t m = 0; m < outcomes.metrics; ++m) {
        out.difference[m][r] = difference[m];
        out.relative[m][r] = ratio(difference[m], first[m]);
      }
    }
  });
  return out;
}

// Achieved significance level, two-sided; never 0, because so few resamples cannot show that.
double two_sided_p(std::span<const double> differences) {
  const auto below = std::ranges::count_if(differences, [](double d) { return d <= 0; });
  const auto above = std::ranges::count_if(differences, [](double d) { return d >= 0; });
  const double smaller = static_cast<double>(std::min(below, above)) + 1;
  return std::min(1.0, 2 * smaller / (static_cast<double>(differences.size()) + 1));
}

std::vector<Comparison> point_estimates(const PairedOutcomes& outcomes) {
  std::vector<double> first(outcomes.metrics);
  std::vector<double> difference(outcomes.metrics);
  weighted_means(outcomes, outcomes.counts, first, difference);
  std::vector<Comparison> comparisons;
  comparisons.reserve(outcomes.metrics);
  for (std::size_t m = 0; m < outcomes.metrics; ++m) {
    comparisons.push_back({.difference = difference[m],
                           .relative = ratio(difference[m], first[m]),
                           .difference_interval = {kUndefined, kUndefined},
                           .relative_interval = {kUndefined, kUndefined},
                           .p = kUndefined});
  }
  return comparisons;
}

}  // namespace

double quantile(std::span<const double> sorted, double q) {
  const double position = q * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(position);
  if (below + 1 >= sorted.size()) return sorted.back();
  return sorted[below] + (position - static_cast<double>(below)) * (sorted[below + 1] - sorted[below]);
}

Interval percentile_interval(std::vector<double> values, double confidence) {
  if (values.empty()) return {kUndefined, kUndefined};
  const auto undefined = std::ranges::partition(values, [](double v) { return !std::isnan(v); });
  const double tail = (1 - confidence) / 2;
  const auto end_at = [&](double q, double stand_in) {
    std::vector<double> all = values;
    std::fill(all.end() - std::ranges::ssize(undefined), all.end(), stand_in);
    std::ranges::sort(all);
    const double end = quantile(all, q);
    return std::isfinite(end) ? end : kUndefined;
  };
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  return {end_at(tail, -kInfinity), end_at(1 - tail, kInfinity)};
}

std::vector<Comparison> compare_paired(const PairedOutcomes& outcomes, const BootstrapOptions& options,
                                       std::vector<std::vector<double>>* relative_resamples) {
  if (outcomes.users() == 0) {
    const Interval unknown{kUndefined, kUndefined};
    return std::vector<Comparison>(outcomes.metrics, {kUndefined, kUndefined, unknown, unknown, kUndefined});
  }
  auto comparisons = point_estimates(outcomes);
  if (options.resamples == 0 || outcomes.users() < 2) return comparisons;
  auto samples = resample(outcomes, options);
  for (std::size_t m = 0; m < outcomes.metrics; ++m) {
    auto& comparison = comparisons[m];
    if (std::isnan(comparison.difference)) continue;  // a user without a value
    comparison.p = two_sided_p(samples.difference[m]);
    comparison.difference_interval = percentile_interval(std::move(samples.difference[m]), options.confidence);
    comparison.relative_interval = percentile_interval(samples.relative[m], options.confidence);
  }
  if (relative_resamples != nullptr) *relative_resamples = std::move(samples.relative);
  return comparisons;
}

std::vector<Comparison> compare_paired(std::span<const double> first, std::span<const double> other,
                                       std::size_t metrics, const BootstrapOptions& options) {
  return compare_paired(distinct_outcomes(first, other, metrics), options);
}

}  // namespace persona4rec
