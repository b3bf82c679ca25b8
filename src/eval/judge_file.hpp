// One pass over a candidate file: every user's metric values, and what was met on the way.
#pragma once

#include <functional>
#include <span>
#include <unordered_set>

#include "eval/ground_truth.hpp"
#include "eval/list_metrics.hpp"
#include "io/lists/candidate_lists.hpp"
#include "persona4rec/eval.hpp"

namespace persona4rec {

// What all files are judged by. Outlives the pass.
struct JudgeOptions {
  const GroundTruth& truth;
  std::span<const Metric> metrics;
  std::span<const Metric> list_metrics;
  MissingLists missing = MissingLists::kSkip;
  const ItemPopularity* popularity = nullptr;  // REQUIRED for novelty
};

struct FilePass {
  EvalFile file;                             // name, path, list_values and groups are left to the caller
  std::vector<std::uint8_t> has_list;        // [users] 0 or 1; an empty list counts
  std::unordered_set<UserId> without_truth;  // other users with a list
  ItemCounts items;                          // of evaluated lists, for the list metrics
};

// `on_list` (may be empty) sees every list as it passes. Throws Error kInput: malformed rows, a user twice.
[[nodiscard]] FilePass judge_file(CandidateLists& lists, const JudgeOptions& options,
                                  const std::function<void(const CandidateRow&)>& on_list);

}  // namespace persona4rec
