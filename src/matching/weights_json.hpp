// Fusion weights by name, and as JSON: {"base": 1, "words": 0.75, "persona_words": 0, "persona": 0, "head": 0.75}, in
// the encoder folder's fusion_weights.json (beside the head), the caches' meta and tuned_weights.json. The first two
// have those of first stages by name beside them: {"base": 1, ..., "first_stages": {"ease": {"base": 1, ...}}}.
#pragma once

#include <array>
#include <map>
#include <string>
#include <utility>

#include "persona4rec/json.hpp"
#include "persona4rec/matching_options.hpp"

namespace persona4rec {

// In the order of the channels (rerank/scorer.hpp).
inline constexpr std::array<std::pair<const char*, double FusionWeights::*>, 5> kWeightNames{
    {{"base", &FusionWeights::base},
     {"words", &FusionWeights::words},
     {"persona_words", &FusionWeights::persona_words},
     {"persona", &FusionWeights::persona},
     {"head", &FusionWeights::head}}};

// What goes with a trained head: the weights chosen for the lists of first stages, and those of all other lists.
struct HeadWeights {
  FusionWeights others = kHeadWeights;
  std::map<std::string, FusionWeights> of_first_stage;  // by the name that `candidates` writes
};

[[nodiscard]] Json to_json(const FusionWeights& weights);
[[nodiscard]] Json to_json(const HeadWeights& weights);

// From an object with these numbers, finite and >= 0; persona_words may be missing (0), as older files have it. Throws
// Error kInput naming `file` and the field.
[[nodiscard]] FusionWeights read_fusion_weights(const Json& weights, const std::string& file);
[[nodiscard]] HeadWeights read_head_weights(const Json& weights, const std::string& file);

}  // namespace persona4rec
