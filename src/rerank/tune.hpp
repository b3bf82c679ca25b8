// Fits the fusion weights on world valid, for first stages that are not ours (src/matching/weight_fit.hpp).
#pragma once

#include <optional>

#include "io/provenance.hpp"
#include "persona4rec/rerank.hpp"
#include "rerank/serving_cache.hpp"

namespace persona4rec {

// Each weight stays inside [0.25, 2] times its default; channels that are off by default stay off. The base weight of
// an unpersonalised first stage (its meta file says so) may fall to 0: its order says nothing about anybody. Registers
// both inputs with `provenance`. Throws Error kInput: unusable files, no list that holds its target.
[[nodiscard]] TuneReport tune_weights(const RerankOptions& options, const ServingCache& valid_cache,
                                      Provenance& provenance);

// Writes cache/tuned_weights.json with its meta and run files.
void store_tuned_weights(const TuneReport& report, const RerankOptions& options, const ServingCache& cache,
                         Provenance& provenance);

}  // namespace persona4rec
