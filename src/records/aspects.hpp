// A review's aspects as templates show them.
#pragma once

#include <string>
#include <vector>

#include "persona4rec/json.hpp"

namespace persona4rec {

struct Aspect {
  std::string key;    // "category_preference"
  std::string words;  // "category preference"
  std::string value;  // a string as it is, all else as JSON
  bool is_text;       // the value was a string
};

// All that a model said something about (not null), in the row's order; empty when `extracted` is no object.
// Thread-safe.
[[nodiscard]] std::vector<Aspect> aspects_of(const Json& extracted);

}  // namespace persona4rec
