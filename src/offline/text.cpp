#include "offline/text.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "base/ascii.hpp"
#include "base/bulk/word_list.hpp"
#include "base/utf8.hpp"
#include "lexical/term_table.hpp"
#include "lexical/word_tokenizer.hpp"

namespace persona4rec {
namespace {

constexpr WordList kAbbreviations(std::to_array<std::string_view>({"mr",   "sgt", "lt",     "mrs", "ms",  "dr",
                                                                   "st",   "jr",  "sr",     "vs",  "vol", "no",
                                                                   "feat", "ft",  "etc",    "e.g", "i.e", "prof",
                                                                   "inc",  "ltd", "approx", "min", "max", "op"}));
constexpr WordList kNameConnectors(std::to_array<std::string_view>({"of", "the", "in", "and", "to", "for", "a", "on",
                                                                    "de", "at", "&"}));
constexpr std::size_t kMaxPhraseWords = 4;
constexpr std::size_t kWordBytes = 12;  // of a word before a stop: longer ones are no abbreviation

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\r';
}

const StopWords& stop_words() {
  static const StopWords kWords = StopWords::resolve("english");
  return kWords;
}

void push_sentence(std::vector<std::string>& sentences, std::string_view text) {
  text = trim(text);
  const bool has_word = std::ranges::any_of(text, [](char c) {
    return is_ascii_lower(c) || is_ascii_upper(c) || is_ascii_digit(c) || static_cast<unsigned char>(c) >= 0x80;
  });
  if (has_word) sentences.emplace_back(text);
}

// Finds the stops that end sentences; REQUIRES: asked about places from left to right. Linear in the text, whatever it
// is: the word before a stop and the end of a run of stops are kept from place to place.
class StopReader {
 public:
  explicit StopReader(std::string_view text) : text_(text) {}

  bool ends_sentence(std::size_t at) {
    for (; seen_ < at; ++seen_) {
      if (is_blank(text_[seen_]) || text_[seen_] == '(' || text_[seen_] == '"') word_ = seen_ + 1;
    }
    if (text_[at] != '.') return text_[at] == '!' || text_[at] == '?';
    const char next = at + 1 < text_.size() ? text_[at + 1] : ' ';
    const char before = at > 0 ? text_[at - 1] : ' ';
    if (is_ascii_upper(next)) return is_ascii_lower(before) && at - word_ > 2;
    if (is_ascii_digit(next) || is_ascii_lower(next) || next == '-' || next == ',' || is_pause(at)) return false;
    const auto word = lower_utf8(cut_utf8(text_.substr(word_, at - word_), kWordBytes));
    const bool initial = word.size() == 1 && is_ascii_upper(before) && before != 'I';
    const bool dotted = word.size() > 2 && word[1] == '.' && before != '.';  // "p.m", "R.E.M"
    return !initial && !dotted && !kAbbreviations.contains(word);
  }

 private:
  // "..." in the middle of a sentence: a small letter follows.
  bool is_pause(std::size_t at) {
    if (at + 1 < text_.size() && text_[at + 1] != '.' && (at == 0 || text_[at - 1] != '.')) return false;
    if (at >= run_end_) run_end_ = std::min(text_.find_first_not_of(". ", at), text_.size());
    return run_end_ < text_.size() && is_ascii_lower(text_[run_end_]);
  }

  std::string_view text_;
  std::size_t seen_ = 0;     // bytes read for word_
  std::size_t word_ = 0;     // where the run of non-blank bytes before the place begins
  std::size_t run_end_ = 0;  // behind the dots and blanks that the last pause asked for stands in
};

bool is_mark(std::string_view sentence, std::size_t at) {
  return (sentence[at] == '\'' || sentence[at] == '-' || sentence.substr(at).starts_with("’")) && at > 0;
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

bool is_connector(const TextWord& word) {
  return kNameConnectors.contains(word.lower);
}

// Most letters in capitals say nothing about names.
bool shouts(const std::vector<TextWord>& words) {
  const auto capitals = std::ranges::count_if(words, [](const TextWord& word) { return word.capital; });
  return words.size() > 3 && capitals * 10 >= static_cast<std::ptrdiff_t>(words.size()) * 7;
}

// Collects phrases with a score; the first spelling stands for all.
class PhraseBoard {
 public:
  void add(std::string_view phrase, double score) {
    const auto key = keys_.intern(lower_utf8(phrase));
    if (key == entries_.size()) entries_.push_back({std::string(phrase), 0.0});
    entries_[key].score += score;
  }

  [[nodiscard]] std::vector<std::string> best(std::size_t count) const {
    std::vector<const Entry*> order;  // of those that score the same, the first used is the first
    order.reserve(entries_.size());
    for (const auto& entry : entries_) order.push_back(&entry);
    std::ranges::stable_sort(order, std::ranges::greater(), &Entry::score);
    std::vector<std::string> phrases;
    std::set<std::string> words;  // of better phrases: one that is mostly made of them is no news
    for (const auto* entry : order) {
      if (phrases.size() == count) break;
      const auto parts = words_in(entry->text);
      std::size_t news = 0;
      for (const auto& word : parts) news += words.insert(word.lower).second ? 1 : 0;
      if (news * 2 >= parts.size()) phrases.push_back(entry->text);
    }
    return phrases;
  }

 private:
  struct Entry {
    std::string text;
    double score = 0;
  };
  TermTable keys_;
  std::vector<Entry> entries_;  // [keys]
};

// How often words come back.
class WordCounts {
 public:
  void add(std::string_view word) {
    const auto number = words_.intern(word);
    if (number == counts_.size()) counts_.push_back(0);
    counts_[number] += 1;
  }
  // 0 of one that was not added.
  [[nodiscard]] double of(std::string_view word) const {
    const auto number = words_.find(word);
    return number ? counts_[*number] : 0;
  }

 private:
  TermTable words_;
  std::vector<double> counts_;  // [words]
};

// One past the last word of the name that begins at `first`.
std::size_t name_end(const std::vector<TextWord>& words, std::size_t first) {
  std::size_t end = first + 1;
  for (std::size_t at = end; at < words.size() && words[at].joined; ++at) {
    if (words[at].capital) end = at + 1;
    if (!words[at].capital && (!is_connector(words[at]) || at - end >= 2)) break;
  }
  return end;
}

void add_names(PhraseBoard& board, std::string_view sentence, const std::vector<TextWord>& words) {
  constexpr double kNameScore = 4.0;
  if (shouts(words)) return;
  for (std::size_t at = 0; at < words.size();) {
    const bool starts = words[at].capital && words[at].lower.size() > 1;
    const std::size_t end = starts ? name_end(words, at) : at + 1;
    // A capital at the beginning of a sentence, or of a stop word, tells nothing by itself.
    const bool telling =
        end - at > 1 ? !(end - at == 2 && words[at].stop && words[at + 1].stop) : at > 0 && !words[at].stop;
    if (starts && telling) board.add(span_of(sentence, words[at], words[end - 1]), kNameScore);
    at = end;
  }
}

void add_content_runs(PhraseBoard& board, std::string_view sentence, const std::vector<TextWord>& words,
                      const WordCounts& counts) {
  for (std::size_t at = 0; at < words.size(); ++at) {
    if (words[at].stop) continue;
    std::size_t end = at + 1;
    double score = counts.of(words[at].lower);
    while (end < words.size() && words[end].joined && !words[end].stop && end - at < kMaxPhraseWords) {
      score += counts.of(words[end++].lower);
    }
    const auto length = static_cast<double>(end - at);
    board.add(span_of(sentence, words[at], words[end - 1]), length > 1 ? score / length + 0.5 : score / 2);
    at = end - 1;
  }
}

}  // namespace

std::vector<std::string> sentences_of(std::string_view text) {
  std::vector<std::string> sentences;
  std::size_t begin = 0;
  StopReader stops(text);
  for (std::size_t at = 0; at < text.size(); ++at) {
    const bool line_end = text[at] == '\n';
    if (!line_end && !stops.ends_sentence(at)) continue;
    std::size_t end = at + 1;
    while (end < text.size() && std::string_view(".!?\"')").find(text[end]) != std::string_view::npos) ++end;
    if (line_end) end = at + 1;
    push_sentence(sentences, text.substr(begin, end - begin));
    begin = end;
    at = end - 1;
  }
  push_sentence(sentences, text.substr(begin));
  return sentences;
}

std::vector<TextWord> words_in(std::string_view sentence) {
  constexpr std::size_t kBytesPerWord = 6;  // about
  std::vector<TextWord> words;
  words.reserve(sentence.size() / kBytesPerWord + 1);
  bool only_blanks = true;
  for (std::size_t at = 0; at < sentence.size();) {
    std::size_t next = at;
    const char32_t first = next_code_point(sentence, next);
    if (!is_word(first)) {
      only_blanks = only_blanks && is_space(first);
      at = next;
      continue;
    }
    const auto end = word_end(sentence, at);
    const auto text = sentence.substr(at, end - at);
    auto lower = lower_utf8(text);
    const auto stem = std::string_view(lower).substr(0, lower.find('\''));  // "don't" is as common as "don"
    const bool stop = count_code_points(stem) < 2 || stop_words().contains(stem);
    words.push_back({.text = text,
                     .lower = std::move(lower),
                     .begin = at,
                     .capital = is_upper(first),
                     .stop = stop,
                     .joined = only_blanks && !words.empty()});
    only_blanks = true;
    at = end;
  }
  return words;
}

std::string_view span_of(std::string_view sentence, const TextWord& first, const TextWord& last) {
  return sentence.substr(first.begin, last.begin + last.text.size() - first.begin);
}

std::vector<std::string> key_phrases(const std::vector<std::string>& sentences, std::size_t count) {
  std::vector<std::vector<TextWord>> words;
  words.reserve(sentences.size());
  for (const auto& sentence : sentences) words.push_back(words_in(sentence));
  return key_phrases(sentences, words, count);
}

std::vector<std::string> key_phrases(const std::vector<std::string>& sentences,
                                     const std::vector<std::vector<TextWord>>& words, std::size_t count) {
  WordCounts counts;
  for (const auto& in_sentence : words) {
    for (const auto& word : in_sentence) {
      if (!word.stop) counts.add(word.lower);
    }
  }
  PhraseBoard board;
  for (std::size_t i = 0; i < sentences.size(); ++i) add_names(board, sentences[i], words[i]);
  for (std::size_t i = 0; i < sentences.size(); ++i) add_content_runs(board, sentences[i], words[i], counts);
  return board.best(count);
}

std::string as_sentence(std::string_view text) {
  text = trim(text);
  while (!text.empty() && std::string_view(",;:-").find(text.back()) != std::string_view::npos) {
    text = trim(text.substr(0, text.size() - 1));
  }
  std::string out(text);
  const bool ended =
      text.ends_with("…") || (!text.empty() && std::string_view(".!?\"')").find(text.back()) != std::string_view::npos);
  if (!out.empty() && !ended) out += '.';
  return out;
}

}  // namespace persona4rec
