#include "eval/check_options.hpp"

#include <algorithm>
#include <set>
#include <string>

#include "eval/metrics.hpp"
#include "persona4rec/error.hpp"

namespace persona4rec {
namespace {

void check_names(const EvalOptions& options) {
  if (options.names.empty()) return;
  if (options.names.size() != options.candidates.size()) {
    throw usage_error("eval: " + std::to_string(options.names.size()) + " names for " +
                      std::to_string(options.candidates.size()) + " candidate files");
  }
  if (std::set(options.names.begin(), options.names.end()).size() != options.names.size()) {
    throw usage_error("eval: two candidate files have the same name");
  }
}

void check_files(const EvalOptions& options) {
  if (options.candidates.empty()) throw usage_error("eval: expected at least one candidate file");
  if (options.ground_truth.empty()) throw usage_error("eval: expected a ground truth file");
  const auto from_stdin = std::ranges::count(options.candidates, "-") + (options.ground_truth == "-" ? 1 : 0) +
                          (options.baseline && *options.baseline == "-" ? 1 : 0) +
                          (options.review && *options.review == "-" ? 1 : 0);
  if (from_stdin > 1) throw usage_error("eval: stdin (\"-\") can be only one of the inputs");
  if (options.trec && options.candidates.size() > 1) {
    throw usage_error("eval: a TREC run holds one list a user, so --trec needs exactly one candidate file, got " +
                      std::to_string(options.candidates.size()));
  }
  check_names(options);
}

void check_numbers(const EvalOptions& options) {
  if (options.ks.empty()) throw usage_error("eval: expected at least one k");
  if (std::ranges::find(options.ks, std::size_t{0}) != options.ks.end())
    throw usage_error("eval: k must be at least 1");
  if (std::set(options.ks.begin(), options.ks.end()).size() != options.ks.size()) {
    throw usage_error("eval: a k is given twice");
  }
  if (!(options.confidence > 0 && options.confidence < 1)) {
    throw usage_error("eval: the confidence must lie between 0 and 1");
  }
}

void check_outputs(const EvalOptions& options) {
  if (options.json_users && !options.json) throw usage_error("eval: --json-users adds to --json, which is not given");
  if (options.gates.empty() && (options.junit || options.markdown)) {
    throw usage_error("eval: --junit and --markdown are reports of gates (--gate, --gate-file); none is given");
  }
  const auto to_stdout = std::ranges::count_if(
      std::vector{options.json, options.per_user, options.junit, options.markdown, options.trec, options.qrels},
      [](const auto& path) { return path && *path == "-"; });
  if (to_stdout > 1) throw usage_error("eval: stdout (\"-\") can be only one of the outputs");
}

void check_gates(const EvalOptions& options) {
  if (options.gates.empty()) return;
  const std::size_t files = options.candidates.size() + (options.baseline ? 1 : 0);
  if (files > 2) {
    throw usage_error("eval: gates judge one file, against one other at most; got " + std::to_string(files) + " files");
  }
  for (const auto& gate : options.gates) {
    const auto fail = [&](const std::string& message) { throw usage_error("gate \"" + gate.text + "\": " + message); };
    if (gate.group != "all" && !options.review) fail("group " + gate.group + " needs --scenarios or --review");
    if (gate.rule != GateRule::kDrop) continue;
    if (files < 2) fail("a drop needs something to compare with: --baseline FILE");
    if (options.bootstrap == 0) fail("a drop is judged by its interval, which --bootstrap 0 leaves out");
  }
}

}  // namespace

void check_options(const EvalOptions& options) {
  check_files(options);
  check_numbers(options);
  check_outputs(options);
  check_gates(options);
  const auto metrics = wanted_metrics(options);
  if (!options.review && std::ranges::find(metrics, MetricKind::kNovelty, &Metric::kind) != metrics.end()) {
    throw usage_error("eval: NOVELTY counts reviews: it needs --review or --scenarios");
  }
}

std::vector<Metric> wanted_metrics(const EvalOptions& options) {
  auto metrics = parse_metrics(options.metrics, options.ks);
  for (const auto& gate : options.gates) {
    if (gate.subject == GateSubject::kMetric) metrics.push_back(gate.metric);
  }
  sort_metrics(metrics);
  return metrics;
}

}  // namespace persona4rec
