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
  Json out = Json::object();
  for (const auto& [name, weight] : kWeightNames) out[name] = weights.*weight;
  return out;
}

FusionWeights read_fusion_weights(const Json& weights, const std::string& file) {
  FusionWeights read;
  for (const auto& [name, weight] : kWeightNames) {
    const bool may_lack = weight == &FusionWeights::persona_words && weights.is_object();
    if (!may_lack || weights.contains(name)) read.*weight = weight_of(weights, name, file);
  }
  return read;
}

Json to_json(const HeadWeights& weights) {
  Json out = to_json(weights.others);
  if (weights.of_first_stage.empty()) return out;
  Json by_name = Json::object();
  for (const auto& [name, of_name] : weights.of_first_stage) by_name[name] = to_json(of_name);
  out["first_stages"] = std::move(by_name);
  return out;
}

HeadWeights read_head_weights(const Json& weights, const std::string& file) {
  HeadWeights read{.others = read_fusion_weights(weights, file), .of_first_stage = {}};
  const Json by_name = weights.value("first_stages", Json::object());
  if (!by_name.is_object()) throw input_error({.file = file, .field = "first_stages"}, "expected an object");
  for (const auto& [name, of_name] : by_name.items()) {
    read.of_first_stage.emplace(name, read_fusion_weights(of_name, file));
  }
  return read;
}

}  // namespace persona4rec
