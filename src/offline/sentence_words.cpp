#include "offline/sentence_words.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

#include "base/ascii.hpp"
#include "base/utf8.hpp"
#include "offline/word_kinds.hpp"

namespace persona4rec {
namespace {

constexpr std::size_t kBytesPerWord = 5;  // about

// Of a byte of ASCII, bits.
enum Sign : std::uint8_t { kWordSign = 1, kLetter = 2, kMark = 4, kBlank = 8 };

constexpr auto kSigns = [] {
  std::array<std::uint8_t, 128> signs{};
  for (std::size_t byte = 0; byte < signs.size(); ++byte) {
    const auto c = static_cast<char>(byte);
    const bool letter = is_ascii_letter(c);
    unsigned bits = 0;
    if (letter) bits |= kLetter;
    if (letter || is_ascii_digit(c) || c == '_') bits |= kWordSign;
    if (c == '\'' || c == '-') bits |= kMark;
    if (c == ' ' || (c >= '\t' && c <= '\r')) bits |= kBlank;
    signs.at(byte) = static_cast<std::uint8_t>(bits);
  }
  return signs;
}();

// REQUIRES: ASCII.
bool has_sign(char c, Sign sign) {
  return (kSigns[static_cast<unsigned char>(c)] & sign) != 0;
}

bool is_ascii(std::string_view text) {
  std::uint8_t all = 0;
  for (const char c : text) all |= static_cast<unsigned char>(c);
  return all < 0x80;
}

bool is_mark(std::string_view sentence, std::size_t at) {
  return sentence[at] == '\'' || sentence[at] == '-' || sentence.substr(at).starts_with("’");
}

// End of the word that begins at `begin`; inner marks need a word character on both sides.
std::size_t word_end(std::string_view sentence, std::size_t begin) {
  std::size_t at = begin;
  while (at < sentence.size()) {
    std::size_t next = at;
    if (is_word(next_code_point(sentence, next))) {
      at = next;
      continue;
    }
    if (!is_mark(sentence, at) || next >= sentence.size()) break;
    std::size_t behind = next;
    if (!is_word(next_code_point(sentence, behind))) break;
    at = behind;
  }
  return at;
}

}  // namespace

SentenceWords::SentenceWords(std::string_view sentence) {
  words_.reserve(sentence.size() / kBytesPerWord + 1);
  if (is_ascii(sentence)) {
    read_ascii(sentence);
  } else {
    read_any(sentence);
  }
}

void SentenceWords::add(TextWord word) {
  const auto stem = word.lower.substr(0, word.letters ? word.lower.size() : word.lower.find('\''));
  const auto kind = word_kind(stem);  // "don't" is as common as "don"
  word.stop = kind.stop || (word.letters ? stem.size() : count_code_points(stem)) < 2;
  word.judging = kind.judging && stem.size() == word.lower.size();
  words_.push_back(word);
}

void SentenceWords::read_ascii(std::string_view sentence) {
  lower_.resize(sentence.size());
  std::ranges::transform(sentence, lower_.begin(), [](char c) { return ascii_lower(c); });
  const std::string_view lower(lower_.data(), lower_.size());
  bool only_blanks = true;
  for (std::size_t at = 0; at < sentence.size();) {
    if (!has_sign(sentence[at], kWordSign)) {
      only_blanks = only_blanks && has_sign(sentence[at], kBlank);
      ++at;
      continue;
    }
    std::size_t end = at;
    bool letters = true;
    for (;;) {
      for (; end < sentence.size() && has_sign(sentence[end], kWordSign); ++end)
        letters &= has_sign(sentence[end], kLetter);
      const bool goes_on =
          end + 1 < sentence.size() && has_sign(sentence[end], kMark) && has_sign(sentence[end + 1], kWordSign);
      if (!goes_on) break;
      letters = false;
      ++end;
    }
    add({.text = sentence.substr(at, end - at),
         .lower = lower.substr(at, end - at),
         .begin = at,
         .capital = is_ascii_upper(sentence[at]),
         .letters = letters,
         .joined = only_blanks && !words_.empty()});
    only_blanks = true;
    at = end;
  }
}

// The small letters have as many characters, and what is a word there is one here.
void SentenceWords::read_any(std::string_view sentence) {
  const auto small = lower_utf8(sentence);
  lower_.assign(small.begin(), small.end());
  const std::string_view lower(lower_.data(), lower_.size());
  std::size_t in_lower = 0;
  const auto skip_to = [&](std::size_t from, std::size_t to) {
    for (std::size_t at = from; at < to;) {
      next_code_point(sentence, at);
      next_code_point(lower, in_lower);
    }
  };
  bool only_blanks = true;
  for (std::size_t at = 0; at < sentence.size();) {
    std::size_t end = at;
    const char32_t first = next_code_point(sentence, end);
    const bool word = is_word(first);
    if (word) end = word_end(sentence, at);
    const std::size_t begin = in_lower;
    skip_to(at, end);
    if (word) {
      const auto text = sentence.substr(at, end - at);
      add({.text = text,
           .lower = lower.substr(begin, in_lower - begin),
           .begin = at,
           .capital = is_upper(first),
           .letters = std::ranges::all_of(text, is_ascii_letter),
           .joined = only_blanks && !words_.empty()});
    }
    only_blanks = word || (only_blanks && is_space(first));
    at = end;
  }
}

std::string_view span_of(std::string_view sentence, const TextWord& first, const TextWord& last) {
  return sentence.substr(first.begin, last.begin + last.text.size() - first.begin);
}

std::string_view lower_span(const TextWord& first, const TextWord& last) {
  const char* end = last.lower.data() + last.lower.size();
  const char* begin = first.lower.data();  // of one text: the words between stand there too
  return {begin, static_cast<std::size_t>(end - begin)};
}

}  // namespace persona4rec
