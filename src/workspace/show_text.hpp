// What `show` found, for people to read.
#pragma once

#include <string>

#include "persona4rec/json.hpp"

namespace persona4rec {

// Of what show_item() and show_user() give. Thread-safety: re-entrant.
[[nodiscard]] std::string show_text(const Json& shown);

}  // namespace persona4rec
