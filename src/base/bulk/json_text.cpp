#include "base/bulk/json_text.hpp"

#include <array>
#include <bit>
#include <cmath>
#include <nlohmann/json.hpp>

#include "base/bulk/byte_run.hpp"

namespace persona4rec {
namespace {

// What stands in the escape behind its backslash: a letter, or 'u' for four hex digits; '\0': the character is no
// special one.
constexpr char escape_of(char c) {
  switch (c) {
    case '"':
    case '\\':
      return c;
    case '\b':
      return 'b';
    case '\f':
      return 'f';
    case '\n':
      return 'n';
    case '\r':
      return 'r';
    case '\t':
      return 't';
    default:
      return static_cast<unsigned char>(c) < 0x20 ? 'u' : '\0';
  }
}

constexpr auto kIsSpecial = [] {
  std::array<bool, 256> is{};
  for (std::size_t byte = 0; byte < is.size(); ++byte) is.at(byte) = escape_of(static_cast<char>(byte)) != '\0';
  return is;
}();

bool is_special(char c) {
  return kIsSpecial[static_cast<unsigned char>(c)];
}

void append_escaped(std::string& text, char c) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  const char escape = escape_of(c);
  text += '\\';
  text += escape;
  if (escape != 'u') return;
  const auto byte = static_cast<unsigned char>(c);
  text += "00";
  text += kDigits[byte >> 4U];
  text += kDigits[byte & 15U];
}

}  // namespace

// std::to_chars has the shortest digits of all; these are the library's, one in 800 of which is longer by one, so that
// what is written here and what is written by dump() stays one format.
void append_json(std::string& text, double number) {
  if (!std::isfinite(number)) {
    text += "null";
    return;
  }
  std::array<char, 64> digits{};
  const char* end = nlohmann::detail::to_chars(digits.data(), digits.data() + digits.size(), number);
  text.append(digits.data(), static_cast<std::size_t>(end - digits.data()));
}

void append_json(std::string& text, std::string_view string) {
  text += '"';
  std::size_t written = 0;
  const auto look_at = [&](std::size_t i) {
    if (!is_special(string[i])) return;
    text.append(string, written, i - written);
    append_escaped(text, string[i]);
    written = i + 1;
  };
  std::size_t at = 0;
  for (; string.size() - at >= kRunBytes; at += kRunBytes) {
    const ByteRun run(string.data() + at);
    for (auto left = run.unusual() | run.equal('"'); left != 0; left &= left - 1) {
      look_at(at + static_cast<std::size_t>(std::countr_zero(left)));
    }
  }
  for (; at < string.size(); ++at) look_at(at);
  text.append(string, written);
  text += '"';
}

}  // namespace persona4rec
