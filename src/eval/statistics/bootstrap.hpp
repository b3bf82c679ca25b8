// Paired bootstrap (docs/method.md, 9.2 Bootstrap; Efron, Tibshirani 1993, ch. 13): how sure is the difference between
// two files over the same users?
//
// A resample draws as many users as there are, with replacement, and takes both files' values of each. Up to 65,536
// users each is drawn; of more, how often each distinct outcome is drawn is drawn instead (a multinomial), where
// outcomes are few: the same distribution, without the work. Resample r uses its own generator, so threads change
// nothing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "eval/statistics/paired_outcomes.hpp"
#include "persona4rec/eval.hpp"

namespace persona4rec {

struct BootstrapOptions {
  std::uint64_t resamples = 2000;  // 0 = differences alone, no intervals
  double confidence = 0.95;        // in (0, 1)
  std::uint64_t seed = 0;          //
  std::size_t threads = 0;         // 0 = all processors
};

// One Comparison a metric. `relative_resamples` (may be null): filled with [metrics, resamples] of
// Comparison::relative.
[[nodiscard]] std::vector<Comparison> compare_paired(const PairedOutcomes& outcomes, const BootstrapOptions& options,
                                                     std::vector<std::vector<double>>* relative_resamples = nullptr);

// The same from values: distinct_outcomes().
[[nodiscard]] std::vector<Comparison> compare_paired(std::span<const double> first, std::span<const double> other,
                                                     std::size_t metrics, const BootstrapOptions& options);

// Linear interpolation between order statistics (NumPy's default). REQUIRES: `sorted` ascending, not empty, q in [0,
// 1].
[[nodiscard]] double quantile(std::span<const double> sorted, double q);

// The middle `confidence` of the values. NaN values (an undefined resample) count as lying beyond either end; an end
// among them is NaN.
[[nodiscard]] Interval percentile_interval(std::vector<double> values, double confidence);

}  // namespace persona4rec
