#include "base/excerpt.hpp"

#include "base/utf8.hpp"

namespace persona4rec {
namespace {

constexpr std::string_view kEllipsis = "…";

std::string one_line(std::string_view text) {
  std::string line;
  line.reserve(text.size());
  bool space = false;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t begin = at;
    if (is_space(next_code_point(text, at))) {
      space = true;
      continue;
    }
    if (space && !line.empty()) line += ' ';
    space = false;
    line += text.substr(begin, at - begin);
  }
  return line;
}

}  // namespace

std::string excerpt(std::string_view text, std::size_t max_bytes) {
  std::string line = one_line(text);
  if (max_bytes == 0 || line.size() <= max_bytes) return line;
  const std::size_t room = max_bytes > kEllipsis.size() ? max_bytes - kEllipsis.size() : 0;
  auto kept = cut_utf8(line, room);
  // A cut inside a word goes back to its beginning, unless that would lose half of what there is room for.
  const auto space = kept.rfind(' ');
  if (kept.size() < line.size() && line[kept.size()] != ' ' && space != std::string_view::npos && space > room / 2) {
    kept = kept.substr(0, space);
  }
  return std::string(trim(kept)) + std::string(kEllipsis);
}

}  // namespace persona4rec
