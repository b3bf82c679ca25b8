// UTF-8 as code points, and tokens by their code points. Thread-safety: re-entrant.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/utf8.hpp"

namespace persona4rec {

struct CodePointHash {
  using is_transparent = void;
  std::size_t operator()(std::u32string_view text) const { return std::hash<std::u32string_view>{}(text); }
};
// Token -> id; found by a view of it too.
using TokenIds = std::unordered_map<std::u32string, std::int32_t, CodePointHash, std::equal_to<>>;

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
