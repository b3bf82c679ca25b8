#include "base/excerpt.hpp"

#include "base/utf8.hpp"

namespace persona4rec {
namespace {

constexpr std::string_view kEllipsis = "…";

// A sign of ASCII that can be seen, and so no white space: a run of them is copied at once.
bool is_seen(char c) {
  return c > ' ' && c < '\x7F';
}

std::string tidy(std::string_view text, Lines lines) {
  std::string out;
  out.reserve(text.size());
  char space = '\0';  // what the white space before the next word becomes
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = at;
    while (end < text.size() && is_seen(text[end])) ++end;
    const char32_t code_point = end > at ? U'x' : next_code_point(text, end);
    const auto piece = text.substr(at, end - at);
    at = end;
    if (is_space(code_point)) {
      if (space != '\n') space = code_point == U'\n' && lines == Lines::kKeep ? '\n' : ' ';
      continue;
    }
    if (space != '\0' && !out.empty()) out += space;
    space = '\0';
    out += piece;
  }
  return out;
}

}  // namespace

std::string excerpt(std::string_view text, std::size_t max_bytes, Lines lines) {
  std::string line = tidy(text, lines);
  if (max_bytes == 0 || line.size() <= max_bytes) return line;
  const std::size_t room = max_bytes > kEllipsis.size() ? max_bytes - kEllipsis.size() : 0;
  auto kept = cut_utf8(line, room);
  // A cut inside a word goes back to its beginning, unless that would lose half of what there is room for.
  const auto space = kept.find_last_of(" \n");
  if (kept.size() < line.size() && line[kept.size()] != ' ' && line[kept.size()] != '\n' &&
      space != std::string_view::npos && space > room / 2) {
    kept = kept.substr(0, space);
  }
  return std::string(trim(kept)) + std::string(kEllipsis);
}

}  // namespace persona4rec
