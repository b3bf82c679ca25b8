// The texts of a batch through the encoder, in chunks by token count, and the gradient of their vectors back through
// it: GradCache (Gao et al. 2021). One chunk keeps its activations; several are computed a second time, with the same
// dropout. Thread-safety: one object, one thread.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "encoder/trainable/trainable_transformer.hpp"
#include "train/encoder/frozen_states.hpp"
#include "train/encoder/token_file.hpp"

namespace persona4rec {

class ChunkedTexts {
 public:
  // `limit`: tokens of a chunk; 0 = all. `seed`: of the dropout. `frozen`: null where no layer is frozen.
  // REQUIRES: `transformer` and `frozen` outlive this object.
  ChunkedTexts(const TrainableTransformer& transformer, FrozenStates* frozen, std::vector<std::uint32_t> texts,
               const TokenFile& tokens, std::size_t limit, std::uint64_t seed);

  // [texts, d] in their order, made of a leaf whose gradient backward() takes.
  at::Tensor encode();
  // REQUIRES: the gradient of what encode() gave has been computed. Adds to the weights' gradients.
  void backward();
  [[nodiscard]] std::uint64_t tokens() const { return tokens_; }

 private:
  [[nodiscard]] at::Tensor encode_chunk(std::size_t chunk);

  const TrainableTransformer& transformer_;
  FrozenStates* frozen_;
  std::vector<std::uint32_t> texts_;
  std::vector<PackedBatch> chunks_;
  std::uint64_t seed_;
  std::uint64_t tokens_ = 0;
  at::Tensor kept_;  // the only chunk's vectors with their graph
  at::Tensor leaf_;  // [texts, d] chunk by chunk
};

}  // namespace persona4rec
