#include "encoder/tokenizer/character_map.hpp"

#include <utf8proc.h>

#include <cstring>

#include "base/utf8.hpp"

namespace persona4rec {
namespace {

// A unit of the trie, as darts-clone lays it out: https://github.com/s-yata/darts-clone (include/darts.h).
bool has_leaf(std::uint32_t unit) {
  return (unit >> 8U & 1U) != 0;
}
std::uint32_t value_of(std::uint32_t unit) {
  return unit & 0x7FFFFFFFU;
}
std::uint32_t label_of(std::uint32_t unit) {
  return unit & 0x800000FFU;
}
std::uint32_t offset_of(std::uint32_t unit) {
  return unit >> 10U << ((unit & 0x200U) >> 6U);
}

// The library takes whole graphemes of fewer bytes, and longer ones code point by code point.
constexpr std::size_t kGraphemeBytes = 6;

// Where the grapheme that starts at `begin` ends.
std::size_t grapheme_end(std::string_view text, std::size_t begin) {
  std::size_t end = begin;
  char32_t before = next_code_point(text, end);
  utf8proc_int32_t state = 0;
  while (end < text.size()) {
    std::size_t after = end;
    const char32_t next = next_code_point(text, after);
    if (utf8proc_grapheme_break_stateful(static_cast<utf8proc_int32_t>(before), static_cast<utf8proc_int32_t>(next),
                                         &state)) {
      break;
    }
    before = next;
    end = after;
  }
  return end;
}

}  // namespace

std::optional<CharacterMap> CharacterMap::parse(std::string_view compiled) {
  if (compiled.empty()) return CharacterMap();
  std::uint32_t bytes = 0;
  if (compiled.size() < sizeof(bytes)) return std::nullopt;
  std::memcpy(&bytes, compiled.data(), sizeof(bytes));
  if (bytes % sizeof(std::uint32_t) != 0 || bytes > compiled.size() - sizeof(bytes)) return std::nullopt;
  CharacterMap map;
  map.trie_.resize(bytes / sizeof(std::uint32_t));
  std::memcpy(map.trie_.data(), compiled.data() + sizeof(bytes), bytes);
  map.replacements_ = compiled.substr(sizeof(bytes) + bytes);
  return map;
}

std::optional<std::string_view> CharacterMap::find(std::string_view chunk) const {
  std::uint32_t at = trie_.empty() ? 0 : offset_of(trie_[0]);
  for (const char c : chunk) {
    const auto byte = static_cast<unsigned char>(c);
    at ^= byte;
    if (byte == 0 || at >= trie_.size() || label_of(trie_[at]) != byte) return std::nullopt;
    const std::uint32_t unit = trie_[at];
    at ^= offset_of(unit);
    if (!has_leaf(unit) || at >= trie_.size()) continue;
    const std::uint32_t begin = value_of(trie_[at]);
    if (begin >= replacements_.size()) return std::nullopt;
    const std::string_view rest = std::string_view(replacements_).substr(begin);
    return rest.substr(0, rest.find('\0'));
  }
  return std::nullopt;
}

std::string CharacterMap::normalize(std::string_view text) const {
  if (trie_.empty()) return std::string(text);
  std::string out;
  out.reserve(text.size());
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = grapheme_end(text, begin);
    const std::string_view grapheme = text.substr(begin, end - begin);
    begin = end;
    if (grapheme.size() < kGraphemeBytes) {
      if (const auto replacement = find(grapheme)) {
        out += *replacement;
        continue;
      }
    }
    for (std::size_t at = 0; at < grapheme.size();) {
      const std::size_t first = at;
      next_code_point(grapheme, at);
      const std::string_view part = grapheme.substr(first, at - first);
      out += find(part).value_or(part);
    }
  }
  return out;
}

}  // namespace persona4rec
