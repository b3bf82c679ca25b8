// JSON written straight into a string, byte for byte as Json::dump() has it, without a Json in between: for outputs of
// many rows. Thread-safe.
#pragma once

#include <string>
#include <string_view>

namespace persona4rec {

// The shortest or nearly the shortest digits that are read back as the same number; null where it is not finite.
void append_json(std::string& text, double number);

// A string in quotes. REQUIRES: UTF-8.
void append_json(std::string& text, std::string_view string);

// An id as it came: an integer without quotes.
inline void append_json_id(std::string& text, std::string_view id, bool is_integer) {
  if (is_integer) {
    text += id;
  } else {
    append_json(text, id);
  }
}

}  // namespace persona4rec
