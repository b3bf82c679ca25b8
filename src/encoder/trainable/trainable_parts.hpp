// The tensors of a trainable encoder: which train, adapters, names. Thread-safety: const access from any thread.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "encoder/trainable/trainable_layer.hpp"
#include "encoder/trainable/trainable_transformer.hpp"

namespace persona4rec {

// The linears of a layer with the last parts of their names, in the order of encoder_tensors.
struct NamedLinear {
  const char* name;  // "attention.self.query"
  TrainableLinear TrainableLayer::* member;
};
[[nodiscard]] const std::vector<NamedLinear>& layer_linears();

// Is a linear of this name among PEFT's target_modules?
[[nodiscard]] bool is_target(const std::string& linear, const std::vector<std::string>& targets);

struct TrainableParts {
  TrainableParts(const ModelConfig& model, const ModelWeights& weights, const TrainableOptions& options);

  at::Tensor words, positions, types;  // [vocabulary | positions | types, hidden]
  TrainableNorm embedding_norm;
  std::vector<std::shared_ptr<TrainableLayer>> layers;
  std::map<std::string, at::Tensor> tensors;   // every encoder_tensors' name; shared with the members
  std::vector<TrainableParameter> parameters;  // those that train
};

}  // namespace persona4rec
