#include "eval/gate/gate_text.hpp"

#include <algorithm>
#include <cmath>

#include "base/format.hpp"
#include "eval/number_text.hpp"

namespace persona4rec {
namespace {

constexpr int kValueDigits = 4;

bool is_drop(const GateResult& result) {
  return result.gate.rule == GateRule::kDrop;
}

std::uint64_t gates_with(const EvalReport& report, GateVerdict verdict) {
  return static_cast<std::uint64_t>(std::ranges::count(report.gates, verdict, &GateResult::verdict));
}

// 95, 99.44: up to two digits behind the point.
std::string short_number(double value) {
  auto text = fixed_text(value, 2);
  while (text.back() == '0') text.pop_back();
  if (text.back() == '.') text.pop_back();
  return text;
}

}  // namespace

std::string gate_value_text(const GateResult& result) {
  if (result.gate.subject == GateSubject::kUsers) return fixed_text(result.value, 0);
  if (is_drop(result)) return std::isnan(result.value) ? "--" : signed_percent_text(result.value, 2) + " %";
  return share_text(result.value, kValueDigits);
}

std::string gate_interval_text(const GateResult& result) {
  const auto& [low, high] = result.interval;
  if (std::isnan(low) && std::isnan(high)) return "--";
  if (is_drop(result)) return "[" + signed_percent_text(low, 2) + ", " + signed_percent_text(high, 2) + "] %";
  return "[" + share_text(low, kValueDigits) + ", " + share_text(high, kValueDigits) + "]";
}

std::string gate_level_text(const GateResult& result) {
  return std::isnan(result.confidence) ? "" : short_number(result.confidence * 100) + " %";
}

std::string gate_resolvable_text(const GateResult& result) {
  return std::isnan(result.resolvable) ? "" : short_number(result.resolvable * 100) + " %";
}

std::string gate_count_text(const EvalReport& report) {
  const auto failed = gates_with(report, GateVerdict::kFail);
  const auto open = gates_with(report, GateVerdict::kInconclusive);
  std::string text = std::to_string(failed) + " of " + std::to_string(report.gates.size()) +
                     (report.gates.size() == 1 ? " gate failed" : " gates failed");
  if (open > 0) text += ", " + std::to_string(open) + (open == 1 ? " is inconclusive" : " are inconclusive");
  return text;
}

std::string gate_subject_text(const EvalReport& report) {
  const auto& judged = report.files.back();
  const auto& all = judged.groups.front();
  std::string text = judged.name;
  if (report.files.size() > 1) {
    text += " against " + report.files.front().name + ": " + std::to_string(all.pairs) + " of " +
            std::to_string(report.users.size()) + " users in both";
  } else {
    text += ": " + std::to_string(all.users) + " of " + std::to_string(report.users.size()) + " users";
  }
  return text + ", world " + to_string(report.world);
}

}  // namespace persona4rec
