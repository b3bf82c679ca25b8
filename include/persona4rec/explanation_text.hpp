// What explain() says, for a person to read. Thread-safety: re-entrant.
#pragma once

#include <string>

#include "persona4rec/json.hpp"

namespace persona4rec {

// REQUIRES: `explanation` came from explain().
[[nodiscard]] std::string explanation_text(const Json& explanation);

}  // namespace persona4rec
