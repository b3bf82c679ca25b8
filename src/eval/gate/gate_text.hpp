// The words and numbers that the gates' reports share.
#pragma once

#include <string>

#include "persona4rec/eval.hpp"

namespace persona4rec {

// "-1.3 %" of a drop, "56" users, ".4876"; "--" where undefined. The same for the interval, "[-4.1, +1.2] %".
[[nodiscard]] std::string gate_value_text(const GateResult& result);
[[nodiscard]] std::string gate_interval_text(const GateResult& result);
// "95 %", "99.44 %"; "" without an interval.
[[nodiscard]] std::string gate_level_text(const GateResult& result);
// "2.4 %" of a drop: the smallest drop that these users resolve; else "".
[[nodiscard]] std::string gate_resolvable_text(const GateResult& result);

// "1 of 3 gates failed, 1 is inconclusive"
[[nodiscard]] std::string gate_count_text(const EvalReport& report);
// What the gates compare: "reranked against baseline: 56 of 60 users in both, world test".
[[nodiscard]] std::string gate_subject_text(const EvalReport& report);

}  // namespace persona4rec
