// What becomes of the gates of an evaluation (docs/method.md, 9.5 Gates).
#pragma once

#include <span>
#include <vector>

#include "persona4rec/eval.hpp"

namespace persona4rec {

// Drop gates are one family: the one that its resamples speak most clearly against is judged by an interval of
// 1 - alpha / m, the next by 1 - alpha / (m - 1), and so on until one does not fail; those that are left take the
// interval at which it ended. REQUIRES: report.files has one file, or the first file and the one to judge; groups and
// metrics of the gates are in the report.
[[nodiscard]] std::vector<GateResult> judge_gates(const EvalReport& report, std::span<const Gate> gates);

// Half the width of a two-sided normal interval in standard errors: 1.96 for .95.
[[nodiscard]] double normal_width(double confidence);

}  // namespace persona4rec
