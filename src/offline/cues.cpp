#include "offline/cues.hpp"

#include <algorithm>
#include <array>
#include <span>

#include "base/ascii.hpp"
#include "base/bulk/word_list.hpp"

namespace persona4rec {
namespace {

constexpr std::size_t kMaxClauseWords = 14;

constexpr std::array<std::string_view, 38> kPurposeCues{
    "bought this", "bought it",   "bought the",    "purchased",   "ordered",        "got this for",  "got it for",
    "as a gift",   "a gift",      "as a present",  "for my",      "for our",        "for his",       "for her",
    "birthday",    "anniversary", "christmas",     "in order to", "wanted",         "needed",        "looking for",
    "to replace",  "replacement", "my collection", "decided to",  "recommended by", "came here for", "came here to",
    "stopped in",  "stopped by",  "we went",       "i went",      "celebrat",       "to celebrate",  "because i",
    "so that i",   "for a quick", "date night"};

constexpr std::array<std::string_view, 36> kContextCues{
    "when i",       "when we",     "when you",      "whenever",     "while",       "during",
    "every day",    "every night", "at night",      "in the car",   "in my car",   "on the road",
    "at work",      "at home",     "with my",       "with friends", "with family", "with the kids",
    "my kids",      "driving",     "workout",       "working out",  "tonight",     "in the morning",
    "this morning", "last night",  "evening",       "weekend",      "summer",      "at a party",
    "for dinner",   "for lunch",   "for breakfast", "bedtime",      "back in",     "as a kid"};

bool is_copula(const TextWord& word) {
  static constexpr WordList kCopulas(
      std::to_array<std::string_view>({"is", "was", "are", "were", "sounds", "tastes", "feels", "seems"}));
  return kCopulas.contains(word.lower);
}

// The phrase around the judging word at `at`: with the content words behind it, else with "<noun> is" before it.
std::string_view phrase_at(std::string_view sentence, std::span<const TextWord> words, std::size_t at) {
  std::size_t end = at + 1;
  while (end < words.size() && end - at <= 2 && words[end].joined && !words[end].stop) ++end;
  if (end > at + 1) return span_of(sentence, words[at], words[end - 1]);
  std::size_t copula = at;  // adverbs may stand between
  while (copula > 0 && at - copula < 3 && words[copula].joined && !is_copula(words[copula])) --copula;
  const bool judged =
      copula > 0 && copula < at && is_copula(words[copula]) && words[copula].joined && !words[copula - 1].stop;
  return span_of(sentence, words[judged ? copula - 1 : at], words[at]);
}

// Does a cue that begins with the two signs at `at` stand there, and end with a word?
bool is_cue_at(std::string_view sentence, std::size_t at, std::string_view cue) {
  if (sentence.size() - at < cue.size()) return false;
  for (std::size_t i = 2; i < cue.size(); ++i) {  // it was found by the first two
    if (ascii_lower(sentence[at + i]) != cue[i]) return false;
  }
  return at + cue.size() == sentence.size() || !is_ascii_letter(sentence[at + cue.size()]);
}

// Cues by their first two signs: few words begin as one does.
class CueTable {
 public:
  explicit CueTable(std::span<const std::string_view> cues) {
    for (const auto cue : cues) {
      auto& list = list_at_.at(place_of(cue[0], cue[1]));
      if (list == 0) {
        lists_.emplace_back();
        list = static_cast<std::uint8_t>(lists_.size());
      }
      lists_[list - 1U].push_back(cue);
    }
  }

  // Byte offset of the first cue in a sentence; npos without one. A cue begins where letters do.
  [[nodiscard]] std::size_t first_in(std::string_view sentence, std::span<const TextWord> words) const {
    for (const auto& word : words) {
      const std::size_t end = word.begin + word.text.size();
      for (std::size_t at = word.begin; at < end; ++at) {
        const bool begins = is_ascii_letter(sentence[at]) && (at == word.begin || !is_ascii_letter(sentence[at - 1]));
        if (begins && is_at(sentence, at)) return at;
        if (word.letters) break;
      }
    }
    return std::string_view::npos;
  }

 private:
  static constexpr std::size_t kSigns = 128;  // of ASCII

  static std::size_t place_of(char first, char second) {
    return static_cast<std::size_t>(first - 'a') * kSigns + static_cast<unsigned char>(second) % kSigns;
  }

  // REQUIRES: a letter at `at`.
  [[nodiscard]] bool is_at(std::string_view sentence, std::size_t at) const {
    if (at + 1 == sentence.size()) return false;
    const auto list = list_at_[place_of(ascii_lower(sentence[at]), ascii_lower(sentence[at + 1]))];
    return list != 0 && std::ranges::any_of(lists_[list - 1U], [&](auto cue) { return is_cue_at(sentence, at, cue); });
  }

  std::array<std::uint8_t, 26 * kSigns> list_at_{};  // the number of a list, from 1; 0: no cue begins so
  std::vector<std::vector<std::string_view>> lists_;
};

const CueTable& table_of(Cue cue) {
  static const CueTable kPurpose(kPurposeCues);
  static const CueTable kContext(kContextCues);
  return cue == Cue::kPurpose ? kPurpose : kContext;
}

}  // namespace

std::size_t judging_words(std::span<const TextWord> words) {
  return static_cast<std::size_t>(std::ranges::count_if(words, &TextWord::judging));
}

std::vector<std::string_view> judging_phrases(std::string_view sentence, std::span<const TextWord> words) {
  std::vector<std::string_view> phrases;
  for (std::size_t at = 0; at < words.size(); ++at) {
    if (words[at].judging) phrases.push_back(phrase_at(sentence, words, at));
  }
  return phrases;
}

std::optional<std::string_view> cue_clause(std::string_view sentence, std::span<const TextWord> words, Cue cue) {
  const auto begin = table_of(cue).first_in(sentence, words);
  if (begin == std::string_view::npos) return std::nullopt;
  const auto first = std::ranges::find_if(words, [&](const TextWord& word) { return word.begin >= begin; });
  if (first == words.end()) return std::nullopt;
  auto last = first;
  while (last + 1 != words.end() && (last + 1)->joined && static_cast<std::size_t>(last - first) + 1 < kMaxClauseWords)
    ++last;
  return span_of(sentence, *first, *last);
}

}  // namespace persona4rec
