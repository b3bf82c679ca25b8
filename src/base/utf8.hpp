// UTF-8: checking, walking, cutting, lower-casing, the facts of a code point (utf8proc's Unicode 14).
// Thread-safety: re-entrant.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/ascii.hpp"

namespace persona4rec {

// Byte offset of the first byte that is not UTF-8; nothing when all is well.
[[nodiscard]] std::optional<std::size_t> find_bad_utf8(std::string_view text);

// The text with U+FFFD for every byte that is not UTF-8.
[[nodiscard]] std::string valid_utf8(std::string_view text);

// The code point at `offset`, which moves behind it. REQUIRES: valid UTF-8 and offset < text.size().
[[nodiscard]] char32_t wide_code_point(std::string_view text, std::size_t& offset);  // of two bytes and more
inline char32_t next_code_point(std::string_view text, std::size_t& offset) {
  const auto first = static_cast<unsigned char>(text[offset]);
  if (first >= 0x80) return wide_code_point(text, offset);
  ++offset;
  return first;
}
void append_utf8(std::string& text, char32_t code_point);

[[nodiscard]] std::size_t count_code_points(std::string_view text);

// The longest prefix of at most `max_bytes` bytes that does not cut a code point.
[[nodiscard]] std::string_view cut_utf8(std::string_view text, std::size_t max_bytes);

// Simple (one to one) lower case of every code point.
[[nodiscard]] std::string lower_utf8(std::string_view text);
[[nodiscard]] char32_t lower_code_point(char32_t code_point);

// Letters, marks, digits, connector punctuation: what a regular expression calls \w.
[[nodiscard]] bool is_wide_word(char32_t code_point);  // beyond ASCII
[[nodiscard]] inline bool is_word(char32_t code_point) {
  if (code_point >= 0x80) return is_wide_word(code_point);
  const auto c = static_cast<char>(code_point);
  return is_ascii_letter(c) || is_ascii_digit(c) || c == '_';
}
[[nodiscard]] bool is_wide_space(char32_t code_point);  // beyond ASCII
[[nodiscard]] inline bool is_space(char32_t code_point) {
  if (code_point >= 0x80) return is_wide_space(code_point);
  return code_point == ' ' || (code_point >= '\t' && code_point <= '\r');
}
[[nodiscard]] bool is_upper(char32_t code_point);

// The text without leading and trailing white space.
[[nodiscard]] std::string_view trim(std::string_view text);

// Trimmed, line ends and tabs as spaces, cut at a whole character after `most_bytes` with "..." behind.
[[nodiscard]] std::string one_line(std::string_view text, std::size_t most_bytes);

}  // namespace persona4rec
