// The encoder of transformer/ as one that can be trained: the same ModelConfig, packed batches and tensor names,
// weights as f32 leaves [out, in], gradients by LibTorch. This header shows LibTorch: src/train and tests include it,
// nobody else.
//
// Dropout stands where BERT has it: behind the embeddings' LayerNorm, on the attention's probabilities, behind the
// output of attention and of the feed-forward part, and before LoRA's A. On a CPU an element's fate depends on the
// pass's seed, the layer, the text's token ids and the place in the text alone: how texts are batched, threads, and
// computing a part again change nothing. On other devices LibTorch's generator of the device is seeded anew for every
// layer: the same batch and seed draw the same.
//
// Threads: LibTorch's own, inside operators. Thread-safety: const calls from any thread; no call while parameters
// change.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "encoder/model_folder/model_config.hpp"
#include "encoder/model_folder/model_weights.hpp"
#include "encoder/sentence/packing.hpp"

namespace persona4rec {

// Low-rank adapters: y = x W^T + b + alpha / rank * dropout(x) A^T B^T.
struct LoraOptions {
  std::size_t rank = 16;
  double alpha = 32;
  double dropout = 0.05;
  // Linears by the last part or parts of their names, as PEFT's target_modules: "query", "attention.output.dense",
  // "output.dense" (which "attention.output.dense" ends with), "dense", ...; "all-linear" = each.
  std::vector<std::string> targets = {"query", "key", "value"};
};

struct TrainableOptions {
  std::optional<LoraOptions> lora;  // only the adapters train
  std::size_t freeze_layers = 0;    // the embeddings and the first n layers do not train, and have no dropout
  bool freeze_embeddings = false;   // the same for the embeddings alone
  bool checkpoint_layers = false;   // a layer's activations are computed again in the backward pass
  std::optional<double> dropout;    // hidden and attention; none = as config.json says
  bool bf16 = false;                // matrix products and activations in bf16; sums, norms and masters stay f32
  bool own_attention = true;        // on a CPU; false = LibTorch's, as on other devices
  at::Device device = at::kCPU;
  std::uint64_t seed = 0;  // of LoRA's A (uniform as PEFT draws it; B is zero)
};

struct TrainableParameter {
  std::string
      name;  // encoder_tensors' name, or "<linear>.lora_A.weight" [rank, in], "<linear>.lora_B.weight" [out, rank]
  at::Tensor value;  // f32 leaf on the device that requires a gradient
  bool decays;       // false: biases and LayerNorm
};

struct EncodePass {
  bool training = false;   // dropout
  std::uint64_t seed = 0;  // of dropout
};

class TrainableTransformer {
 public:
  // Copies the weights. Throws Error kUsage: no linear of this name (LoRA), more layers frozen than there are, nothing
  // left to train; kInternal with LibTorch's message.
  TrainableTransformer(const ModelConfig& model, const ModelWeights& weights, const TrainableOptions& options);
  TrainableTransformer(TrainableTransformer&&) noexcept;
  TrainableTransformer& operator=(TrainableTransformer&&) noexcept;
  ~TrainableTransformer();

  [[nodiscard]] const ModelConfig& model() const;
  [[nodiscard]] const TrainableOptions& options() const;

  // Those that train, in the order of encoder_tensors. Values may be changed in place.
  [[nodiscard]] const std::vector<TrainableParameter>& parameters() const;

  // Pooled (and, where the folder says so, normalised) vectors [texts, hidden] f32 on the device, in the order of the
  // batch, differentiable. REQUIRES: as Transformer::encode.
  [[nodiscard]] at::Tensor encode(const PackedBatch& batch, const EncodePass& pass) const;

  // What encode() computes before anything that trains: [tokens, hidden] f32, no gradient, no dropout.
  // REQUIRES: has_frozen_states(): the embeddings do not train (freeze_layers, freeze_embeddings, LoRA).
  [[nodiscard]] bool has_frozen_states() const;
  [[nodiscard]] at::Tensor frozen_states(const PackedBatch& batch) const;
  // The rest of encode(): encode(b, p) = encode_from(frozen_states(b), b, p).
  [[nodiscard]] at::Tensor encode_from(const at::Tensor& states, const PackedBatch& batch,
                                       const EncodePass& pass) const;

  // Every encoder_tensors() name, f32 on the CPU, adapters merged. Tensors that do not train may be shared, the others
  // are copies.
  [[nodiscard]] std::map<std::string, at::Tensor> merged_tensors() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Views of contiguous f32 CPU tensors, for write_model_folder and write_safetensors; they live as long as the tensors.
[[nodiscard]] TensorViews tensor_views(const std::map<std::string, at::Tensor>& tensors);

// The weights of merged_tensors() for the inference Transformer, without a file between.
[[nodiscard]] ModelWeights model_weights(const ModelConfig& model, std::map<std::string, at::Tensor> tensors);

}  // namespace persona4rec
