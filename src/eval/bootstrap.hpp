// Paired bootstrap (docs/method.md, 9.2 Bootstrap; Efron, Tibshirani 1993, ch. 13): how sure is the difference between
// two files over the same users?
//
// A resample draws as many users as there are, with replacement, and takes both files' values of each. Users whose
// values in both files are equal to another's are one outcome with a weight, so a resample costs one draw a user and
// then work in the number of distinct outcomes: exact, and quick with a million users (one true item at 20 ranks has
// at most 441 outcomes). Resample r uses its own generator, so threads change nothing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "persona4rec/eval.hpp"

namespace persona4rec {

struct BootstrapOptions {
  std::uint64_t resamples = 2000;  // 0 = differences alone, no intervals
  double confidence = 0.95;        // in (0, 1)
  std::uint64_t seed = 0;          //
  std::size_t threads = 0;         // 0 = all processors
};

// `first` and `other`: [users, metrics] f64 row-major, the same users in the same order. One Comparison a metric.
[[nodiscard]] std::vector<Comparison> compare_paired(std::span<const double> first, std::span<const double> other,
                                                     std::size_t metrics, const BootstrapOptions& options);

// Linear interpolation between order statistics (NumPy's default). REQUIRES: `sorted` ascending, not empty, q in [0,
// 1].
[[nodiscard]] double quantile(std::span<const double> sorted, double q);

// The middle `confidence` of the values. NaN values (an undefined resample) count as lying beyond either end; an end
// among them is NaN.
[[nodiscard]] Interval percentile_interval(std::vector<double> values, double confidence);

}  // namespace persona4rec
