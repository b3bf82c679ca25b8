// What is wrong with the personas of an answer, beyond its schema.
#pragma once

#include <string>

#include "persona4rec/json.hpp"

namespace persona4rec {

// What is wrong with an answer that fits the schema: two personas that say the same, a name given twice, a review given
// twice, a sensitive trait ascribed to people. Empty = nothing. For the model's eyes.
// REQUIRES: the answer fits the schema of personas. Thread-safety: re-entrant.
[[nodiscard]] std::string persona_problem(const Json& answer);

}  // namespace persona4rec
