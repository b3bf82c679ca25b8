// What eval measured, as sections of the report. Thread-safe.
#pragma once

#include "persona4rec/eval.hpp"
#include "persona4rec/report.hpp"

namespace persona4rec {

[[nodiscard]] ReportSection headline_section(const EvalReport& report);  // facts and the table with intervals
[[nodiscard]] ReportSection curves_section(const EvalReport& report);    // NDCG and HIT over k
[[nodiscard]] ReportSection groups_section(const EvalReport& report);    // warm and cold, head and tail
[[nodiscard]] ReportSection movement_section(const EvalReport& report);  // the last file against the first

}  // namespace persona4rec
