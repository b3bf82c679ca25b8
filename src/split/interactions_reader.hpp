// Interactions (no texts) of 1_aspects.jsonl, in file order: what decide_split works on.
#pragma once

#include <filesystem>

#include "io/jsonl_reader.hpp"
#include "persona4rec/split.hpp"

namespace persona4rec {

// `take` (may be empty) sees every row while it passes, with its interaction index.
[[nodiscard]] Interactions read_interactions(JsonlReader& aspects,
                                             const std::function<void(AspectRow&&, std::size_t)>& take = {});

}  // namespace persona4rec
