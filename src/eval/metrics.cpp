#include "eval/metrics.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <string_view>
#include <utility>

#include "base/ascii.hpp"
#include "base/bulk/quick_hash.hpp"
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

bool ListJudge::is_new(std::span<const PlainItem> list, std::uint32_t item, std::uint64_t hash) {
  for (std::size_t at = hash;; ++at) {
    auto& slot = slots_[at & (slots_.size() - 1)];
    if (slot.list != lists_) {
      slot = {hash, lists_, item};
      return true;
    }
    if (slot.hash == hash && list[slot.item].id == list[item].id) return false;
  }
}

// Flattened: all it calls is short, and called for every item.
[[gnu::flatten]] const ListJudgement& ListJudge::judge(std::span<const PlainItem> list, std::span<const IdText> truth) {
  start_list(list.size());
  true_hashes_.clear();
  for (const auto& item : truth) true_hashes_.push_back(quick_hash(item.text()));
  const auto is_true = [&](std::string_view id, std::uint64_t hash) {
    for (std::size_t t = 0; t < truth.size(); ++t) {
      if (true_hashes_[t] == hash && truth[t].text() == id) return true;
    }
    return false;
  };
  for (std::uint32_t i = 0; i < list.size(); ++i) {
    const auto id = list[i].id;
    const auto hash = quick_hash(id);
    if (list[i].is_pad()) {
      ++judgement_.padding;
    } else if (!is_new(list, i, hash)) {
      ++judgement_.repeated_items;
    } else if (is_true(id, hash)) {
      judgement_.ranks.push_back(i + 1);
    }
  }
  return judgement_;
}

void ListJudge::start_list(std::size_t items) {
  constexpr std::size_t kSlotsPerItem = 4;
  if (slots_.size() <= kSlotsPerItem * items) slots_.resize(std::bit_ceil(kSlotsPerItem * items + 1));
  if (++lists_ == 0) {  // the numbers of lists begin again
    std::ranges::fill(slots_, Slot{});
    ++lists_;
  }
  judgement_.ranks.clear();
  judgement_.padding = judgement_.repeated_items = 0;
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

std::span<const double> MetricValues::of(std::span<const std::uint32_t> ranks, std::size_t truths) {
  constexpr std::size_t kMostKnown = 1024;
  const std::size_t rank = ranks.empty() ? 0 : ranks.front();
  if (truths != 1 || rank >= kMostKnown) {
    values_.resize(metrics_.size());
    compute(ranks, truths, values_);
    return values_;
  }
  if (rank >= known_.size()) known_.resize(rank + 1);
  auto& values = known_[rank];
  if (values.empty()) {
    values.resize(metrics_.size());
    compute(ranks, truths, values);
  }
  return values;
}

void MetricValues::compute(std::span<const std::uint32_t> ranks, std::size_t truths, std::span<double> into) const {
  for (std::size_t m = 0; m < metrics_.size(); ++m) into[m] = metric_value(metrics_[m], ranks, truths);
}

double median(std::vector<std::uint32_t> values) {
  if (values.empty()) return kUndefined;
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::ranges::nth_element(values, middle);
  if (values.size() % 2 == 1) return *middle;
  return (static_cast<double>(*std::max_element(values.begin(), middle)) + *middle) / 2;
}

}  // namespace persona4rec
