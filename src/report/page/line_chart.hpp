// Lines over numbers, with bands of intervals. Thread-safe.
#pragma once

#include "persona4rec/report.hpp"
#include "report/page/markup.hpp"

namespace persona4rec {

// The inside of an <svg> of kChartWidth x kChartHeight. REQUIRES: a finite point.
void draw_lines(Markup& out, const ReportChart& chart);

}  // namespace persona4rec
