// Words as a shell takes them back.
#pragma once

#include <string>
#include <string_view>

namespace persona4rec {

// The word in single quotes. Thread-safety: re-entrant.
[[nodiscard]] inline std::string shell_quoted(std::string_view word) {
  std::string out = "'";
  for (const char c : word) {
    if (c == '\'') {
      out += "'\\''";
    } else {
      out += c;
    }
  }
  return out + "'";
}

}  // namespace persona4rec
