// The words of a sentence, by surface alone. Thread-safety: re-entrant.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace persona4rec {

struct TextWord {
  std::string_view text;   // as written; lives in the sentence
  std::string_view lower;  // in small letters; lives in the SentenceWords
  std::size_t begin = 0;   // byte offset in the sentence
  bool capital = false;    // begins with a capital letter
  bool letters = false;    // of ASCII alone
  bool stop = false;       // a word of the English stop list, or of fewer than two characters
  bool judging = false;    // as "great" and "boring" (offline/word_kinds.hpp)
  bool joined = false;     // nothing but blanks between the word before and this one
};

// The words of a sentence, which outlives them. Moving it leaves its words where they are. Thread-safety: const from
// any thread.
class SentenceWords {
 public:
  SentenceWords() = default;
  // Apostrophes and hyphens between letters belong to the word. REQUIRES: valid UTF-8.
  explicit SentenceWords(std::string_view sentence);

  [[nodiscard]] auto begin() const { return words_.begin(); }
  [[nodiscard]] auto end() const { return words_.end(); }
  [[nodiscard]] std::size_t size() const { return words_.size(); }
  [[nodiscard]] bool empty() const { return words_.empty(); }
  [[nodiscard]] const TextWord& operator[](std::size_t i) const { return words_[i]; }

 private:
  void add(TextWord word);
  void read_ascii(std::string_view sentence);
  void read_any(std::string_view sentence);

  std::vector<TextWord> words_;
  std::vector<char> lower_;  // the sentence in small letters
};

[[nodiscard]] inline SentenceWords words_in(std::string_view sentence) {
  return SentenceWords(sentence);
}

// The sentence's text from one word to another, both included.
[[nodiscard]] std::string_view span_of(std::string_view sentence, const TextWord& first, const TextWord& last);
// The same in small letters.
[[nodiscard]] std::string_view lower_span(const TextWord& first, const TextWord& last);

}  // namespace persona4rec
