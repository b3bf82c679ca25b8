#include "rerank/weights.hpp"

#include <array>
#include <cmath>

#include "io/cache/cache_names.hpp"
#include "io/json_file.hpp"
#include "io/provenance.hpp"
#include "matching/weights_json.hpp"
#include "persona4rec/error.hpp"

namespace persona4rec {
namespace {

FusionWeights by_position(const std::vector<double>& given, bool has_head) {
  FusionWeights weights{.base = given[0], .words = given[1], .persona = given[2], .head = 0};
  if (given.size() == 4) {
    weights.head = given[3];
  } else if (has_head) {
    weights.persona = 0;
    weights.head = given[2];
  }
  return weights;
}

FusionWeights given_weights(const ScoringOptions& options, const ServingCache& cache) {
  const auto weights = options.named_weights ? *options.named_weights : by_position(options.weights, cache.has_head());
  if (weights.head != 0 && !cache.has_head()) {
    throw usage_error("--weights: a weight for the head, but " + cache.folder().string() + " has no head");
  }
  if (weights.persona_words != 0 && !cache.has_persona_words()) {
    throw usage_error("--weights: a weight for persona words, but " + cache.folder().string() +
                      " has none: run `persona4rec cache` again");
  }
  return weights;
}

Scoring tuned_scoring(const ScoringOptions& options, const ServingCache& cache) {
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
  const auto alpha = file.find("alpha");
  if (alpha == file.end() || !alpha->is_number() || !(alpha->get<double>() >= 0 && alpha->get<double>() <= 1)) {
    throw input_error({.file = path.string(), .field = "alpha"}, "expected a number in [0, 1]");
  }
  if (options.alpha && *options.alpha != alpha->get<double>()) {
    throw usage_error("--alpha " + Json(*options.alpha).dump() + ": the tuned weights were found with alpha " +
                      alpha->dump() + "; leave --alpha out, or run `persona4rec rerank --tune` again with it");
  }
  return {.weights = read_fusion_weights(file.value("weights", Json()), path.string()),
          .alpha = alpha->get<double>(),
          .from = "tuned"};
}

// Before the switches --no-words and --persona-only.
Scoring chosen_scoring(const ScoringOptions& options, const ServingCache& cache) {
  if (options.tuned) return tuned_scoring(options, cache);
  const double alpha = alpha_of(options, cache);
  if (options.has_weights()) return {.weights = given_weights(options, cache), .alpha = alpha, .from = "given"};
  const auto& of_head = cache.head_weights();
  if (!of_head) return {.weights = default_weights(cache), .alpha = alpha, .from = "fixed"};
  const auto& chosen = of_head->of_first_stage;
  if (const auto it = chosen.find(options.first_stage); it != chosen.end()) {
    return {.weights = it->second, .alpha = alpha, .from = "chosen for " + options.first_stage};
  }
  return {.weights = of_head->others, .alpha = alpha, .from = "fixed"};
}

}  // namespace

FusionWeights default_weights(const ServingCache& cache) {
  return cache.has_head() ? kHeadWeights : kFrozenWeights;
}

std::string first_stage_of(const std::filesystem::path& candidates) {
  const Json meta = candidates == "-" ? Json() : read_meta(candidates);
  if (!meta.is_object()) return {};
  const Json method = meta.value("options", Json::object()).value("method", Json());
  return method.is_string() ? method.get<std::string>() : std::string();
}

std::filesystem::path tuned_weights_path(const ServingCache& cache) {
  return cache.folder() / cache_names::kTunedWeights;
}

void check_scoring(const ScoringOptions& options) {
  if (options.alpha && !(*options.alpha >= 0 && *options.alpha <= 1)) {
    throw usage_error("--alpha: expected a number in [0, 1]");
  }
  const auto& given = options.weights;
  if (!given.empty() && given.size() != 3 && given.size() != 4) {
    throw usage_error("--weights: expected base,words,persona[,head], got " + std::to_string(given.size()) +
                      " numbers");
  }
  std::vector<double> all = given;
  if (options.named_weights) {
    for (const auto& [name, weight] : kWeightNames) all.push_back((*options.named_weights).*weight);
  }
  for (const double weight : all) {
    if (!std::isfinite(weight) || weight < 0) throw usage_error("--weights: expected finite numbers >= 0");
  }
  if (options.tuned && options.has_weights()) throw usage_error("--weights: expected numbers or tuned, not both");
  if (options.persona_only && (options.tuned || options.has_weights())) {
    throw usage_error("--persona-only and --weights exclude each other");
  }
}

double alpha_of(const ScoringOptions& options, const ServingCache& cache) {
  return options.alpha.value_or(cache.head_alpha().value_or(kDefaultAlpha));
}

Scoring resolve_scoring(const ScoringOptions& options, const ServingCache& cache) {
  check_scoring(options);
  Scoring scoring = chosen_scoring(options, cache);
  FusionWeights& weights = scoring.weights;
  if (options.persona_only) {
    scoring.from = "given";
    weights = {.base = 0, .words = 0, .persona = cache.has_head() ? 0.0 : 1.0, .head = cache.has_head() ? 1.0 : 0.0};
  }
  if (options.no_words) weights.words = weights.persona_words = 0;
  if (weights == FusionWeights{.base = 0, .words = 0, .persona = 0, .head = 0, .persona_words = 0}) {
    throw usage_error("--weights: all channels are off");
  }
  return scoring;
}

}  // namespace persona4rec
