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
  // Texts of this list that came already: open addressing in one block of memory.
  struct Slot {
    std::string_view text;
    std::uint64_t list = 0;  // which the text stands in; others' are empty
  };
  bool is_new(std::string_view text, std::uint64_t hash);

  std::vector<std::uint64_t> true_hashes_;
  std::vector<Slot> slots_;
  std::uint64_t lists_ = 0;
  ListJudgement judgement_;
};

// Of the metrics that true items decide; NaN for the others (eval/list_metrics.hpp).
[[nodiscard]] double metric_value(const Metric& metric, std::span<const std::uint32_t> ranks, std::size_t truths);

// In the order of MetricKind, then by k, each once.
void sort_metrics(std::vector<Metric>& metrics);

// The middle value; the mean of the two middle ones for an even count; NaN for none.
[[nodiscard]] double median(std::vector<std::uint32_t> values);

}  // namespace persona4rec
