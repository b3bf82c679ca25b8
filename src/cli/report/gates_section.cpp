#include "cli/report/gates_section.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "base/format.hpp"

namespace persona4rec {
namespace {

// A count, a share or a mean as it is; a drop in percent of the baseline.
std::string number_of(const GateResult& result, double value) {
  if (result.gate.rule == GateRule::kDrop) return number_text("%+.1f %%", value * kPercent);
  switch (result.gate.subject) {
    case GateSubject::kMetric:
      return number_text("%.4f", value);
    case GateSubject::kUsers:
      return number_text("%.0f", value);
    default:
      return number_text("%.1f %%", value * kPercent);
  }
}

std::string interval_of(const GateResult& result) {
  if (std::isnan(result.interval.low)) return "--";
  return "[" + number_of(result, result.interval.low) + ", " + number_of(result, result.interval.high) + "]";
}

std::vector<std::string> row_of(const GateResult& result) {
  return {result.gate.text,
          to_string(result.verdict),
          number_of(result, result.value),
          interval_of(result),
          std::isnan(result.confidence) ? "" : number_text("%.4g %%", result.confidence * kPercent),
          with_commas(result.users),
          std::isnan(result.resolvable) ? "" : number_text("%.1f %%", result.resolvable * kPercent),
          result.reason};
}

}  // namespace

ReportSection gates_section(const EvalReport& report) {
  ReportSection section{.id = "gates", .title = "Gates", .blocks = {}};
  const auto count = [&](GateVerdict verdict) {
    return with_commas(static_cast<std::uint64_t>(std::ranges::count(report.gates, verdict, &GateResult::verdict)));
  };
  section.blocks.emplace_back(ReportFacts{{"Passed", count(GateVerdict::kPass), ""},
                                          {"Failed", count(GateVerdict::kFail), ""},
                                          {"Inconclusive", count(GateVerdict::kInconclusive), ""}});
  ReportTable table{.caption = "Verdicts on " + report.files.back().name,
                    .columns = {"Gate", "Verdict", "Value", "Interval", "Level", "Users", "Resolvable", "Reason"},
                    .rows = {},
                    .text_columns = 2,
                    .tail_text_columns = 1};
  for (const auto& result : report.gates) table.rows.push_back(row_of(result));
  section.blocks.emplace_back(std::move(table));
  section.blocks.emplace_back(ReportNote{
      "A drop is relative to the baseline and judged by its interval: it fails where that lies beyond the bound, "
      "passes where it lies within, else nothing is proven. Resolvable: the smallest drop that so many users "
      "can show. Other gates go by the value."});
  return section;
}

}  // namespace persona4rec
