#include "offline/noun_phrases.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

#include "base/bulk/word_list.hpp"
#include "base/utf8.hpp"
#include "offline/text.hpp"
#include "offline/word_kinds.hpp"

namespace persona4rec {
namespace {

constexpr std::size_t kMaxWords = 3;
constexpr std::size_t kMaxNameWords = 6;
constexpr std::size_t kMostJoining = 3;  // small words between two parts of a name
constexpr std::size_t kLongestAcronym = 4;
constexpr std::string_view kPossessive = "'s";

bool joins(std::string_view word) {
  static constexpr WordList kJoining(
      std::to_array<std::string_view>({"of", "the", "in", "and", "to", "for", "a", "on", "de"}));
  return kJoining.contains(word);
}

bool opens_phrase(std::string_view word) {
  static constexpr WordList kDeterminers(std::to_array<std::string_view>(
      {"a",    "an",  "the", "this",  "that", "these", "those", "his", "her", "their", "its",     "my",   "our", "your",
       "some", "any", "no",  "every", "each", "of",    "with",  "for", "in",  "on",    "without", "than", "like"}));
  return kDeterminers.contains(word);
}

// Words that stand where a noun would and are none, or say nothing of taste.
bool is_empty_head(std::string_view word) {
  static constexpr WordList kEmpty(std::to_array<std::string_view>(
      {"lot",       "lots",   "bit",     "way",    "ways",       "thing",   "things",    "one",      "ones",
       "time",      "times",  "day",     "days",   "year",       "years",   "week",      "weeks",    "month",
       "months",    "star",   "stars",   "review", "reviews",    "people",  "person",    "others",   "kind",
       "sort",      "type",   "part",    "fact",   "reason",     "number",  "first",     "second",   "third",
       "last",      "next",   "same",    "item",   "product",    "rest",    "end",       "case",     "point",
       "couple",    "bunch",  "couldn",  "didn",   "doesn",      "don",     "isn",       "wasn",     "won",
       "haven",     "ago",    "etc",     "really", "just",       "also",    "get",       "got",      "make",
       "made",      "buy",    "bought",  "go",     "going",      "gone",    "come",      "came",     "take",
       "taken",     "give",   "gave",    "given",  "find",       "found",   "say",       "said",     "see",
       "seen",      "know",   "think",   "want",   "use",        "used",    "listen",    "hear",     "heard",
       "play",      "buying", "getting", "making", "everything", "nothing", "something", "anything", "favorite",
       "favourite", "hours",  "minutes", "half",   "matter",     "idea",    "stuff",     "job",      "copy"}));
  return kEmpty.contains(word);
}

bool has_digit(std::string_view word) {
  return std::ranges::any_of(word, [](char c) { return c >= '0' && c <= '9'; });
}

bool can_be_head(const TextWord& word) {
  constexpr std::size_t kShortest = 3;
  const auto stem = word.lower.substr(0, word.lower.find('\''));
  return !word.stop && stem.size() >= kShortest && !has_digit(stem) && !stem.ends_with("ly") && !is_empty_head(stem) &&
         !(stem.size() == word.lower.size() ? word.judging : word_kind(stem).judging);
}

bool can_stand_before(const TextWord& word) {
  return !word.stop && !has_digit(word.lower) && !word.lower.ends_with("ly") && !is_empty_head(word.lower);
}

// Capitals say nothing where most words have them, as in a title. The first word has one anyway.
bool says_capitals(std::span<const TextWord> words) {
  const auto capitals = std::ranges::count_if(words, [](const TextWord& word) { return word.capital; });
  const auto first = !words.empty() && words.front().capital ? 1 : 0;
  return (capitals - first) * 10 < static_cast<std::ptrdiff_t>(words.size()) * 7;
}

bool goes_on_in_capitals(std::string_view word) {
  return word.size() > kLongestAcronym && lower_utf8(word.substr(1)) != word.substr(1) &&
         lower_utf8(word.substr(1, 2)) != word.substr(1, 2);
}

class Phrases {
 public:
  Phrases(std::string_view sentence, std::span<const TextWord> words)
      : sentence_(sentence), words_(words), capitals_(says_capitals(words_)) {}

  std::vector<NounPhrase> take() {
    for (std::size_t at = 0; at < words_.size();) at = is_name_word(at) ? take_name(at) : take_run(at);
    return std::move(found_);
  }

 private:
  [[nodiscard]] bool is_name_word(std::size_t at) const {
    return capitals_ && at > 0 && words_[at].capital && !words_[at].stop && !goes_on_in_capitals(words_[at].text) &&
           words_[at].lower.size() > 1;
  }

  // Small words may join the parts of a name ("Lord of the Rings", "Songs In The Key").
  std::size_t take_name(std::size_t first) {
    std::size_t end = first + 1;
    for (std::size_t at = end; at < words_.size() && words_[at].joined && at - end < kMostJoining; ++at) {
      if (is_name_word(at)) end = at + 1;
      if (!is_name_word(at) && !(words_[at].stop && (words_[at].capital || joins(words_[at].lower)))) break;
    }
    // A name's first word may open the sentence.
    const bool opens = first == 1 && words_[0].capital && !words_[0].stop && words_[1].joined;
    if (opens || end - first > 1 || can_be_head(words_[first])) add(opens ? 0 : first, end - 1, true);
    return end;
  }

  // Content words behind a determiner, up to a word of another kind.
  std::size_t take_run(std::size_t at) {
    if (!opens_phrase(words_[at].lower)) return at + 1;
    std::size_t end = at + 1;
    while (end < words_.size() && words_[end].joined && can_stand_before(words_[end]) && !is_name_word(end)) ++end;
    if (end == at + 1 || !can_be_head(words_[end - 1])) return at + 1;
    for (std::size_t length = 1; length <= std::min(kMaxWords, end - at - 1); ++length)
      add(end - length, end - 1, false);
    return end;
  }

  void add(std::size_t first, std::size_t last, bool name) {
    last = std::min(last, first + (name ? kMaxNameWords : kMaxWords) - 1);
    auto text = span_of(sentence_, words_[first], words_[last]);
    auto key = lower_span(words_[first], words_[last]);
    if (text.ends_with(kPossessive)) {
      text.remove_suffix(kPossessive.size());
      key.remove_suffix(kPossessive.size());
    }
    found_.push_back({.text = name ? text : key, .key = key, .name = name});
  }

  std::string_view sentence_;
  std::span<const TextWord> words_;
  bool capitals_;
  std::vector<NounPhrase> found_;
};

}  // namespace

std::vector<NounPhrase> noun_phrases(std::string_view sentence, std::span<const TextWord> words) {
  return Phrases(sentence, words).take();
}

}  // namespace persona4rec
