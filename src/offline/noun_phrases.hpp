// Noun phrases of a text by surface alone: names ("Brian Wilson"), and words that a determiner opens ("the spoilage
// rule", "a deep strategy"). English. Thread-safety: re-entrant.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "offline/text.hpp"

namespace persona4rec {

// Both live in the sentence or its words.
struct NounPhrase {
  std::string_view text;  // as written, without determiner; a name's capitals stay, others are small letters
  std::string_view key;   // lower-case: equal phrases have equal keys
  bool name = false;
};

// Of one sentence, in order, of one to three words each, names of up to six; a longer phrase stands there with its
// shorter endings, for "the cheap plastic box" is also a "plastic box" and a "box". REQUIRES: words =
// words_in(sentence).
[[nodiscard]] std::vector<NounPhrase> noun_phrases(std::string_view sentence, std::span<const TextWord> words);

}  // namespace persona4rec
