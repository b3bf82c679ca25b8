#include "eval/metrics.hpp"

#include <algorithm>
#include <limits>
#include <string_view>
#include <unordered_set>

namespace persona4rec {
namespace {

std::string_view name_of(MetricKind kind) {
  switch (kind) {
    case MetricKind::kHit:
      return "HIT";
    case MetricKind::kMrr:
      return "MRR";
    case MetricKind::kNdcg:
      return "NDCG";
  }
  return "?";
}

}  // namespace

std::string to_string(const Metric& metric) {
  return std::string(name_of(metric.kind)) + "@" + std::to_string(metric.k);
}

ListJudgement judge_list(std::span<const Candidate> list, std::span<const ItemId> truth) {
  ListJudgement judgement;
  std::unordered_set<std::string_view> seen;
  for (std::size_t i = 0; i < list.size(); ++i) {
    if (list[i].is_pad()) {
      ++judgement.padding;
    } else if (!seen.insert(list[i].item_id.text()).second) {
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
  }
  return 0;
}

std::vector<Metric> metrics_at(std::vector<std::size_t> ks) {
  std::ranges::sort(ks);
  std::vector<Metric> metrics;
  for (const auto kind : {MetricKind::kHit, MetricKind::kMrr, MetricKind::kNdcg}) {
    for (const auto k : ks) metrics.push_back({kind, k});
  }
  return metrics;
}

double median(std::vector<std::uint32_t> values) {
  if (values.empty()) return std::numeric_limits<double>::quiet_NaN();
  std::ranges::sort(values);
  const std::size_t middle = values.size() / 2;
  if (values.size() % 2 == 1) return values[middle];
  return (static_cast<double>(values[middle - 1]) + values[middle]) / 2;
}

}  // namespace persona4rec
