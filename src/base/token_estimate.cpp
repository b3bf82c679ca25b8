#include "base/token_estimate.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>

#include "base/ascii.hpp"
#include "base/utf8.hpp"

namespace persona4rec {
namespace {

// Words that every English text is full of. Where they are rare, the text is in a language (or a slang) that
// vocabularies hold in small pieces.
constexpr std::array<std::string_view, 59> kFrequent{
    "a",     "all",   "an",   "and",  "are",   "as",  "at",   "be",  "but", "from", "had",  "has",
    "have",  "he",    "his",  "i",    "if",    "in",  "is",   "it",  "its", "just", "like", "more",
    "my",    "not",   "of",   "on",   "one",   "or",  "our",  "out", "so",  "that", "the",  "their",
    "them",  "there", "they", "this", "to",    "up",  "very", "was", "we",  "were", "what", "when",
    "which", "who",   "will", "with", "would", "you", "your", "for", "do",  "no",   "me"};

// Tokens a letter in words of each kind, and the least of a word, fitted on reviews.
constexpr double kLettersLower = 5.0;
constexpr double kLettersTitle = 4.2;
constexpr double kLettersCapitals = 2.1;
constexpr double kLettersForeign = 2.2;
constexpr double kLeastLower = 1.25;
constexpr double kLeastTitle = 1.4;
constexpr double kFrequentInCapitals = 1.4;
constexpr double kPunctuation = 1.1;
constexpr double kFrequentShare = 0.2;

constexpr std::size_t kLongestFrequent = 5;

// A short word as a number, in small letters.
constexpr std::uint64_t packed(std::string_view word) {
  std::uint64_t bytes = 0;
  for (const char c : word) bytes = (bytes << 8U) | static_cast<unsigned char>(ascii_lower(c));
  return bytes;
}

// kFrequent by first letter, the packed words behind each other: the words of letter c stand at [begins[c], begins[c +
// 1]).
struct FrequentWords {
  std::array<std::uint64_t, kFrequent.size()> words{};
  std::array<std::size_t, 27> begins{};
};
constexpr FrequentWords kFrequentWords = [] {
  FrequentWords table;
  std::size_t at = 0;
  for (std::size_t letter = 0; letter < 26; ++letter) {
    table.begins[letter] = at;
    for (const auto word : kFrequent) {
      if (word[0] == static_cast<char>('a' + letter)) table.words[at++] = packed(word);
    }
  }
  table.begins[26] = at;
  return table;
}();

// REQUIRES: letters, at least one.
bool is_frequent(std::string_view word) {
  if (word.size() > kLongestFrequent) return false;
  const auto letter = static_cast<std::size_t>(ascii_lower(word[0]) - 'a');
  const auto* begin = kFrequentWords.words.data();
  const auto* end = begin + kFrequentWords.begins[letter + 1];
  return std::find(begin + kFrequentWords.begins[letter], end, packed(word)) != end;
}

std::string_view letters_at(std::string_view text, std::size_t at) {
  std::size_t end = at;
  while (end < text.size() && is_ascii_letter(text[end])) ++end;
  return text.substr(at, end - at);
}

bool is_english(std::string_view text) {
  std::size_t words = 0;
  std::size_t frequent = 0;
  for (std::size_t at = 0; at < text.size();) {
    const auto word = letters_at(text, at);
    words += word.empty() ? 0 : 1;
    frequent += !word.empty() && is_frequent(word) ? 1 : 0;
    at += std::max<std::size_t>(word.size(), 1);
  }
  return words > 0 && static_cast<double>(frequent) >= kFrequentShare * static_cast<double>(words);
}

double word_tokens(std::string_view word, bool english) {
  const auto length = static_cast<double>(word.size());
  const bool capitals = std::any_of(word.begin() + 1, word.end(), is_ascii_upper);
  if (is_frequent(word)) return capitals ? kFrequentInCapitals : 1.0;
  if (capitals) return std::max(1.0, length / kLettersCapitals);
  if (!english) return std::max(1.0, length / kLettersForeign);
  return is_ascii_upper(word[0]) ? std::max(kLeastTitle, length / kLettersTitle)
                                 : std::max(kLeastLower, length / kLettersLower);
}

// Of anything but letters; moves `at` behind it. Single spaces belong to the word that follows.
double other_tokens(std::string_view text, std::size_t& at) {
  const auto byte = static_cast<unsigned char>(text[at]);
  if (byte >= 0x80) {
    const std::size_t begin = at;
    next_code_point(text, at);
    return std::max(1.0, static_cast<double>(at - begin) - 1);
  }
  ++at;
  if (byte >= '0' && byte <= '9') return 1.0;
  if (byte != ' ' && byte != '\t' && byte != '\n' && byte != '\r') return kPunctuation;
  const std::size_t begin = at;
  while (at < text.size() && (text[at] == ' ' || text[at] == '\t' || text[at] == '\n' || text[at] == '\r')) ++at;
  return byte == ' ' && at == begin ? 0.0 : 1.0;
}

// Never below what estimate_tokens() counts of so many bytes: single letters and marks count most.
double most_of_bytes(std::size_t bytes) {
  return 2 + std::max(kLeastTitle, kPunctuation) * static_cast<double>(bytes);
}

// The same, from how many letters, words and blanks there are. A word of n letters counts max(kLeastTitle, n /
// kLettersCapitals) at most, whatever its kind, and so no more than n / kLettersCapitals + kAWord.
double most_of_signs(std::string_view text) {
  constexpr double kAWord = kLeastTitle - 1 / kLettersCapitals;
  static_assert(kLettersCapitals <= kLettersForeign && kLettersCapitals <= kLettersTitle &&
                kLettersCapitals <= kLettersLower && kLeastLower <= kLeastTitle && kFrequentInCapitals <= kLeastTitle);
  std::size_t letters = 0;
  std::size_t words = 0;
  std::size_t blanks = 0;  // one alone counts nothing, a run of them 1
  unsigned before = 0;
  for (const char c : text) {
    const unsigned letter = is_ascii_letter(c) ? 1 : 0;
    letters += letter;
    words += letter & ~before;
    blanks += c == ' ' ? 1 : 0;
    before = letter;
  }
  const auto others = static_cast<double>(text.size() - letters - blanks);
  return 2 + static_cast<double>(letters) / kLettersCapitals + static_cast<double>(words) * kAWord +
         static_cast<double>(blanks) / 2 + others * kPunctuation;
}

}  // namespace

bool has_more_tokens(std::string_view text, std::uint64_t most) {
  const auto bound = static_cast<double>(most);
  if (most_of_bytes(text.size()) <= bound || most_of_signs(text) <= bound) return false;
  return estimate_tokens(text) > most;
}

std::uint64_t estimate_tokens(std::string_view text) {
  if (text.empty()) return 0;
  const bool english = is_english(text);
  double tokens = 1.0;
  for (std::size_t at = 0; at < text.size();) {
    if (!is_ascii_letter(text[at])) {
      tokens += other_tokens(text, at);
      continue;
    }
    const auto word = letters_at(text, at);
    tokens += word_tokens(word, english);
    at += word.size();
  }
  return static_cast<std::uint64_t>(std::ceil(tokens));
}

}  // namespace persona4rec
