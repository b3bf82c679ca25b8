#include "eval/metrics.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <functional>
#include <string_view>
#include <utility>

#include "base/ascii.hpp"
#include "eval/undefined.hpp"
#include "persona4rec/error.hpp"

namespace persona4rec {
namespace {

struct MetricName {
  MetricKind kind;
  std::string_view name;
};
// In the order of MetricKind.
constexpr std::array<MetricName, 10> kNames = {{{MetricKind::kHit, "HIT"},
                                                {MetricKind::kMrr, "MRR"},
                                                {MetricKind::kNdcg, "NDCG"},
                                                {MetricKind::kRecall, "RECALL"},
                                                {MetricKind::kPrecision, "PRECISION"},
                                                {MetricKind::kMap, "MAP"},
                                                {MetricKind::kNovelty, "NOVELTY"},
                                                {MetricKind::kDisplacement, "DISPLACEMENT"},
                                                {MetricKind::kCoverage, "COVERAGE"},
                                                {MetricKind::kGini, "GINI"}}};

bool equal_but_case(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](char x, char y) { return ascii_lower(x) == ascii_lower(y); });
}

Error unknown_metrics(std::string_view text) {
  return usage_error("--metrics: expected names like NDCG or recall@10, got \"" + std::string(text) + "\"; there are " +
                     metric_names());
}

// "NDCG" or "NDCG@10".
void add_named(std::vector<Metric>& metrics, std::string_view text, const std::vector<std::size_t>& ks) {
  const auto at = text.find('@');
  MetricKind kind{};
  if (!find_metric(text.substr(0, at), kind)) throw unknown_metrics(text);
  if (at == std::string_view::npos) {
    for (const auto k : ks) metrics.push_back({kind, k});
    return;
  }
  const auto number = text.substr(at + 1);
  std::size_t k = 0;
  const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), k);
  if (error != std::errc() || end != number.data() + number.size() || k == 0) throw unknown_metrics(text);
  metrics.push_back({kind, k});
}

// The texts that came already: open addressing in one block of memory, as this is asked for each item of each list.
class RepeatFinder {
 public:
  explicit RepeatFinder(std::size_t most) : slots_(std::bit_ceil(2 * most + 1)) {}
  // False when it is there already. REQUIRES: not empty, and it outlives this.
  bool insert(std::string_view text) {
    for (std::size_t at = std::hash<std::string_view>{}(text);; ++at) {
      auto& slot = slots_[at & (slots_.size() - 1)];
      if (slot == text) return false;
      if (!slot.empty()) continue;
      slot = text;
      return true;
    }
  }

 private:
  std::vector<std::string_view> slots_;
};

std::size_t count_within(std::span<const std::uint32_t> ranks, std::size_t k) {
  return static_cast<std::size_t>(std::ranges::count_if(ranks, [k](auto rank) { return rank <= k; }));
}

// Precision at each true item's position within k, over all true items.
double average_precision_at(std::span<const std::uint32_t> ranks, std::size_t truths, std::size_t k) {
  double sum = 0;
  for (std::size_t i = 0; i < ranks.size() && ranks[i] <= k; ++i) sum += static_cast<double>(i + 1) / ranks[i];
  return sum / static_cast<double>(truths);
}

}  // namespace

std::string to_string(const Metric& metric) {
  return std::string(kNames.at(static_cast<std::size_t>(metric.kind)).name) + "@" + std::to_string(metric.k);
}

bool is_per_user(MetricKind kind) {
  return kind != MetricKind::kCoverage && kind != MetricKind::kGini;
}

bool find_metric(std::string_view name, MetricKind& kind) {
  const auto it = std::ranges::find_if(kNames, [&](const auto& known) { return equal_but_case(known.name, name); });
  if (it == kNames.end()) return false;
  kind = it->kind;
  return true;
}

std::string metric_names() {
  std::string text;
  for (const auto& [kind, name] : kNames) text += (text.empty() ? "" : ", ") + std::string(name);
  return text;
}

std::vector<Metric> parse_metrics(std::string_view text, const std::vector<std::size_t>& ks) {
  std::vector<Metric> metrics;
  for (std::size_t begin = 0; begin <= text.size();) {
    const auto end = std::min(text.find(',', begin), text.size());
    add_named(metrics, text.substr(begin, end - begin), ks);
    begin = end + 1;
  }
  sort_metrics(metrics);
  return metrics;
}

void sort_metrics(std::vector<Metric>& metrics) {
  const auto order = [](const Metric& metric) { return std::pair(metric.kind, metric.k); };
  std::ranges::sort(metrics, {}, order);
  metrics.erase(std::ranges::unique(metrics).begin(), metrics.end());
}

ListJudgement judge_list(std::span<const Candidate> list, std::span<const ItemId> truth) {
  ListJudgement judgement;
  RepeatFinder seen(list.size());
  for (std::size_t i = 0; i < list.size(); ++i) {
    if (list[i].is_pad()) {
      ++judgement.padding;
    } else if (!seen.insert(list[i].item_id.text())) {
      ++judgement.repeated_items;
    } else if (std::ranges::find(truth, list[i].item_id) != truth.end()) {
      judgement.ranks.push_back(static_cast<std::uint32_t>(i + 1));
    }
  }
  return judgement;
}

double metric_value(const Metric& metric, std::span<const std::uint32_t> ranks, std::size_t truths) {
  switch (metric.kind) {
    case MetricKind::kHit:
      return hit_at(ranks, metric.k);
    case MetricKind::kMrr:
      return reciprocal_rank_at(ranks, metric.k);
    case MetricKind::kNdcg:
      return ndcg_at(ranks, truths, metric.k);
    case MetricKind::kRecall:
      return static_cast<double>(count_within(ranks, metric.k)) / static_cast<double>(truths);
    case MetricKind::kPrecision:
      return static_cast<double>(count_within(ranks, metric.k)) / static_cast<double>(metric.k);
    case MetricKind::kMap:
      return average_precision_at(ranks, truths, metric.k);
    default:
      return kUndefined;
  }
}

double median(std::vector<std::uint32_t> values) {
  if (values.empty()) return kUndefined;
  std::ranges::sort(values);
  const std::size_t middle = values.size() / 2;
  if (values.size() % 2 == 1) return values[middle];
  return (static_cast<double>(values[middle - 1]) + values[middle]) / 2;
}

}  // namespace persona4rec
