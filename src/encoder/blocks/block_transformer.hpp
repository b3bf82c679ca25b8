// The transformer by our own kernels, a block of rows at a time, so that activations stay in the processor's caches.
// Linear layers are f32, or 8 bits: weights of one scale an output, quantised when the model is loaded, and rows of
// tokens of one scale and zero point each, made anew before every product. Everything else is f32.
//
// A text's result depends neither on its neighbours in a batch nor on the number of threads, to the bit.
// Thread-safety: const calls from any thread. A batch is computed on the calling thread alone.
#pragma once

#include <functional>
#include <memory>

#include "encoder/kernels/row_kernels.hpp"
#include "encoder/model_folder/model_config.hpp"
#include "encoder/model_folder/model_weights.hpp"
#include "encoder/sentence/packing.hpp"
#include "encoder/store/dtype_file.hpp"

namespace persona4rec {

class BlockTransformer {
 public:
  // `dtype`: of the linear layers, kF32 or kInt8. REQUIRES: has_kernel_set(set). Throws Error kInternal: a layer of too
  // many inputs for 8 bits.
  BlockTransformer(const ModelConfig& model, const ModelWeights& weights, ComputeDtype dtype,
                   KernelSet set = best_kernel_set());
  ~BlockTransformer();

  // Calls use(hidden states [tokens, hidden] f32). REQUIRES: as Transformer::hidden_states.
  void run(const PackedBatch& batch, const std::function<void(const float* hidden)>& use) const;

 private:
  class Layers;
  std::unique_ptr<const Layers> layers_;
};

}  // namespace persona4rec
