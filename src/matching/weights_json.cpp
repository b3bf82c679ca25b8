#include "matching/weights_json.hpp"

#include <cmath>

#include "persona4rec/error.hpp"

namespace persona4rec {
namespace {

double weight_of(const Json& weights, const char* name, const std::string& file) {
  const auto it = weights.is_object() ? weights.find(name) : weights.end();
  const bool good = weights.is_object() && it != weights.end() && it->is_number() && std::isfinite(it->get<double>()) &&
                    it->get<double>() >= 0;
  if (!good) throw input_error({.file = file, .field = name}, "expected a weight, a finite number >= 0");
  return it->get<double>();
}

}  // namespace

Json to_json(const FusionWeights& weights) {
  return {{"base", weights.base}, {"words", weights.words}, {"persona", weights.persona}, {"head", weights.head}};
}

FusionWeights read_fusion_weights(const Json& weights, const std::string& file) {
  return {.base = weight_of(weights, "base", file),
          .words = weight_of(weights, "words", file),
          .persona = weight_of(weights, "persona", file),
          .head = weight_of(weights, "head", file)};
}

}  // namespace persona4rec
