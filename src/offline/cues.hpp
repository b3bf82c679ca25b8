// English words that show what a clause is about: judging words (offline/word_kinds.hpp), purposes, circumstances.
// Thread-safety: re-entrant.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "offline/text.hpp"

namespace persona4rec {

enum class Cue : std::uint8_t { kPurpose, kContext };

// How many judging words ("great", "boring") are among the words of a sentence.
[[nodiscard]] std::size_t judging_words(std::span<const TextWord> words);

// Judging words with what they judge, as written: "great album", "soundtrack is boring". REQUIRES: the words are those
// of the sentence, in which the phrases live.
[[nodiscard]] std::vector<std::string_view> judging_phrases(std::string_view sentence, std::span<const TextWord> words);

// The clause that the first cue opens ("bought this for my brother", "when driving at night"); nothing without a cue.
// REQUIRES: as above.
[[nodiscard]] std::optional<std::string_view> cue_clause(std::string_view sentence, std::span<const TextWord> words,
                                                         Cue cue);

}  // namespace persona4rec
