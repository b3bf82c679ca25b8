// The ranking metrics as pure functions (formulas: include/persona4rec/eval.hpp). Functions are thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "io/lists/plain_list.hpp"
#include "matching/ranking_metrics.hpp"
#include "persona4rec/eval.hpp"
#include "persona4rec/ids.hpp"

namespace persona4rec {

// What a list says about one user.
struct ListJudgement {
  std::vector<std::uint32_t> ranks;  // ascending 1-based positions of the distinct true items that the list holds
  std::uint64_t padding = 0;
  std::uint64_t repeated_items = 0;
};

// Judges lists one after another. Thread-safety: one object, one thread (it keeps its buffers).
class ListJudge {
 public:
  // `truth`: the user's distinct true items. "[PAD]" is never true. Valid until the next call.
  const ListJudgement& judge(std::span<const PlainItem> list, std::span<const IdText> truth);

 private:
  // Items of this list that came already: open addressing in one block of memory.
  struct Slot {
    std::uint64_t hash = 0;
    std::uint32_t list = 0;  // which the item stands in; others' are empty
    std::uint32_t item = 0;  // its place there
  };
  void start_list(std::size_t items);
  bool is_new(std::span<const PlainItem> list, std::uint32_t item, std::uint64_t hash);

  std::vector<std::uint64_t> true_hashes_;
  std::vector<Slot> slots_;
  std::uint32_t lists_ = 0;
  ListJudgement judgement_;
};

// Of the metrics that true items decide; NaN for the others (eval/list_metrics.hpp).
[[nodiscard]] double metric_value(const Metric& metric, std::span<const std::uint32_t> ranks, std::size_t truths);

// The values of metrics that true items decide, one list after another: those of users with one true item are computed
// once for each place of it. Thread-safety: one object, one thread.
class MetricValues {
 public:
  explicit MetricValues(std::span<const Metric> metrics) : metrics_(metrics) {}

  // [metrics] as metric_value() has them. Valid until the next call.
  std::span<const double> of(std::span<const std::uint32_t> ranks, std::size_t truths);

 private:
  void compute(std::span<const std::uint32_t> ranks, std::size_t truths, std::span<double> into) const;

  std::span<const Metric> metrics_;
  std::vector<double> values_;
  std::vector<std::vector<double>> known_;  // [rank] of one true item, 0 where it is not in the list; empty: not known
};

// In the order of MetricKind, then by k, each once.
void sort_metrics(std::vector<Metric>& metrics);

// The middle value; the mean of the two middle ones for an even count; NaN for none.
[[nodiscard]] double median(std::vector<std::uint32_t> values);

}  // namespace persona4rec
