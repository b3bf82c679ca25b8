#include "encoder/blocks/block_model.hpp"

#include "encoder/kernels/attention_f32.hpp"
#include "encoder/sentence/pooling.hpp"

namespace persona4rec {

bool computed_in_blocks(const ModelConfig& model, ComputeDtype dtype) {
  if (dtype == ComputeDtype::kInt8) return true;
  return dtype == ComputeDtype::kF32 &&
         has_fast_attention_f32({.heads = model.heads, .head_size = model.hidden / model.heads});
}

BlockModel::BlockModel(const ModelConfig& model, const ModelWeights& weights, ComputeDtype dtype)
    : config_(model), transformer_(model, weights, dtype) {}

std::vector<float> BlockModel::encode(const PackedBatch& batch) const {
  std::vector<float> vectors;
  transformer_.run(batch, [&](const float* hidden) { vectors = pool_texts(config_, batch, hidden); });
  return vectors;
}

void BlockModel::encode(std::span<const PackedBatch> batches, std::size_t threads, const VectorsFn& finished) const {
  encode_side_by_side(batches, threads, [this](const PackedBatch& batch) { return encode(batch); }, finished);
}

}  // namespace persona4rec
