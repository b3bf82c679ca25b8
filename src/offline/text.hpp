// Words, names, sentences and phrases of a text, by surface alone: what the offline provider builds answers from.
// Thread-safety: re-entrant.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace persona4rec {

// Sentences in order, white space around them removed: split at . ! ? and line breaks, not behind initials, usual
// abbreviations or inside numbers; also where a blank is missing ("time.It's"). REQUIRES: valid UTF-8.
[[nodiscard]] std::vector<std::string> sentences_of(std::string_view text);

struct TextWord {
  std::string_view text;  // as written; lives in the sentence
  std::string lower;
  std::size_t begin = 0;  // byte offset in the sentence
  bool capital = false;   // begins with a capital letter
  bool stop = false;      // a word of the English stop list, or of fewer than two characters
  bool joined = false;    // nothing but blanks between the word before and this one
};

// Apostrophes and hyphens between letters belong to the word.
[[nodiscard]] std::vector<TextWord> words_in(std::string_view sentence);

// The sentence's text from one word to another, both included.
[[nodiscard]] std::string_view span_of(std::string_view sentence, const TextWord& first, const TextWord& last);

// Names and telling phrases of a text, the most telling first: runs of capitalised words inside sentences ("Pet
// Sounds", "Songs in the Key of Life"), then runs of content words by how often their words come back. No repeats.
[[nodiscard]] std::vector<std::string> key_phrases(const std::vector<std::string>& sentences, std::size_t count);
// The same where the words are known: words_in() of each sentence.
[[nodiscard]] std::vector<std::string> key_phrases(const std::vector<std::string>& sentences,
                                                   const std::vector<std::vector<TextWord>>& words, std::size_t count);

// "word." -> the same; "word" -> "word."; "word," -> "word."
[[nodiscard]] std::string as_sentence(std::string_view text);

}  // namespace persona4rec
