// gate_table(), gate_markdown(), broken_gates().
#include <algorithm>

#include "base/utf8.hpp"
#include "eval/gate/gate_text.hpp"
#include "eval/text_grid.hpp"
#include "persona4rec/eval.hpp"
#include "persona4rec/eval_gate.hpp"

namespace persona4rec {
namespace {

// Whether a column of the table has something to say.
template <class Text>
bool any_gate(const EvalReport& report, const Text& text) {
  return std::ranges::any_of(report.gates, [&](const GateResult& result) { return !text(result).empty(); });
}

std::string reason_of(const GateResult& result) {
  return result.reason;
}

// How the verdicts were come by.
std::string method_text(const EvalReport& report) {
  const auto is_drop = [](const GateResult& result) { return result.gate.rule == GateRule::kDrop; };
  const auto drops = std::ranges::count_if(report.gates, is_drop);
  if (drops == 0) return "";
  std::string text = "drops: paired, " + std::to_string(report.bootstrap) + " bootstrap resamples, seed " +
                     std::to_string(report.seed);
  if (drops > 1) text += "; levels by Holm over " + std::to_string(drops) + " drops";
  return text;
}

// Text in a cell of a Markdown table: no mark-up, no end of the cell, one line.
std::string in_cell(std::string_view text) {
  std::string out;
  for (const char c : valid_utf8(text)) {
    if (c == '<') {
      out += "&lt;";
    } else if (c == '>') {
      out += "&gt;";
    } else if (c == '&') {
      out += "&amp;";
    } else if (c == '@') {  // @name would call somebody
      out += "&#64;";
    } else if (c == '\n' || c == '\r' || c == '\t') {
      out += ' ';
    } else {
      if (std::string_view("\\|`*_{}[]#~!$").find(c) != std::string_view::npos) out += '\\';
      out += c;
    }
  }
  return out;
}

// Gates hold neither backtick nor pipe: parse_gate() refuses both.
std::string as_code(const std::string& text) {
  return "`" + text + "`";
}

std::string markdown_row(const std::vector<std::string>& cells) {
  std::string text = "|";
  for (const auto& cell : cells) text += " " + cell + " |";
  return text + "\n";
}

std::string mark_of(GateVerdict verdict) {
  return verdict == GateVerdict::kPass ? "✅ PASS" : verdict == GateVerdict::kFail ? "❌ **FAIL**" : "❔ INCONCLUSIVE";
}

}  // namespace

std::string to_string(GateVerdict verdict) {
  return verdict == GateVerdict::kPass ? "PASS" : verdict == GateVerdict::kFail ? "FAIL" : "INCONCLUSIVE";
}

std::string gate_table(const EvalReport& report) {
  const bool resolves = any_gate(report, gate_resolvable_text);
  const bool explains = any_gate(report, reason_of);
  TextGrid grid;
  for (const auto align : {Align::kLeft, Align::kLeft, Align::kRight, Align::kRight, Align::kRight, Align::kRight}) {
    grid.column(align, 2);
  }
  if (resolves) grid.column(Align::kRight, 2);
  if (explains) grid.column(Align::kLeft, 2);
  std::vector<std::string> head = {"gate", "", "value", "interval", "level", "users"};
  if (resolves) head.emplace_back("resolvable");
  grid.row(std::move(head));
  for (const auto& result : report.gates) {
    std::vector<std::string> cells = {result.gate.text,        to_string(result.verdict),
                                      gate_value_text(result), gate_interval_text(result),
                                      gate_level_text(result), std::to_string(result.users)};
    if (resolves) cells.push_back(gate_resolvable_text(result));
    if (explains) cells.push_back(reason_of(result));
    grid.row(std::move(cells));
  }
  const auto method = method_text(report);
  return "gates on " + gate_subject_text(report) + "\n" + grid.text() + gate_count_text(report) +
         (method.empty() ? "" : "; " + method) + "\n";
}

std::string gate_markdown(const EvalReport& report) {
  std::string text =
      "**persona4rec gates:** " + gate_count_text(report) + "\n\n" + in_cell(gate_subject_text(report)) + "\n\n";
  text += markdown_row({"gate", "verdict", "value", "interval", "level", "users", "resolvable", "reason"});
  text += "|:---|:---|---:|---:|---:|---:|---:|:---|\n";
  for (const auto& result : report.gates) {
    text += markdown_row({as_code(result.gate.text), mark_of(result.verdict), gate_value_text(result),
                          gate_interval_text(result), gate_level_text(result), std::to_string(result.users),
                          gate_resolvable_text(result), in_cell(reason_of(result))});
  }
  const auto method = method_text(report);
  return method.empty() ? text : text + "\n" + method + "\n";
}

std::size_t broken_gates(const EvalReport& report, bool strict) {
  return static_cast<std::size_t>(std::ranges::count_if(report.gates, [strict](const GateResult& result) {
    return result.verdict == GateVerdict::kFail || (strict && result.verdict == GateVerdict::kInconclusive);
  }));
}

}  // namespace persona4rec
