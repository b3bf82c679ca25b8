#include "eval/paired_table.hpp"

#include <cmath>
#include <span>

#include "base/format.hpp"
#include "eval/number_text.hpp"
#include "eval/text_grid.hpp"

namespace persona4rec {
namespace {

constexpr int kResolvableDigits = 4;

// "+.0123"; a difference has its sign.
std::string difference_text(double value) {
  auto text = number_text("%+.4f", value);
  if (text.find_first_not_of("+-0.") == std::string::npos) return ".0000";
  if (text.size() > 2 && text[1] == '0' && text[2] == '.') text.erase(1, 1);
  return text;
}

std::string p_value_text(double p) {
  return p < 0.0005 ? "<.001" : share_text(p, 3);
}

std::string interval_of(const Comparison& comparison) {
  const auto& [low, high] = comparison.difference_interval;
  if (std::isnan(low) && std::isnan(high)) return "--";
  return "[" + difference_text(low) + ", " + difference_text(high) + "]";
}

void add_columns(TextGrid& grid) {
  grid.column(Align::kLeft, 0);
  for (int column = 0; column < 7; ++column) grid.column(Align::kRight, 2);
}

void add_block(TextGrid& grid, const EvalReport& report, const EvalFile& file, std::size_t group) {
  const auto& result = file.groups[group];
  grid.line("");
  grid.line(file.name + " - " + report.files.front().name + ", " + report.groups[group].name + ": " +
            std::to_string(result.pairs) + (result.pairs == 1 ? " user" : " users") + " in both");
  const auto level = fixed_text(report.confidence * 100, 0) + " %";
  grid.row({"", "difference", "[" + level + " interval]", "p", "Holm p", "d", "win/tie/loss", "resolvable"});
  for (std::size_t m = 0; m < report.metrics.size(); ++m) {
    const auto& test = result.tests[m];
    const auto& comparison = result.against_first[m];
    const auto wins = std::to_string(test.wins) + "/" + std::to_string(test.ties) + "/" + std::to_string(test.losses);
    grid.row({to_string(report.metrics[m]), difference_text(comparison.difference), interval_of(comparison),
              p_value_text(test.p), p_value_text(test.holm_p), number_text("%+.2f", test.effect_size), wins,
              share_text(test.resolvable, kResolvableDigits)});
  }
}

}  // namespace

std::string paired_table(const EvalReport& report) {
  TextGrid grid;
  add_columns(grid);
  bool any = false;
  for (const auto& file : std::span(report.files).subspan(1)) {
    for (std::size_t group = 0; group < file.groups.size(); ++group) {
      if (file.groups[group].tests.empty()) continue;
      any = true;
      add_block(grid, report, file, group);
    }
  }
  if (!any) return "";
  return grid.text() +
         "\np: randomisation of signs; Holm p: over the metrics of a block; d: Cohen's, paired; resolvable: " +
         "2.8 standard errors\n";
}

}  // namespace persona4rec
