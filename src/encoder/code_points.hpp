// UTF-8 as code points. Thread-safety: re-entrant.
#pragma once

#include <string>
#include <string_view>

#include "base/utf8.hpp"

namespace persona4rec {

[[nodiscard]] inline std::u32string to_code_points(std::string_view text) {
  std::u32string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size();) out += next_code_point(text, i);
  return out;
}

[[nodiscard]] inline std::string to_utf8(std::u32string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char32_t c : text) append_utf8(out, c);
  return out;
}

}  // namespace persona4rec
