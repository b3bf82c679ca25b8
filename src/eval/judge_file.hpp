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
  bool base_ranks = false;                     // are read: for displacement, and to count unknown items
  std::uint64_t max_bad_rows = 0;
  std::size_t threads = 0;  // 0 = all processors; changes no result
  bool hash = true;         // EvalFile::sha256 is wanted
  // Told now and then how many lists have passed; may be empty.
  std::function<void(std::uint64_t lists)> progress;
  // Sees every list as it passes, in order; empty: lists of JSON Lines are shared among threads.
  std::function<void(const CandidateRow&)> on_list;
};

struct FilePass {
  EvalFile file;                             // name, path, list_values and groups are left to the caller
  std::vector<std::uint8_t> has_list;        // [users] 0 or 1; an empty list counts
  std::unordered_set<UserId> without_truth;  // other users with a list
  ItemCounts items;                          // of evaluated lists, for the list metrics
};

// Throws Error kInput: malformed rows, a user twice.
[[nodiscard]] FilePass judge_file(CandidateLists& lists, const JudgeOptions& options);

}  // namespace persona4rec
