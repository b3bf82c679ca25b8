// The ranking metrics as pure functions (formulas: include/persona4rec/eval.hpp). Thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "matching/ranking_metrics.hpp"
#include "persona4rec/eval.hpp"
#include "persona4rec/records.hpp"

namespace persona4rec {

// What a list says about one user.
struct ListJudgement {
  std::vector<std::uint32_t> ranks;  // ascending 1-based positions of the distinct true items that the list holds
  std::uint64_t padding = 0;
  std::uint64_t repeated_items = 0;
};

// `truth`: the user's distinct true items. "[PAD]" is never true.
[[nodiscard]] ListJudgement judge_list(std::span<const Candidate> list, std::span<const ItemId> truth);

// Of the metrics that true items decide; NaN for the others (eval/list_metrics.hpp).
[[nodiscard]] double metric_value(const Metric& metric, std::span<const std::uint32_t> ranks, std::size_t truths);

// In the order of MetricKind, then by k, each once.
void sort_metrics(std::vector<Metric>& metrics);

// The middle value; the mean of the two middle ones for an even count; NaN for none.
[[nodiscard]] double median(std::vector<std::uint32_t> values);

}  // namespace persona4rec
