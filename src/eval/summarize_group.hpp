// What a group of users says about a file: means, and differences against the first file.
#pragma once

#include "eval/statistics/bootstrap.hpp"
#include "persona4rec/eval.hpp"

namespace persona4rec {

struct SummaryOptions {
  std::size_t metrics = 0;
  BootstrapOptions bootstrap;
  bool tests = false;  // also GroupResult::tests and relative_resamples
};

// `first`: the file to compare with; null for the first file itself. Users that the file does not evaluate are left
// out; a comparison takes the users that both evaluate.
[[nodiscard]] GroupResult summarize_group(const EvalFile& file, const EvalFile* first, const EvalGroup& group,
                                          const SummaryOptions& options);

}  // namespace persona4rec
