// The row of a scored list.
#pragma once

#include "io/lists/list_writer.hpp"
#include "rerank/scorer.hpp"

namespace persona4rec {

// Writes `row`, which is valid as long as `list` and `cache`.
void reranked_row(const PlainList& list, const ListScores& scores, const ServingCache& cache, RerankedItems& row);

}  // namespace persona4rec
