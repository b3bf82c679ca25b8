// The rows of 3.5_history and 3.5_history_loo and those of 3.5_targets and 3.5_gt, made by several threads and given in
// order.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

#include "persona4rec/split.hpp"
#include "prepare/history_reviews.hpp"

namespace persona4rec {

// What decides the rows. REQUIRES: all of it outlives their making.
struct SplitData {
  const Interactions& data;
  const Split& split;
};

// Some users, one after another.
struct HistoryRows {
  std::uint32_t end = 0;  // behind the last of these users
  std::string history;    // lines
  std::string loo;        // lines of those who are tested and have a history before their target
  std::uint64_t loo_rows = 0;
};

// `give` is called one at a time and in order. Throws what it throws, and kOutput where a spool cannot be read back.
void make_history_rows(const SplitData& of, const HistoryReviews& reviews, std::size_t threads,
                       const std::function<void(const HistoryRows&)>& give);

// Some targets, one after another.
struct TargetRows {
  std::string targets;       // lines
  std::string ground_truth;  // lines of those that are tested
};

// As make_history_rows.
void make_target_rows(const SplitData& of, std::size_t threads, const std::function<void(const TargetRows&)>& give);

// Is it one that `eval` asks for?
[[nodiscard]] inline bool is_tested(TargetSplit split) {
  return split == TargetSplit::kTest || split == TargetSplit::kReference;
}

}  // namespace persona4rec
