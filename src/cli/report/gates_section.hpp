// The verdicts of eval's gates, as a section of the report. Thread-safe.
#pragma once

#include "persona4rec/eval.hpp"
#include "persona4rec/report.hpp"

namespace persona4rec {

// REQUIRES: a gate was asked for.
[[nodiscard]] ReportSection gates_section(const EvalReport& report);

}  // namespace persona4rec
