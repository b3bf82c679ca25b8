#include "llm/http/secret.hpp"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "base/ascii.hpp"
#include "base/utf8.hpp"
#include "persona4rec/error.hpp"

namespace persona4rec {
namespace {

constexpr std::size_t kShortestSecret = 8;
constexpr std::string_view kMask = "[key]";

void replace_all(std::string& text, std::string_view from) {
  for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + kMask.size()))
    text.replace(at, from.size(), kMask);
}

bool is_url_safe(char c) {
  return is_ascii_letter(c) || is_ascii_digit(c) || std::string_view("-._~").find(c) != std::string_view::npos;
}

std::string url_encoded(std::string_view value) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string encoded;
  for (const char c : value) {
    const auto byte = static_cast<unsigned char>(c);
    if (is_url_safe(c)) {
      encoded += c;
    } else {
      (encoded += '%') += kDigits[byte >> 4U];
      encoded += kDigits[byte & 15U];
    }
  }
  return encoded;
}

std::string json_escaped(std::string_view value) {
  std::string escaped;
  for (const char c : value) {
    if (c == '/' || c == '"' || c == '\\') escaped += '\\';
    escaped += c;
  }
  return escaped;
}

}  // namespace

Secret::Secret(std::string value) : value_(std::move(value)) {
  const auto is_bad = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; };
  if (std::any_of(value_.begin(), value_.end(), is_bad))
    throw usage_error("OPENAI_API_KEY contains control characters (a line end?): it cannot be a key");
}

Secret Secret::from_environment() {
  const char* value = std::getenv("OPENAI_API_KEY");
  // A key read from a file often brings the file's last line end.
  return value == nullptr ? Secret() : Secret(std::string(trim(value)));
}

void Secret::redact(std::string& text) const {
  if (value_.size() < kShortestSecret) return;
  replace_all(text, value_);
  if (const auto escaped = json_escaped(value_); escaped != value_) replace_all(text, escaped);
  if (const auto encoded = url_encoded(value_); encoded != value_) replace_all(text, encoded);
}

}  // namespace persona4rec
