// What lists are like beside the true items in them: how well known their items are, how far they moved, how much of
// the catalogue they use (docs/method.md, 9.1 Metrics).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "io/lists/plain_list.hpp"
#include "persona4rec/eval_gate.hpp"

namespace persona4rec {

// How many users reviewed each item.
struct ItemPopularity {
  std::unordered_map<std::string, std::uint64_t> reviews;  // [items] reviews
  std::uint64_t users = 0;                                 // distinct
};

// Mean of -log2(reviews / users) over the first k; an item without a review counts as one with one. NaN for none.
// REQUIRES: users >= 1.
[[nodiscard]] double novelty_at(std::span<const PlainItem> list, std::size_t k, const ItemPopularity& popularity);

// Mean of |position - base_rank| over the first k. NaN for none, and where an item has no base_rank.
[[nodiscard]] double displacement_at(std::span<const PlainItem> list, std::size_t k);

// How often each item stands in the first k of lists, for several k. "[PAD]" is none; twice in a list is twice.
class ItemCounts {
 public:
  explicit ItemCounts(std::vector<Metric> metrics) : metrics_(std::move(metrics)) {}
  void add(std::span<const PlainItem> list);
  void add(const ItemCounts& other);  // REQUIRES: the same metrics
  // Items that stand anywhere in a list.
  [[nodiscard]] const std::unordered_map<std::string, std::vector<std::uint32_t>>& items() const { return items_; }
  // [metrics] over a catalogue of so many items, those of items() among them. NaN where no item is listed.
  [[nodiscard]] std::vector<double> values(std::size_t catalogue) const;

 private:
  [[nodiscard]] double value(std::size_t metric, std::size_t catalogue) const;

  std::vector<Metric> metrics_;
  std::unordered_map<std::string, std::vector<std::uint32_t>> items_;  // item -> [metrics]
};

// Of counts that stand for `items` items, those without a count being 0: 0 = all alike, near 1 = one item alone.
[[nodiscard]] double gini_index(std::vector<std::uint32_t> counts, std::size_t items);

}  // namespace persona4rec
