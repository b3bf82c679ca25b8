// Explained recommendations as a list. Thread-safe.
#pragma once

#include "persona4rec/report.hpp"
#include "report/page/markup.hpp"

namespace persona4rec {

void write_explanations(Markup& out, const ReportExplanations& explanations);

}  // namespace persona4rec
