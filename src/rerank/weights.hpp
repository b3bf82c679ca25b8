// Which weights a run uses, and where tuned ones are kept.
#pragma once

#include <filesystem>

#include "persona4rec/rerank.hpp"
#include "rerank/serving_cache.hpp"

namespace persona4rec {

// The defaults of a cache: with a trained head its score takes the frozen personas' place.
[[nodiscard]] FusionWeights default_weights(const ServingCache& cache);

// The options' share of the best persona, else the head's (its training's), else kDefaultAlpha.
[[nodiscard]] double alpha_of(const ScoringOptions& options, const ServingCache& cache);

struct Scoring {
  FusionWeights weights;
  double alpha = kDefaultAlpha;
  std::string from;  // where the weights come from
};

// The name of the recommender that made the lists, as their meta file has it; empty where there is none.
[[nodiscard]] std::string first_stage_of(const std::filesystem::path& candidates);

// What the options say, else what was chosen with the head for the first stage, else the defaults; then --no-words,
// --persona-only. Throws Error kUsage: a number of weights that is not 3 or 4, negative ones, a head's weight without a
// head, all zero, options that exclude each other; kInput: no tuned weights, or those of another build. Tuned weights
// bring their alpha along; kUsage when the options name another one.
[[nodiscard]] Scoring resolve_scoring(const ScoringOptions& options, const ServingCache& cache);

// Options alone. Throws Error kUsage.
void check_scoring(const ScoringOptions& options);

[[nodiscard]] std::filesystem::path tuned_weights_path(const ServingCache& cache);

}  // namespace persona4rec
