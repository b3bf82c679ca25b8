// eval_json(): the report for programs.
#include <cmath>

#include "base/version.hpp"
#include "persona4rec/eval.hpp"
#include "records/row_json.hpp"

namespace persona4rec {
namespace {

Json number(double value) {
  return std::isnan(value) ? Json(nullptr) : Json(value);
}

Json interval_json(const Interval& interval) {
  return Json::array({number(interval.low), number(interval.high)});
}

Json comparison_json(const Comparison& comparison, bool has_intervals) {
  Json out = {{"difference", number(comparison.difference)}, {"relative", number(comparison.relative)}};
  if (!has_intervals) return out;
  out["difference_interval"] = interval_json(comparison.difference_interval);
  out["relative_interval"] = interval_json(comparison.relative_interval);
  out["p"] = number(comparison.p);
  return out;
}

Json test_json(const PairedTest& test) {
  return {{"randomisation_p", number(test.p)},
          {"holm_p", number(test.holm_p)},
          {"effect_size", number(test.effect_size)},
          {"resolvable", number(test.resolvable)},
          {"resolvable_relative", number(test.resolvable_relative)},
          {"wins", test.wins},
          {"ties", test.ties},
          {"losses", test.losses}};
}

Json group_json(const EvalReport& report, const GroupResult& result) {
  Json metrics = Json::object();
  for (std::size_t m = 0; m < report.metrics.size(); ++m) {
    Json& metric = metrics[to_string(report.metrics[m])];
    metric = {{"mean", number(result.means[m])}};
    if (!result.against_first.empty()) {
      metric.update(comparison_json(result.against_first[m], report.bootstrap > 0));
    }
    if (!result.tests.empty()) metric.update(test_json(result.tests[m]));
  }
  Json out = {{"users", result.users}, {"found", result.found}, {"median_rank", number(result.median_rank)}};
  if (!result.against_first.empty()) out["pairs"] = result.pairs;
  out["metrics"] = std::move(metrics);
  return out;
}

Json file_json(const EvalReport& report, const EvalFile& file) {
  const auto& counts = file.counts;
  Json groups = Json::object();
  for (std::size_t i = 0; i < report.groups.size(); ++i) {
    groups[report.groups[i].name] = group_json(report, file.groups[i]);
  }
  for (std::size_t m = 0; m < report.list_metrics.size(); ++m) {
    groups["all"]["metrics"][to_string(report.list_metrics[m])] = {{"mean", number(file.list_values[m])}};
  }
  return {{"name", file.name},           {"sha256", file.sha256},
          {"lists", counts.lists},       {"lists_without_truth", counts.without_truth},
          {"lists_empty", counts.empty}, {"users_without_list", counts.missing},
          {"padding", counts.padding},   {"repeated_items", counts.repeated_items},
          {"bad_rows", counts.bad_rows}, {"groups", std::move(groups)}};
}

Json truth_json(const EvalReport& report) {
  return {{"file", report.truth_name},
          {"sha256", report.truth_sha256},
          {"users", report.users.size()},
          {"rows", report.truth.rows},
          {"repeated_rows", report.truth.repeated_rows},
          {"other_splits", report.truth.other_splits},
          {"not_relevant", report.truth.not_relevant},
          {"bad_rows", report.truth.bad_rows}};
}

Json groups_json(const EvalReport& report) {
  Json out = Json::object();
  for (const auto& group : report.groups) {
    Json& entry = out[group.name];
    entry = {{"users", group.users.size()}};
    if (group.count) entry["reviews"] = *group.count;
  }
  return out;
}

Json gate_json(const GateResult& result) {
  Json out = {{"gate", result.gate.text},
              {"verdict", to_string(result.verdict)},
              {"value", number(result.value)},
              {"interval", interval_json(result.interval)},
              {"confidence", number(result.confidence)},
              {"users", result.users},
              {"resolvable", number(result.resolvable)},
              {"p", number(result.p)}};
  if (!result.reason.empty()) out["reason"] = result.reason;
  return out;
}

}  // namespace

Json eval_json(const EvalReport& report) {
  Json out = {{"command", "eval"}, {"version", version()}, {"leaky", report.leaky}};
  if (report.leaky)
    out["warning"] =
        "LEAKY: made under --split reference, or by a head that saw the targets: they leak into what is ranked";
  out["world"] = to_string(report.world);
  out["missing"] = report.missing == MissingLists::kZero ? "zero" : "skip";
  out["truth"] = truth_json(report);
  if (report.bootstrap > 0) {
    out["bootstrap"] = {{"resamples", report.bootstrap}, {"confidence", report.confidence}, {"seed", report.seed}};
  }
  out["groups"] = groups_json(report);
  out["files"] = Json::array();
  for (const auto& file : report.files) out["files"].push_back(file_json(report, file));
  if (!report.gates.empty()) out["gates"] = Json::array();
  for (const auto& result : report.gates) out["gates"].push_back(gate_json(result));
  return out;
}

}  // namespace persona4rec
