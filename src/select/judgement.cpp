#include "select/judgement.hpp"

#include <algorithm>

#include "base/ascii.hpp"
#include "base/utf8.hpp"

namespace persona4rec {
namespace {

bool is_id_char(char c) {
  return is_ascii_digit(c) || is_ascii_letter(c) || static_cast<unsigned char>(c) >= 0x80;
}

std::string_view digits_at(std::string_view text, std::size_t at) {
  std::size_t end = at;
  while (end < text.size() && is_ascii_digit(text[end])) ++end;
  return text.substr(at, end - at);
}

// The line behind the last "Selection:" of the text, mark-up between the word and the colon allowed.
std::optional<std::string_view> verdict_line(std::string_view text) {
  constexpr std::string_view kWord = "selection";
  const std::string lower = ascii_lower(text);
  for (auto at = lower.rfind(kWord); at != std::string::npos;
       at = at == 0 ? std::string::npos : lower.rfind(kWord, at - 1)) {
    const auto colon = lower.find_first_not_of("*_` ", at + kWord.size());
    if (colon == std::string::npos || lower[colon] != ':') continue;
    const auto rest = text.substr(colon + 1);
    const auto begin = std::min(rest.find_first_not_of("*_` \t\r\n"), rest.size());
    return rest.substr(begin, rest.find('\n', begin) - begin);
  }
  return std::nullopt;
}

// "P3" that is no part of a longer word.
std::optional<std::string> persona_word(std::string_view text) {
  for (std::size_t at = 0; at < text.size(); ++at) {
    if ((text[at] != 'P' && text[at] != 'p') || (at > 0 && is_id_char(text[at - 1]))) continue;
    const auto digits = digits_at(text, at + 1);
    const auto end = at + 1 + digits.size();
    if (!digits.empty() && (end == text.size() || !is_id_char(text[end]))) return "P" + std::string(digits);
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string> judged_persona(std::string_view reasoning, const ItemId& item) {
  const auto line = verdict_line(reasoning);
  if (!line) return std::nullopt;
  // Behind the item's own id first: an id may itself look like a persona's.
  const auto unique = item.text() + "_P";
  if (const auto at = line->find(unique); at != std::string_view::npos) {
    const auto digits = digits_at(*line, at + unique.size());
    if (!digits.empty()) return "P" + std::string(digits);
  }
  if (auto word = persona_word(*line)) return word;
  const auto number = digits_at(*line, 0);
  const bool alone = number.size() == line->size() || (!number.empty() && !is_id_char((*line)[number.size()]));
  if (!number.empty() && alone) return "P" + std::string(number);
  return std::nullopt;
}

}  // namespace persona4rec
