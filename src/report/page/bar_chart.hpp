// Bars over categories, side by side where there are several series, with intervals. Thread-safe.
#pragma once

#include "persona4rec/report.hpp"
#include "report/page/markup.hpp"

namespace persona4rec {

// The inside of an <svg> of kChartWidth x kChartHeight. REQUIRES: a finite point, no more points than categories.
void draw_bars(Markup& out, const ReportChart& chart);

}  // namespace persona4rec
