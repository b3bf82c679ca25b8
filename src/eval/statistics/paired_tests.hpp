// Tests of paired differences (docs/method.md, 9.4 Paired tests).
#pragma once

#include <span>
#include <vector>

#include "eval/statistics/bootstrap.hpp"
#include "eval/statistics/paired_outcomes.hpp"
#include "persona4rec/eval.hpp"

namespace persona4rec {

// The smallest difference that n users resolve, in standard errors: z(.975) + z(.8), so that a true difference of this
// size shows in 80 % of all samples.
inline constexpr double kResolvableErrors = 2.8;

// One test a metric. The randomisation flips the sign of each user's differences, those of all metrics together
// (Fisher 1935; Smucker, Allan, Carterette 2007); `options` says how often and by which seed. Threads change nothing.
[[nodiscard]] std::vector<PairedTest> test_paired(const PairedOutcomes& outcomes, const BootstrapOptions& options);

// p values adjusted for having looked at all of them (Holm 1979), in their order. NaN stays NaN and does not count.
[[nodiscard]] std::vector<double> holm_adjusted(std::span<const double> p);

}  // namespace persona4rec
