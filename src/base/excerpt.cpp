#include "base/excerpt.hpp"

#include "base/utf8.hpp"

namespace persona4rec {
namespace {

constexpr std::string_view kEllipsis = "…";

std::string tidy(std::string_view text, Lines lines) {
  std::string out;
  out.reserve(text.size());
  char space = '\0';  // what the white space before the next word becomes
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t begin = at;
    const char32_t code_point = next_code_point(text, at);
    if (is_space(code_point)) {
      if (space != '\n') space = code_point == U'\n' && lines == Lines::kKeep ? '\n' : ' ';
      continue;
    }
    if (space != '\0' && !out.empty()) out += space;
    space = '\0';
    out += text.substr(begin, at - begin);
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
