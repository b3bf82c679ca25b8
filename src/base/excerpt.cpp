#include "base/excerpt.hpp"

#include <bit>

#include "base/bulk/byte_run.hpp"
#include "base/utf8.hpp"

namespace persona4rec {
namespace {

constexpr std::string_view kEllipsis = "…";

// A sign of ASCII that can be seen, and so no white space.
bool is_seen(char c) {
  return c > ' ' && c < '\x7F';
}

// Behind the words, one blank between two of them, that begin at `at`: what is copied as it stands. REQUIRES: a seen
// sign at `at`.
std::size_t tidy_end(std::string_view text, std::size_t at) {
  std::size_t end = at + 1;
  for (bool more = true; more;) {
    if (text.size() - end >= kRunBytes) {
      const ByteRun run(text.data() + end);
      const auto blanks = run.equal(' ');
      const auto stops = run.unusual() | (blanks & (blanks << 1U | (text[end - 1] == ' ' ? 1U : 0U)));
      end += stops == 0 ? kRunBytes : static_cast<std::size_t>(std::countr_zero(stops));
      if (stops == 0) continue;
    }
    const bool single_blank = end < text.size() && text[end] == ' ' && text[end - 1] != ' ';
    more = end < text.size() && (is_seen(text[end]) || single_blank);
    end += more ? 1 : 0;
  }
  return text[end - 1] == ' ' ? end - 1 : end;
}

std::string tidy(std::string_view text, Lines lines) {
  std::string out;
  out.reserve(text.size());
  char space = '\0';  // what the white space before the next word becomes
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = at;
    const char32_t code_point = is_seen(text[at]) ? U'x' : next_code_point(text, end);
    if (end == at) end = tidy_end(text, at);
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
