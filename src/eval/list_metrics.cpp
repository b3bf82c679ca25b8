#include "eval/list_metrics.hpp"

#include <algorithm>
#include <cmath>

#include "eval/undefined.hpp"

namespace persona4rec {
namespace {

// Mean of a function of position and item over the first k that are no padding.
template <class Value>
double mean_over(std::span<const PlainItem> list, std::size_t k, const Value& value) {
  double sum = 0;
  std::size_t items = 0;
  for (std::size_t i = 0; i < std::min(k, list.size()); ++i) {
    if (list[i].is_pad()) continue;
    sum += value(i + 1, list[i]);
    ++items;
  }
  return items > 0 ? sum / static_cast<double>(items) : kUndefined;
}

}  // namespace

double novelty_at(std::span<const PlainItem> list, std::size_t k, const ItemPopularity& popularity) {
  const auto users = static_cast<double>(popularity.users);
  return mean_over(list, k, [&](std::size_t, const PlainItem& item) {
    const auto it = popularity.reviews.find(std::string(item.id));
    const auto reviews = it == popularity.reviews.end() ? std::uint64_t{1} : it->second;
    return -std::log2(static_cast<double>(reviews) / users);
  });
}

double displacement_at(std::span<const PlainItem> list, std::size_t k) {
  return mean_over(list, k, [](std::size_t position, const PlainItem& item) {
    if (!item.base_rank) return kUndefined;
    return std::abs(static_cast<double>(position) - static_cast<double>(*item.base_rank));
  });
}

void ItemCounts::add(std::span<const PlainItem> list) {
  for (std::size_t i = 0; i < list.size(); ++i) {
    if (list[i].is_pad()) continue;
    auto& counts = items_[std::string(list[i].id)];
    counts.resize(metrics_.size());
    for (std::size_t m = 0; m < metrics_.size(); ++m) counts[m] += i < metrics_[m].k ? 1 : 0;
  }
}

void ItemCounts::add(const ItemCounts& other) {
  for (const auto& [item, from] : other.items_) {
    auto& counts = items_[item];
    counts.resize(metrics_.size());
    for (std::size_t m = 0; m < metrics_.size(); ++m) counts[m] += from[m];
  }
}

double ItemCounts::value(std::size_t metric, std::size_t catalogue) const {
  std::vector<std::uint32_t> counts;
  for (const auto& [item, at] : items_) {
    if (at[metric] > 0) counts.push_back(at[metric]);
  }
  if (counts.empty()) return kUndefined;
  if (metrics_[metric].kind == MetricKind::kGini) return gini_index(std::move(counts), catalogue);
  return static_cast<double>(counts.size()) / static_cast<double>(catalogue);
}

std::vector<double> ItemCounts::values(std::size_t catalogue) const {
  std::vector<double> values;
  values.reserve(metrics_.size());
  for (std::size_t m = 0; m < metrics_.size(); ++m) values.push_back(value(m, catalogue));
  return values;
}

double gini_index(std::vector<std::uint32_t> counts, std::size_t items) {
  std::ranges::sort(counts);
  const auto n = static_cast<double>(items);
  double sum = 0;
  double weighted = 0;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    const auto place = static_cast<double>(items - counts.size() + i + 1);
    weighted += (2 * place - n - 1) * counts[i];
    sum += counts[i];
  }
  return weighted / (n * sum);
}

}  // namespace persona4rec
