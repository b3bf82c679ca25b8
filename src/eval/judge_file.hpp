// One pass over a candidate file: every user's metric values, and what was met on the way.
#pragma once

#include <functional>
#include <span>
#include <unordered_set>

#include "eval/ground_truth.hpp"
#include "io/lists/candidate_lists.hpp"
#include "persona4rec/eval.hpp"

namespace persona4rec {

struct FilePass {
  EvalFile file;                             // name, path and groups are left to the caller
  std::vector<std::uint8_t> has_list;        // [users] 0 or 1; an empty list counts
  std::unordered_set<UserId> without_truth;  // other users with a list
};

// `on_list` (may be empty) sees every list as it passes. Throws Error kInput: malformed rows, a user twice.
[[nodiscard]] FilePass judge_file(CandidateLists& lists, const GroundTruth& truth, std::span<const Metric> metrics,
                                  MissingLists missing, const std::function<void(const CandidateRow&)>& on_list);

}  // namespace persona4rec
