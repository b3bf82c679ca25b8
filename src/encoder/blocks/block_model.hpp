// BlockTransformer with its pooling.
#pragma once

#include <cstddef>
#include <vector>

#include "encoder/blocks/block_transformer.hpp"
#include "encoder/sentence/batch_model.hpp"

namespace persona4rec {

// int8 always is; f32 where the processor has AVX-512 and the model's heads fit its registers: there it is the faster
// one (docs/performance.md).
[[nodiscard]] bool computed_in_blocks(const ModelConfig& model, ComputeDtype dtype);

class BlockModel final : public BatchModel {
 public:
  // Throws as BlockTransformer.
  BlockModel(const ModelConfig& model, const ModelWeights& weights, ComputeDtype dtype);

  void encode(std::span<const PackedBatch> batches, std::size_t threads, const VectorsFn& finished) const override;
  [[nodiscard]] std::vector<float> encode(const PackedBatch& batch) const;

 private:
  ModelConfig config_;
  BlockTransformer transformer_;
};

}  // namespace persona4rec
