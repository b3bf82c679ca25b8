#include "base/utf8.hpp"

#include <utf8proc.h>

namespace persona4rec {
namespace {

const utf8proc_uint8_t* bytes_of(std::string_view text) {
  return reinterpret_cast<const utf8proc_uint8_t*>(text.data());
}

}  // namespace

std::optional<std::size_t> find_bad_utf8(std::string_view text) {
  std::size_t offset = 0;
  while (offset < text.size()) {
    if (static_cast<unsigned char>(text[offset]) < 0x80) {
      ++offset;
      continue;
    }
    utf8proc_int32_t code = 0;
    const auto rest = text.substr(offset);
    const auto used = utf8proc_iterate(bytes_of(rest), static_cast<utf8proc_ssize_t>(rest.size()), &code);
    if (used <= 0) return offset;
    offset += static_cast<std::size_t>(used);
  }
  return std::nullopt;
}

std::string valid_utf8(std::string_view text) {
  std::string valid;
  for (auto bad = find_bad_utf8(text); bad; bad = find_bad_utf8(text)) {
    valid.append(text.substr(0, *bad)).append("\xEF\xBF\xBD");
    text.remove_prefix(*bad + 1);
  }
  return valid.append(text);
}

char32_t wide_code_point(std::string_view text, std::size_t& offset) {
  utf8proc_int32_t code = 0;
  const auto rest = text.substr(offset);
  const auto used = utf8proc_iterate(bytes_of(rest), static_cast<utf8proc_ssize_t>(rest.size()), &code);
  if (used <= 0) {  // not UTF-8 after all: one replacement character a byte, so that the walk ends
    ++offset;
    return 0xFFFD;
  }
  offset += static_cast<std::size_t>(used);
  return static_cast<char32_t>(code);
}

void append_utf8(std::string& text, char32_t code_point) {
  if (code_point < 0x80) {
    text += static_cast<char>(code_point);
    return;
  }
  utf8proc_uint8_t bytes[4];
  const auto size = utf8proc_encode_char(static_cast<utf8proc_int32_t>(code_point), bytes);
  text.append(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size));
}

std::size_t count_code_points(std::string_view text) {
  std::size_t count = 0;
  for (const char byte : text) count += (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U ? 1U : 0U;
  return count;
}

std::string_view cut_utf8(std::string_view text, std::size_t max_bytes) {
  if (text.size() <= max_bytes) return text;
  std::size_t end = max_bytes;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  return text.substr(0, end);
}

std::string lower_utf8(std::string_view text) {
  std::string out(text);
  std::size_t i = 0;
  for (; i < out.size() && static_cast<unsigned char>(out[i]) < 0x80; ++i) out[i] = ascii_lower(out[i]);
  if (i == out.size()) return out;
  out.resize(i);
  while (i < text.size()) append_utf8(out, lower_code_point(next_code_point(text, i)));
  return out;
}

char32_t lower_code_point(char32_t code_point) {
  if (code_point < 0x80) return static_cast<unsigned char>(ascii_lower(static_cast<char>(code_point)));
  return static_cast<char32_t>(utf8proc_tolower(static_cast<utf8proc_int32_t>(code_point)));
}

bool is_wide_word(char32_t code_point) {
  switch (utf8proc_category(static_cast<utf8proc_int32_t>(code_point))) {
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO:
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_MC:
    case UTF8PROC_CATEGORY_ND:
    case UTF8PROC_CATEGORY_NL:
    case UTF8PROC_CATEGORY_NO:
    case UTF8PROC_CATEGORY_PC:
      return true;
    default:
      return false;
  }
}

bool is_wide_space(char32_t code_point) {
  return code_point == 0x85 || utf8proc_category(static_cast<utf8proc_int32_t>(code_point)) == UTF8PROC_CATEGORY_ZS;
}

bool is_upper(char32_t code_point) {
  if (code_point < 0x80) return is_ascii_upper(static_cast<char>(code_point));
  return utf8proc_category(static_cast<utf8proc_int32_t>(code_point)) == UTF8PROC_CATEGORY_LU;
}

std::string_view trim(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n\f\v";
  const auto begin = text.find_first_not_of(kSpace);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kSpace) - begin + 1);
}

std::string one_line(std::string_view text, std::size_t most_bytes) {
  std::string line(trim(text));
  for (char& c : line) {
    if (c == '\n' || c == '\r' || c == '\t') c = ' ';
  }
  return line.size() <= most_bytes ? line : std::string(cut_utf8(line, most_bytes)) + "...";
}

}  // namespace persona4rec
