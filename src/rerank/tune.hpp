// Chooses the fusion weights on world valid, for first stages that are not ours (matching/weight_choice.hpp).
#pragma once

#include <optional>

#include "io/provenance.hpp"
#include "persona4rec/rerank.hpp"
#include "rerank/serving_cache.hpp"

namespace persona4rec {

// From the defaults on over the whole range, 0 included, for the list's own score too; of many users a draw is looked
// at. Registers both inputs with `provenance`. Throws Error kInput: unusable files, no list that holds its target.
[[nodiscard]] TuneReport tune_weights(const RerankOptions& options, const ServingCache& valid_cache,
                                      Provenance& provenance);

// Writes cache/tuned_weights.json with its meta and run files.
void store_tuned_weights(const TuneReport& report, const RerankOptions& options, const ServingCache& cache,
                         Provenance& provenance);

}  // namespace persona4rec
