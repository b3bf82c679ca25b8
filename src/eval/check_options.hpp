// What an evaluation is asked for, before it starts.
#pragma once

#include <vector>

#include "persona4rec/eval.hpp"

namespace persona4rec {

// Throws Error kUsage: options that contradict each other or lie outside their range.
void check_options(const EvalOptions& options);

// The metrics asked for and those of the gates, in their order. Throws Error kUsage: a name that is none.
[[nodiscard]] std::vector<Metric> wanted_metrics(const EvalOptions& options);

}  // namespace persona4rec
