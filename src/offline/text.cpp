#include "offline/text.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <set>
#include <utility>

#include "base/ascii.hpp"
#include "base/bulk/byte_run.hpp"
#include "base/bulk/word_list.hpp"
#include "base/utf8.hpp"
#include "lexical/term_table.hpp"

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

void push_sentence(std::vector<std::string_view>& sentences, std::string_view text) {
  text = trim(text);
  const bool has_word = std::ranges::any_of(text, [](char c) {
    return is_ascii_lower(c) || is_ascii_upper(c) || is_ascii_digit(c) || static_cast<unsigned char>(c) >= 0x80;
  });
  if (has_word) sentences.push_back(text);
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

bool is_connector(const TextWord& word) {
  return kNameConnectors.contains(word.lower);
}

// Most letters in capitals say nothing about names.
bool shouts(const SentenceWords& words) {
  const auto capitals = std::ranges::count_if(words, [](const TextWord& word) { return word.capital; });
  return words.size() > 3 && capitals * 10 >= static_cast<std::ptrdiff_t>(words.size()) * 7;
}

// Collects phrases with a score; the first spelling stands for all.
class PhraseBoard {
 public:
  // `most`: about so many phrases come.
  explicit PhraseBoard(std::size_t most) {
    keys_.reserve(most);
    entries_.reserve(most);
  }

  // The words of a sentence from `first` up to `end`.
  void add(std::string_view sentence, const SentenceWords& words, std::size_t first, std::size_t end, double score) {
    const auto key = keys_.intern(lower_span(words[first], words[end - 1]));
    if (key == entries_.size())
      entries_.push_back({span_of(sentence, words[first], words[end - 1]), {&words[first], end - first}, key});
    entries_[key].score += score;
  }

  // Of those that score the same, the first used is the first.
  [[nodiscard]] std::vector<std::string_view> best(std::size_t count) {
    const auto less = [](const Entry& a, const Entry& b) {
      return a.score != b.score ? a.score < b.score : a.number > b.number;
    };
    std::ranges::make_heap(entries_, less);
    std::vector<std::string_view> phrases;
    std::set<std::string_view> seen;  // of better phrases: one that is mostly made of them is no news
    for (auto end = entries_.end(); end != entries_.begin() && phrases.size() < count; --end) {
      std::ranges::pop_heap(entries_.begin(), end, less);
      const Entry& entry = *(end - 1);
      std::size_t news = 0;
      for (const auto& word : entry.words) news += seen.insert(word.lower).second ? 1 : 0;
      if (news * 2 >= entry.words.size()) phrases.push_back(entry.text);
    }
    return phrases;
  }

 private:
  struct Entry {
    std::string_view text;
    std::span<const TextWord> words;
    std::uint32_t number = 0;
    double score = 0;
  };
  TermTable keys_;
  std::vector<Entry> entries_;  // [keys]
};

// How often words come back.
class WordCounts {
 public:
  explicit WordCounts(std::size_t most) {
    words_.reserve(most);
    counts_.reserve(most);
    numbers_.reserve(most);
  }

  // The next word of all.
  void add(std::string_view word) {
    numbers_.push_back(words_.intern(word));
    if (numbers_.back() == counts_.size()) counts_.push_back(0);
    counts_[numbers_.back()] += 1;
  }
  // Of the word that was added as that one of all.
  [[nodiscard]] double of(std::size_t added) const { return counts_[numbers_[added]]; }

 private:
  TermTable words_;
  std::vector<double> counts_;          // [words]
  std::vector<std::uint32_t> numbers_;  // of the words that were added, in their order
};

// One past the last word of the name that begins at `first`.
std::size_t name_end(const SentenceWords& words, std::size_t first) {
  std::size_t end = first + 1;
  for (std::size_t at = end; at < words.size() && words[at].joined; ++at) {
    if (words[at].capital) end = at + 1;
    if (!words[at].capital && (!is_connector(words[at]) || at - end >= 2)) break;
  }
  return end;
}

void add_names(PhraseBoard& board, std::string_view sentence, const SentenceWords& words) {
  constexpr double kNameScore = 4.0;
  if (shouts(words)) return;
  for (std::size_t at = 0; at < words.size();) {
    const bool starts = words[at].capital && words[at].lower.size() > 1;
    const std::size_t end = starts ? name_end(words, at) : at + 1;
    // A capital at the beginning of a sentence, or of a stop word, tells nothing by itself.
    const bool telling =
        end - at > 1 ? !(end - at == 2 && words[at].stop && words[at + 1].stop) : at > 0 && !words[at].stop;
    if (starts && telling) board.add(sentence, words, at, end, kNameScore);
    at = end;
  }
}

// `content`: words of earlier sentences that are no stop words; those of this one are added.
void add_content_runs(PhraseBoard& board, std::string_view sentence, const SentenceWords& words,
                      const WordCounts& counts, std::size_t& content) {
  for (std::size_t at = 0; at < words.size(); ++at) {
    if (words[at].stop) continue;
    std::size_t end = at + 1;
    double score = counts.of(content++);
    while (end < words.size() && words[end].joined && !words[end].stop && end - at < kMaxPhraseWords) {
      score += counts.of(content++);
      ++end;
    }
    const auto length = static_cast<double>(end - at);
    board.add(sentence, words, at, end, length > 1 ? score / length + 0.5 : score / 2);
    at = end - 1;
  }
}

// The next sign that may end a sentence; the text's end where there is none.
std::size_t next_stop(std::string_view text, std::size_t at) {
  for (; text.size() - at >= kRunBytes; at += kRunBytes) {
    const ByteRun run(text.data() + at);
    const auto found = run.equal('.') | run.equal('!') | run.equal('?') | run.equal('\n');
    if (found != 0) return at + static_cast<std::size_t>(std::countr_zero(found));
  }
  return std::min(text.find_first_of(".!?\n", at), text.size());
}

}  // namespace

std::vector<std::string_view> sentences_of(std::string_view text) {
  std::vector<std::string_view> sentences;
  std::size_t begin = 0;
  StopReader stops(text);
  for (std::size_t at = next_stop(text, 0); at < text.size(); at = next_stop(text, at)) {
    const bool line_end = text[at] == '\n';
    if (!line_end && !stops.ends_sentence(at)) {
      ++at;
      continue;
    }
    std::size_t end = at + 1;
    while (!line_end && end < text.size() && std::string_view(".!?\"')").find(text[end]) != std::string_view::npos)
      ++end;
    push_sentence(sentences, text.substr(begin, end - begin));
    begin = at = end;
  }
  push_sentence(sentences, text.substr(begin));
  return sentences;
}

std::vector<std::string_view> key_phrases(std::span<const std::string_view> sentences, std::size_t count) {
  std::vector<SentenceWords> words;
  words.reserve(sentences.size());
  for (const auto& sentence : sentences) words.push_back(words_in(sentence));
  return key_phrases(sentences, words, count);
}

std::vector<std::string_view> key_phrases(std::span<const std::string_view> sentences,
                                          std::span<const SentenceWords> words, std::size_t count) {
  std::size_t content = 0;
  for (const auto& in_sentence : words) {
    content += static_cast<std::size_t>(std::ranges::count(in_sentence, false, &TextWord::stop));
  }
  WordCounts counts(content);
  for (const auto& in_sentence : words) {
    for (const auto& word : in_sentence) {
      if (!word.stop) counts.add(word.lower);
    }
  }
  PhraseBoard board(content);
  for (std::size_t i = 0; i < sentences.size(); ++i) add_names(board, sentences[i], words[i]);
  std::size_t added = 0;
  for (std::size_t i = 0; i < sentences.size(); ++i) add_content_runs(board, sentences[i], words[i], counts, added);
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
