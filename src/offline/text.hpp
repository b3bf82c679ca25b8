// Words, names, sentences and phrases of a text, by surface alone: what the offline provider builds answers from.
// Thread-safety: re-entrant.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "offline/sentence_words.hpp"

namespace persona4rec {

// Sentences in order, white space around them removed, as they live in the text: split at . ! ? and line breaks, not
// behind initials, usual abbreviations or inside numbers; also where a blank is missing ("time.It's"). REQUIRES: valid
// UTF-8.
[[nodiscard]] std::vector<std::string_view> sentences_of(std::string_view text);

// Names and telling phrases of a text, the most telling first: runs of capitalised words inside sentences ("Pet
// Sounds", "Songs in the Key of Life"), then runs of content words by how often their words come back. No repeats. They
// live in the sentences.
[[nodiscard]] std::vector<std::string_view> key_phrases(std::span<const std::string_view> sentences, std::size_t count);
// The same where the words are known: words_in() of each sentence.
[[nodiscard]] std::vector<std::string_view> key_phrases(std::span<const std::string_view> sentences,
                                                        std::span<const SentenceWords> words, std::size_t count);

// "word." -> the same; "word" -> "word."; "word," -> "word."
[[nodiscard]] std::string as_sentence(std::string_view text);

}  // namespace persona4rec
