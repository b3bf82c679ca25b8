#include "rerank/weights.hpp"

#include <array>
#include <cmath>

#include "io/cache_names.hpp"
#include "io/json_file.hpp"
#include "matching/weights_json.hpp"
#include "persona4rec/error.hpp"

namespace persona4rec {
namespace {

FusionWeights given_weights(const std::vector<double>& given, const ServingCache& cache) {
  FusionWeights weights{.base = given[0], .words = given[1], .persona = given[2], .head = 0};
  if (given.size() == 4) {
    weights.head = given[3];
  } else if (cache.has_head()) {
    weights.persona = 0;
    weights.head = given[2];
  }
  if (weights.head != 0 && !cache.has_head()) {
    throw usage_error("--weights: a weight for the head, but " + cache.folder().string() + " has no head");
  }
  return weights;
}

FusionWeights tuned_weights(const ServingCache& cache) {
  const auto path = tuned_weights_path(cache);
  if (!std::filesystem::exists(path)) {
    throw input_error({.file = path.string()}, "there are no tuned weights: run `persona4rec rerank --tune` first");
  }
  const Json file = read_json_file(path);
  check_fields(file, {.file = path.string()}, std::array{JsonField{"build", JsonKind::kText}});
  if (file.value("build", "") != cache.build()) {
    throw input_error({.file = path.string()},
                      "was tuned on another build of the cache: run `persona4rec rerank --tune` again");
  }
  return read_fusion_weights(file.value("weights", Json()), path.string());
}

// Before the switches --no-words and --persona-only.
FusionWeights chosen_weights(const ScoringOptions& options, const ServingCache& cache) {
  if (options.tuned) return tuned_weights(cache);
  if (!options.weights.empty()) return given_weights(options.weights, cache);
  return cache.head_weights().value_or(default_weights(cache));
}

}  // namespace

FusionWeights default_weights(const ServingCache& cache) {
  return cache.has_head() ? kHeadWeights : kFrozenWeights;
}

std::filesystem::path tuned_weights_path(const ServingCache& cache) {
  return cache.folder() / cache_names::kTunedWeights;
}

void check_scoring(const ScoringOptions& options) {
  if (!(options.alpha >= 0 && options.alpha <= 1)) throw usage_error("--alpha: expected a number in [0, 1]");
  const auto& given = options.weights;
  if (!given.empty() && given.size() != 3 && given.size() != 4) {
    throw usage_error("--weights: expected base,words,persona[,head], got " + std::to_string(given.size()) +
                      " numbers");
  }
  for (const double weight : given) {
    if (!std::isfinite(weight) || weight < 0) throw usage_error("--weights: expected finite numbers >= 0");
  }
  if (options.tuned && !given.empty()) throw usage_error("--weights: expected numbers or tuned, not both");
  if (options.persona_only && (options.tuned || !given.empty())) {
    throw usage_error("--persona-only and --weights exclude each other");
  }
}

FusionWeights resolve_weights(const ScoringOptions& options, const ServingCache& cache) {
  check_scoring(options);
  FusionWeights weights = chosen_weights(options, cache);
  if (options.persona_only) {
    weights = {.base = 0, .words = 0, .persona = cache.has_head() ? 0.0 : 1.0, .head = cache.has_head() ? 1.0 : 0.0};
  }
  if (options.no_words) weights.words = 0;
  if (weights == FusionWeights{.base = 0, .words = 0, .persona = 0, .head = 0}) {
    throw usage_error("--weights: all channels are off");
  }
  return weights;
}

}  // namespace persona4rec
