// Texts of a request's facts. Thread-safe.
#pragma once

#include <string>
#include <string_view>

#include "persona4rec/json.hpp"

namespace persona4rec {

// A text of an object, which outlives it; "" where the object has none. REQUIRES: it is a string.
[[nodiscard]] inline std::string_view fact_text(const Json& object, const char* field) {
  const auto found = object.find(field);
  return found == object.end() ? std::string_view() : found->get_ref<const std::string&>();
}

}  // namespace persona4rec
