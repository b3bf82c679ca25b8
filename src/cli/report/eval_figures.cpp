#include "cli/report/eval_figures.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace persona4rec {
namespace {

// z with `confidence` of a normal distribution within -z and z, by bisection.
double normal_bound(double confidence) {
  double low = 0;
  double high = 10;
  for (int i = 0; i < 60; ++i) {
    const double middle = (low + high) / 2;
    (std::erf(middle / std::numbers::sqrt2) < confidence ? low : high) = middle;
  }
  return low;
}

double value_at(std::uint32_t rank, const Metric& metric) {
  if (rank == 0 || rank > metric.k) return 0;
  return metric.kind == MetricKind::kNdcg ? 1 / std::log2(1.0 + rank) : 1;
}

}  // namespace

MeanFigure mean_figure(const std::vector<double>& values, double confidence) {
  if (values.empty()) return {};
  const auto n = static_cast<double>(values.size());
  double sum = 0;
  for (const double value : values) sum += value;
  const double mean = sum / n;
  if (values.size() < 2) return {.mean = mean};
  double squares = 0;
  for (const double value : values) squares += (value - mean) * (value - mean);
  const double bound = normal_bound(confidence) * std::sqrt(squares / (n - 1) / n);
  const auto [least, most] = std::ranges::minmax(values);
  return {.mean = mean, .half = bound, .low = std::max(mean - bound, least), .high = std::min(mean + bound, most)};
}

MeanFigure metric_figure(const EvalReport& report, std::size_t file, std::size_t metric,
                         std::span<const std::uint32_t> users) {
  const EvalFile& one = report.files[file];
  std::vector<double> values;
  for (const auto user : users) {
    const double value = one.values[user * report.metrics.size() + metric];
    if (one.evaluated[user] != 0 && !std::isnan(value)) values.push_back(value);
  }
  return mean_figure(values, report.confidence);
}

MeanFigure rank_figure(const EvalReport& report, std::size_t file, const Metric& metric) {
  const EvalFile& one = report.files[file];
  std::vector<double> values;
  for (std::size_t user = 0; user < one.evaluated.size(); ++user) {
    if (one.evaluated[user] != 0) values.push_back(value_at(one.first_rank[user], metric));
  }
  return mean_figure(values, report.confidence);
}

std::size_t headline_metric(const EvalReport& report) {
  const auto& metrics = report.metrics;
  const auto exact = std::ranges::find(metrics, Metric{.kind = MetricKind::kNdcg, .k = 10});
  if (exact != metrics.end()) return static_cast<std::size_t>(exact - metrics.begin());
  const auto similar = std::ranges::find(metrics, MetricKind::kNdcg, &Metric::kind);
  return similar == metrics.end() ? 0 : static_cast<std::size_t>(similar - metrics.begin());
}

Movement rank_movement(const EvalFile& first, const EvalFile& second) {
  Movement movement;
  for (std::size_t user = 0; user < first.evaluated.size(); ++user) {
    if (first.evaluated[user] == 0 || second.evaluated[user] == 0) continue;
    const auto before = first.first_rank[user];
    const auto after = second.first_rank[user];
    movement.entered += before == 0 && after != 0 ? 1U : 0U;
    movement.left += before != 0 && after == 0 ? 1U : 0U;
    movement.absent += before == 0 && after == 0 ? 1U : 0U;
    if (before != 0 && after != 0) movement.places.push_back(std::int64_t{before} - std::int64_t{after});
  }
  return movement;
}

std::size_t file_color(const EvalReport& report, std::size_t file) {
  return report.files.size() == 1 ? 1 : file;
}

}  // namespace persona4rec
