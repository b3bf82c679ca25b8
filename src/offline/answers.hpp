// One function a stage: facts in, answer out. Thread-safety: re-entrant.
#pragma once

#include <cstddef>
#include <vector>

#include "lexical/fact_words.hpp"
#include "persona4rec/chat_client.hpp"

namespace persona4rec {

// facts {title, text, rating}; keys as the schema names them, in its order. What a key asks for is told by its words:
// "..._reason" is the sentence that its point comes from; purpose, context and quality or criteria are looked for by
// cue words; everything else is a topic.
[[nodiscard]] Json offline_aspects(const Json& facts, const Json& schema);

// facts {title, description}.
[[nodiscard]] Json offline_summary(const Json& facts);

// facts {reviews [{id, rating, title, text}], disliked_to, min_personas}. `check` may be empty: while it finds
// something wrong (two personas that say the same), one persona fewer is made, down to the facts' min_personas. Linear
// in the reviews' words. REQUIRES: 1 <= count <= number of reviews.
[[nodiscard]] Json offline_personas(const Json& facts, const Vocabulary& words, std::size_t count,
                                    const AnswerCheck& check = {});
// ceil(reviews / 3), within the facts' min_personas and max_personas.
[[nodiscard]] std::size_t offline_persona_count(const Json& facts);

// The same of groups that stand already, in their order: numbers of facts.reviews. REQUIRES: no group is empty, numbers
// ascending.
[[nodiscard]] Json offline_personas_of(const Json& facts, const Vocabulary& words,
                                       const std::vector<std::vector<std::size_t>>& groups);

// facts {item_title, item_summary, item_description}: one persona, in the metadata's own words.
[[nodiscard]] Json offline_prospective(const Json& facts);

// facts {reviews [{liked}], personas [{id}]}, oldest review first. REQUIRES: words have a vector for each of both.
[[nodiscard]] Json offline_selection(const Json& facts, const FactWords& words);

}  // namespace persona4rec
