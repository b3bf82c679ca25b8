// English words that show what a clause is about: judging words, purposes, circumstances. Data, not rules.
// Thread-safety: re-entrant.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "offline/text.hpp"

namespace persona4rec {

enum class Cue : std::uint8_t { kPurpose, kContext };

// Is the word, in small letters, a judging one?
[[nodiscard]] bool is_judging(std::string_view lower);

// How many judging words ("great", "boring") are among the words of a sentence.
[[nodiscard]] std::size_t judging_words(const std::vector<TextWord>& words);

// Judging words with what they judge, as written: "great album", "soundtrack is boring".
[[nodiscard]] std::vector<std::string> judging_phrases(std::string_view sentence);
// The same where its words are known: words_in(sentence).
[[nodiscard]] std::vector<std::string> judging_phrases(std::string_view sentence, const std::vector<TextWord>& words);

// The clause that the first cue opens ("bought this for my brother", "when driving at night"); nothing without a cue.
// REQUIRES: words = words_in(sentence).
[[nodiscard]] std::optional<std::string> cue_clause(std::string_view sentence, const std::vector<TextWord>& words,
                                                    Cue cue);

}  // namespace persona4rec
