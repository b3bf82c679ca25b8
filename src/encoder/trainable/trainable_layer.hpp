// One layer of the trainable encoder: its tensors and its forward pass, differentiable by LibTorch.
// Thread-safety: const access from any thread.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>
#include <vector>

#include "encoder/model_folder/model_config.hpp"
#include "encoder/trainable/batch_layout.hpp"
#include "encoder/trainable/dropout_mask.hpp"

namespace persona4rec {

// y = x weight^T + bias (+ scale * dropout(x) a^T b^T where a is defined).
struct TrainableLinear {
  at::Tensor weight, bias;  // [out, in], [out]
  at::Tensor a, b;          // [rank, in], [out, rank]
};

struct TrainableNorm {
  at::Tensor weight, bias;  // [hidden]
};

struct TrainableLayer {
  TrainableLinear query, key, value, attention_output;
  TrainableNorm attention_norm;
  TrainableLinear inner, outer;
  TrainableNorm output_norm;

  // Every tensor that requires a gradient.
  [[nodiscard]] std::vector<at::Tensor> trained() const;
};

// What all layers have in common.
struct LayerRules {
  std::int64_t heads = 0;
  double eps = 0;
  Activation activation = Activation::kGelu;
  double hidden_dropout = 0;
  double attention_dropout = 0;
  double adapter_dropout = 0;
  double adapter_scale = 0;  // alpha / rank
  bool bf16 = false;
  bool own_operators = true;  // packed_attention.hpp and packed_dropout.hpp; false = LibTorch's alone
};

// One batch in one pass.
struct LayerPass {
  std::shared_ptr<const BatchLayout> layout;
  std::shared_ptr<const std::vector<PaddedRun>> runs;  // without own operators
  std::uint64_t seed = 0;
  bool training = false;
};

// Places of dropout in a layer; embeddings are the layer of this number.
constexpr std::size_t kEmbeddingLayer = 1U << 20U;

[[nodiscard]] at::Tensor layer_norm(const at::Tensor& values, const TrainableNorm& norm, double eps);

// dropout(values) + add; add may be undefined. `part`: the place in the layer.
[[nodiscard]] at::Tensor drop_and_add(const at::Tensor& values, const at::Tensor& add, const LayerRules& rules,
                                      const LayerPass& pass, const DropoutSite& site);

// Starts a layer's dropout: on other devices than the CPU the device's generator.
[[nodiscard]] DropoutSite begin_layer(const LayerRules& rules, const LayerPass& pass, std::size_t layer,
                                      at::Device device);

// hidden: [tokens, hidden] f32. Same shape back.
[[nodiscard]] at::Tensor layer_forward(const TrainableLayer& layer, std::size_t index, const LayerRules& rules,
                                       const LayerPass& pass, const at::Tensor& hidden);

// The same, keeping of it the input alone until the backward pass, which computes it again.
[[nodiscard]] at::Tensor checkpointed_forward(const std::shared_ptr<const TrainableLayer>& layer, std::size_t index,
                                              const LayerRules& rules, const LayerPass& pass, const at::Tensor& hidden);

}  // namespace persona4rec
