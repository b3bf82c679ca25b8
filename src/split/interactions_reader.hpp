// Interactions (no texts) of 1_aspects.jsonl, in file order: what decide_split works on.
#pragma once

#include <cstddef>
#include <functional>

#include "io/input_file.hpp"
#include "io/jsonl_reader.hpp"
#include "io/rows/row_blocks.hpp"
#include "persona4rec/split.hpp"

namespace persona4rec {

struct InteractionsRead {
  Interactions data;
  RowsRead read;
};

// By `threads` threads (0 = default_threads()). `take` (may be empty) sees every row while it passes, one at a time and
// in order, with its interaction index. Throws as JsonlReader does, and what `take` throws.
[[nodiscard]] InteractionsRead read_interactions(const InputFile& aspects, const JsonlOptions& options = {},
                                                 std::size_t threads = 0,
                                                 const std::function<void(AspectRow&&, std::size_t)>& take = {});

}  // namespace persona4rec
