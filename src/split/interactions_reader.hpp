// Interactions (no texts) of 1_aspects.jsonl or 3.5_history.jsonl, in file order: what decide_split works on.
#pragma once

#include <filesystem>

#include "io/jsonl_reader.hpp"
#include "persona4rec/split.hpp"

namespace persona4rec {

// From 1_aspects.jsonl. `take` (may be empty) sees every row while it passes, with its interaction index.
[[nodiscard]] Interactions read_interactions(JsonlReader& aspects,
                                             const std::function<void(AspectRow&&, std::size_t)>& take = {});
// From 3.5_history.jsonl: users' reviews in file order. A duplicate user line is an Error kInput.
[[nodiscard]] Interactions read_history_interactions(
    JsonlReader& history, const std::function<void(HistoryReview&&, std::size_t)>& take = {});

}  // namespace persona4rec
