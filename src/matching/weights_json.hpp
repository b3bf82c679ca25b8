// Fusion weights as JSON: {"base": 1, "words": 0.75, "persona": 0, "head": 0.75}, in the encoder folder's
// fusion_weights.json (beside the head), the caches' meta and tuned_weights.json.
#pragma once

#include <string>

#include "persona4rec/json.hpp"
#include "persona4rec/matching_options.hpp"

namespace persona4rec {

[[nodiscard]] Json to_json(const FusionWeights& weights);

// From an object with these four numbers, finite and >= 0. Throws Error kInput naming `file` and the field.
[[nodiscard]] FusionWeights read_fusion_weights(const Json& weights, const std::string& file);

}  // namespace persona4rec
