// A table in a frame that scrolls sideways on narrow screens. Thread-safe.
#pragma once

#include "persona4rec/report.hpp"
#include "report/page/markup.hpp"

namespace persona4rec {

void write_table(Markup& out, const ReportTable& table);

}  // namespace persona4rec
