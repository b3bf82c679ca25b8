#include "eval/gate/judge_gates.hpp"

#include <algorithm>
#include <cmath>

#include "eval/statistics/bootstrap.hpp"
#include "eval/undefined.hpp"

namespace persona4rec {
namespace {

struct MeanAndError {
  double mean;
  double error;  // standard error of the mean
};

template <class Value>
MeanAndError mean_and_error(const EvalFile& file, const EvalGroup& group, const Value& value) {
  double users = 0;
  double sum = 0;
  double squares = 0;
  for (const auto user : group.users) {
    if (file.evaluated[user] == 0) continue;
    const double v = value(user);
    users += 1;
    sum += v;
    squares += v * v;
  }
  if (users == 0) return {kUndefined, kUndefined};
  const double mean = sum / users;
  const double variance = users > 1 ? std::max(0.0, (squares - users * mean * mean) / (users - 1)) : kUndefined;
  return {mean, std::sqrt(variance / users)};
}

// Values from 0 to 1.
bool is_share(const Gate& gate) {
  return gate.subject == GateSubject::kFound ||
         (gate.metric.kind != MetricKind::kNovelty && gate.metric.kind != MetricKind::kDisplacement);
}

class GateJudge {
 public:
  GateJudge(const EvalReport& report, std::span<const Gate> gates)
      : report_(report), file_(report.files.back()), results_(gates.size()) {
    for (std::size_t i = 0; i < gates.size(); ++i) results_[i].gate = gates[i];
  }

  std::vector<GateResult> judge() {
    std::vector<GateResult*> drops;
    for (auto& result : results_) {
      if (result.gate.rule == GateRule::kDrop) {
        if (measure_drop(result)) drops.push_back(&result);
      } else {
        judge_absolute(result);
      }
    }
    judge_drops(std::move(drops));
    return std::move(results_);
  }

 private:
  [[nodiscard]] std::size_t group_of(const Gate& gate) const {
    const auto it = std::ranges::find(report_.groups, gate.group, &EvalGroup::name);
    return static_cast<std::size_t>(it - report_.groups.begin());
  }
  [[nodiscard]] std::size_t metric_of(const Gate& gate) const {
    const auto& metrics = is_per_user(gate.metric.kind) ? report_.metrics : report_.list_metrics;
    return static_cast<std::size_t>(std::ranges::find(metrics, gate.metric) - metrics.begin());
  }

  void judge_absolute(GateResult& result) const {
    const auto& gate = result.gate;
    result.users = file_.groups[group_of(gate)].users;
    measure(result);
    if (std::isnan(result.value)) {
      result.verdict = GateVerdict::kInconclusive;
      result.reason = why_undefined(result);
      return;
    }
    const bool good = gate.rule == GateRule::kAtLeast ? result.value >= gate.bound : result.value <= gate.bound;
    result.verdict = good ? GateVerdict::kPass : GateVerdict::kFail;
  }

  void measure(GateResult& result) const {
    const auto& gate = result.gate;
    const auto& group = report_.groups[group_of(gate)];
    const std::size_t metric = metric_of(gate);
    switch (gate.subject) {
      case GateSubject::kUsers:
        result.value = static_cast<double>(result.users);
        return;
      case GateSubject::kUnknownShare:
        if (file_.counts.ranked_items == 0) return;
        result.value = static_cast<double>(file_.counts.unknown_items) / static_cast<double>(file_.counts.ranked_items);
        return;
      case GateSubject::kFound:
        return take(result,
                    mean_and_error(file_, group, [&](auto user) { return file_.first_rank[user] > 0 ? 1.0 : 0.0; }));
      case GateSubject::kMetric:
        if (!is_per_user(gate.metric.kind)) {
          result.value = file_.list_values[metric];
          return;
        }
        take(result, mean_and_error(file_, group,
                                    [&](auto user) { return file_.values[user * report_.metrics.size() + metric]; }));
    }
  }

  void take(GateResult& result, const MeanAndError& measured) const {
    result.value = measured.mean;
    const double half = normal_width(report_.confidence) * measured.error;
    if (std::isnan(half)) return;
    result.interval = {measured.mean - half, measured.mean + half};
    if (is_share(result.gate)) {
      result.interval = {std::max(0.0, result.interval.low), std::min(1.0, result.interval.high)};
    }
    result.confidence = report_.confidence;
  }

  [[nodiscard]] std::string why_undefined(const GateResult& result) const {
    const auto& gate = result.gate;
    if (result.users == 0) return "no user of group " + gate.group + " is evaluated";
    if (gate.subject == GateSubject::kUnknownShare || gate.metric.kind == MetricKind::kDisplacement) {
      return "the lists do not say where they come from (base_rank): they are not reranked ones";
    }
    return "the metric is undefined for these lists";
  }

  // False when there is no interval to judge by.
  [[nodiscard]] bool measure_drop(GateResult& result) const {
    const auto& group = file_.groups[group_of(result.gate)];
    const std::size_t metric = metric_of(result.gate);
    const auto& comparison = group.against_first[metric];
    const auto& test = group.tests[metric];
    result.users = group.pairs;
    result.value = comparison.relative;
    result.p = test.p;
    result.resolvable = test.resolvable_relative;
    if (group.pairs < 2) {
      result.reason = group.pairs == 0 ? "no user of group " + result.gate.group + " is in both files"
                                       : "only one user is in both files";
    } else if (std::isnan(comparison.relative)) {
      result.reason =
          std::isnan(comparison.difference) ? "the metric is undefined for these lists" : "the baseline's mean is 0";
    }
    return result.reason.empty();
  }

  [[nodiscard]] const std::vector<double>& resamples_of(const GateResult& result) const {
    return file_.groups[group_of(result.gate)].relative_resamples[metric_of(result.gate)];
  }

  // Not one user's value differs: whatever the gate, nothing was lost.
  [[nodiscard]] bool is_unchanged(const GateResult& result) const {
    const auto& test = file_.groups[group_of(result.gate)].tests[metric_of(result.gate)];
    return test.wins == 0 && test.losses == 0;
  }

  // How many resamples do not show too large a drop.
  [[nodiscard]] std::ptrdiff_t against_failing(const GateResult& result) const {
    return std::ranges::count_if(resamples_of(result), [&](double d) { return !(d < -result.gate.bound); });
  }

  void judge_drops(std::vector<GateResult*> drops) const {
    std::ranges::stable_sort(drops, {}, [&](const auto* result) { return against_failing(*result); });
    bool failing = true;
    double confidence = report_.confidence;
    for (std::size_t i = 0; i < drops.size(); ++i) {
      auto& result = *drops[i];
      if (failing) confidence = 1 - (1 - report_.confidence) / static_cast<double>(drops.size() - i);
      result.confidence = confidence;
      result.interval = percentile_interval(resamples_of(result), confidence);
      failing = failing && result.interval.high < -result.gate.bound;
      if (failing) {
        result.verdict = GateVerdict::kFail;
      } else if (result.interval.low > -result.gate.bound || is_unchanged(result)) {
        result.verdict = GateVerdict::kPass;
      } else {
        result.reason = "the interval holds drops on both sides of the gate";
      }
    }
  }

  const EvalReport& report_;
  const EvalFile& file_;
  std::vector<GateResult> results_;
};

}  // namespace

double normal_width(double confidence) {
  double low = 0;
  double high = 40;
  for (int step = 0; step < 100; ++step) {  // erf grows: bisection
    const double middle = (low + high) / 2;
    (std::erf(middle / std::sqrt(2.0)) < confidence ? low : high) = middle;
  }
  return (low + high) / 2;
}

std::vector<GateResult> judge_gates(const EvalReport& report, std::span<const Gate> gates) {
  return GateJudge(report, gates).judge();
}

}  // namespace persona4rec
