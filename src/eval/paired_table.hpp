// The paired differences of a report as aligned text.
#pragma once

#include <string>

#include "persona4rec/eval.hpp"

namespace persona4rec {

// A block for each group and file that was tested against the first file, each after an empty line: difference with
// interval, p, effect size, win/tie/loss, what the users resolve. Empty for a report without tests.
[[nodiscard]] std::string paired_table(const EvalReport& report);

}  // namespace persona4rec
