// Changes of inputs as fuzzers make them, by a seed alone: what CI tries in seconds, where scripts/fuzz.sh takes
// minutes and is guided by coverage. Thread-safety: re-entrant.
#pragma once

#include <string>
#include <vector>

#include "base/rng.hpp"

namespace persona4rec::fuzz {

// One of the inputs, changed in one to four places. REQUIRES: there is one.
[[nodiscard]] std::string mutate(const std::vector<std::string>& inputs, Rng& rng);

}  // namespace persona4rec::fuzz
