// rerank --explain: why a user's list looks as it does.
//
// Reads   what rerank() reads, and 3.5_history and 3.5_persona_with_summary for the texts. Writes nothing.
// Thread-safety: re-entrant.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>

#include "persona4rec/dataset.hpp"
#include "persona4rec/ids.hpp"
#include "persona4rec/json.hpp"
#include "persona4rec/rerank.hpp"

namespace persona4rec {

struct ExplainOptions {
  UserId user;
  std::size_t count = 1;          // best candidates explained
  std::size_t reviews = 3;        // shown for each: reviews that support the persona, and the user's most like it
  std::filesystem::path history;  // 3.5_history.jsonl, for the texts of reviews
  std::filesystem::path persona_with_summary;  // 3.5_persona_with_summary.jsonl, for the texts of personas
  std::filesystem::path summary;               // 2_summary.jsonl, for titles of items; missing: no titles
  TimeFormat time;
};

// {user_id, world, candidates, weights, results: [{rank, base_rank, item_id, item_title, score, channels, words,
// persona, support, history}]}. `options` as for rerank(); nothing is written. Throws as rerank() does, kInput when no
// list is the user's.
[[nodiscard]] Json explain(const RerankOptions& options, const ExplainOptions& what);

// What explain() says, for a person to read. REQUIRES: `explanation` came from explain().
[[nodiscard]] std::string explanation_text(const Json& explanation);

}  // namespace persona4rec
