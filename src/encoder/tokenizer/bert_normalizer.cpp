#include "encoder/tokenizer/bert_normalizer.hpp"

#include <utf8proc.h>

#include <algorithm>
#include <array>
#include <span>

#include "encoder/tokenizer/bert_unicode.hpp"

namespace persona4rec {
namespace {

bool in(std::span<const CodePointRange> ranges, char32_t code_point) {
  const auto after = std::ranges::upper_bound(ranges, code_point, {}, &CodePointRange::first);
  return after != ranges.begin() && code_point <= std::prev(after)->last;
}

utf8proc_category_t category(char32_t code_point) {
  return utf8proc_category(static_cast<utf8proc_int32_t>(code_point));
}

// What clean_text drops; the three that it takes for white space are no controls.
bool is_dropped(char32_t c) {
  if (c == U'\t' || c == U'\n' || c == U'\r') return false;
  if (c < 0x80) return c < 0x20 || c == 0x7F;
  if (c == 0xFFFD) return true;
  const auto kind = category(c);
  if (kind == UTF8PROC_CATEGORY_CF) return !in(kNotControl, c);
  return kind == UTF8PROC_CATEGORY_CC || kind == UTF8PROC_CATEGORY_CO;
}

// The library's own ranges; it starts one block at U+2B920 where BERT's original starts it at U+2B820.
bool is_chinese(char32_t c) {
  static constexpr std::array<CodePointRange, 8> kChinese = {{{0x3400, 0x4DBF},
                                                              {0x4E00, 0x9FFF},
                                                              {0xF900, 0xFAFF},
                                                              {0x20000, 0x2A6DF},
                                                              {0x2A700, 0x2B73F},
                                                              {0x2B740, 0x2B81F},
                                                              {0x2B920, 0x2CEAF},
                                                              {0x2F800, 0x2FA1F}}};
  return c >= 0x3400 && in(kChinese, c);
}

bool is_mark(char32_t c) {
  if (c < 0x300) return false;
  return category(c) == UTF8PROC_CATEGORY_MN ? !in(kNotMark, c) : in(kAlsoMark, c);
}

bool is_punctuation(char32_t c) {
  if (c < 0x80) return (c >= 33 && c <= 47) || (c >= 58 && c <= 64) || (c >= 91 && c <= 96) || (c >= 123 && c <= 126);
  const auto kind = category(c);
  const bool punctuation = kind >= UTF8PROC_CATEGORY_PC && kind <= UTF8PROC_CATEGORY_PO;
  return punctuation ? !in(kNotPunctuation, c) : in(kAlsoPunctuation, c);
}

void append_clean(char32_t c, const BertNormalizerOptions& options, std::u32string& out) {
  if (options.clean_text) {
    if (is_dropped(c)) return;
    if (is_white_space(c)) c = U' ';
  }
  if (options.handle_chinese_chars && is_chinese(c)) {
    out.append({U' ', c, U' '});
  } else {
    out += c;
  }
}

// Canonical decomposition, then without marks. The order of marks is of no interest: they go.
void strip_accents(std::u32string& text) {
  if (std::ranges::all_of(text, [](char32_t c) { return c < 0xC0; })) return;
  std::u32string out;
  out.reserve(text.size());
  for (const char32_t c : text) {
    std::array<utf8proc_int32_t, 32> parts{};  // the longest canonical decomposition has 4
    utf8proc_ssize_t count = 1;
    parts[0] = static_cast<utf8proc_int32_t>(c);
    if (c >= 0xC0 && !in(kNotDecomposed, c)) {
      int boundary = 0;
      count = utf8proc_decompose_char(parts[0], parts.data(), parts.size(), UTF8PROC_DECOMPOSE, &boundary);
    }
    for (utf8proc_ssize_t i = 0; i < count; ++i) {
      const auto part = static_cast<char32_t>(parts[static_cast<std::size_t>(i)]);
      if (!is_mark(part)) out += part;
    }
  }
  text = std::move(out);
}

void lower_case(std::u32string& text) {
  // The one code point whose lower case is two (Unicode's SpecialCasing, unconditional part).
  for (std::size_t i = text.find(U'\u0130'); i != std::u32string::npos; i = text.find(U'\u0130', i + 2)) {
    text.replace(i, 1, U"i\u0307");
  }
  for (char32_t& c : text) {
    if (c < 0x80) {
      if (c >= U'A' && c <= U'Z') c += 32;
    } else {
      c = static_cast<char32_t>(utf8proc_tolower(static_cast<utf8proc_int32_t>(c)));
    }
  }
}

}  // namespace

bool is_white_space(char32_t c) {
  if (c < 0x80) return c == U' ' || (c >= 9 && c <= 13);
  if (c == 0x85) return true;
  const auto kind = category(c);
  return kind == UTF8PROC_CATEGORY_ZS || kind == UTF8PROC_CATEGORY_ZL || kind == UTF8PROC_CATEGORY_ZP;
}

std::u32string bert_normalize(std::u32string_view text, const BertNormalizerOptions& options) {
  std::u32string out;
  out.reserve(text.size());
  for (const char32_t c : text) append_clean(c, options, out);
  if (options.strip_accents) strip_accents(out);
  if (options.lowercase) lower_case(out);
  return out;
}

std::vector<std::u32string_view> bert_words(std::u32string_view text) {
  std::vector<std::u32string_view> words;
  std::size_t begin = 0;
  const auto close = [&](std::size_t end) {
    if (end > begin) words.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool space = is_white_space(text[i]);
    if (!space && !is_punctuation(text[i])) continue;
    close(i);
    if (!space) words.push_back(text.substr(i, 1));
  }
  close(text.size());
  return words;
}

}  // namespace persona4rec
