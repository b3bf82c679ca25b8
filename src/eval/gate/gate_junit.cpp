// gate_junit(): a test suite for CI servers, in the form that Jenkins, GitLab and GitHub's actions read.
#include <string_view>

#include "base/utf8.hpp"
#include "eval/gate/gate_text.hpp"
#include "persona4rec/eval.hpp"
#include "persona4rec/eval_gate.hpp"

namespace persona4rec {
namespace {

// XML 1.0 has no way to write most control characters.
std::string xml_text(std::string_view text) {
  std::string out;
  for (const char c : valid_utf8(text)) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\t':
      case '\n':
      case '\r':
        out += "&#" + std::to_string(static_cast<int>(c)) + ";";
        break;
      default:
        out += static_cast<unsigned char>(c) < 0x20 ? std::string("\xEF\xBF\xBD") : std::string(1, c);
    }
  }
  return out;
}

std::string attribute(std::string_view name, std::string_view value) {
  return " " + std::string(name) + "=\"" + xml_text(value) + "\"";
}

// What was measured, in one line.
std::string measured_text(const GateResult& result) {
  std::string text = gate_value_text(result);
  if (const auto level = gate_level_text(result); !level.empty()) {
    text += ", " + level + " interval " + gate_interval_text(result);
  }
  text += ", " + std::to_string(result.users) + " users";
  if (const auto resolvable = gate_resolvable_text(result); !resolvable.empty()) {
    text += ", resolvable " + resolvable;
  }
  return result.reason.empty() ? text : text + "; " + result.reason;
}

std::string test_case(const GateResult& result, bool strict) {
  const auto measured = measured_text(result);
  std::string text =
      "    <testcase classname=\"persona4rec.gate\"" + attribute("name", result.gate.text) + " time=\"0\"";
  if (result.verdict == GateVerdict::kPass) {
    return text + ">\n      <system-out>" + xml_text(measured) + "</system-out>\n    </testcase>\n";
  }
  const bool fails = result.verdict == GateVerdict::kFail || strict;
  const auto message = attribute("message", to_string(result.verdict) + ": " + measured);
  return text + ">\n      <" + (fails ? "failure" + message + " type=\"gate\"" : "skipped" + message) +
         "/>\n    </testcase>\n";
}

}  // namespace

std::string gate_junit(const EvalReport& report, bool strict) {
  const auto failures = broken_gates(report, strict);
  const auto skipped = strict ? 0 : broken_gates(report, true) - failures;
  const std::string counts = attribute("tests", std::to_string(report.gates.size())) +
                             attribute("failures", std::to_string(failures)) + attribute("errors", "0") +
                             attribute("skipped", std::to_string(skipped)) + attribute("time", "0");
  std::string text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites" + attribute("name", "persona4rec eval") +
                     counts + ">\n  <testsuite" + attribute("name", gate_subject_text(report)) + counts + ">\n";
  for (const auto& result : report.gates) text += test_case(result, strict);
  return text + "  </testsuite>\n</testsuites>\n";
}

}  // namespace persona4rec
