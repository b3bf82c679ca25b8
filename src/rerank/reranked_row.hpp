// The row of a scored list.
#pragma once

#include "persona4rec/records.hpp"
#include "rerank/scorer.hpp"

namespace persona4rec {

[[nodiscard]] RerankedRow reranked_row(const CandidateRow& list, const ListScores& scores, const ServingCache& cache);

}  // namespace persona4rec
