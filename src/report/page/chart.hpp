// A chart as a <figure>: caption, legend, the drawing with its <title> and <desc>, and its figures as a table to open.
#pragma once

#include "persona4rec/report.hpp"
#include "report/page/markup.hpp"

namespace persona4rec {

// A chart without a finite point is one line. Thread-safe.
void write_chart(Markup& out, const ReportChart& chart);

}  // namespace persona4rec
