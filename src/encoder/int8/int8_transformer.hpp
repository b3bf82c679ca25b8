// The transformer with linear layers in 8 bits: weights of one scale an output, rows of tokens of one scale and zero
// point each, made anew before every product. Everything else is f32. Weights are quantised when the model is loaded.
//
// A text's result depends neither on its neighbours in a batch nor on the number of threads, to the bit.
// Thread-safety: const calls from any thread. A batch is computed on the calling thread alone.
#pragma once

#include <functional>
#include <memory>

#include "encoder/int8/int8_kernels.hpp"
#include "encoder/model_folder/model_config.hpp"
#include "encoder/model_folder/model_weights.hpp"
#include "encoder/transformer/packing.hpp"

namespace persona4rec {

class Int8Transformer {
 public:
  // REQUIRES: has_int8_set(set). Throws Error kInternal: a layer of too many inputs.
  Int8Transformer(const ModelConfig& model, const ModelWeights& weights, Int8Set set = best_int8_set());
  ~Int8Transformer();

  // Calls use(hidden states [tokens, hidden] f32). REQUIRES: as Transformer::hidden_states. Throws c10::Error.
  void run(const PackedBatch& batch, const std::function<void(const float* hidden)>& use) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace persona4rec
