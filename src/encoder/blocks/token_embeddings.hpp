// What a token is to the first layer: its word's row plus its position's.
// Thread-safety: pure.
#pragma once

#include "encoder/model_folder/model_config.hpp"
#include "encoder/sentence/packing.hpp"

namespace persona4rec {

struct EmbeddingTables {
  const float* words;      // [vocabulary, hidden]
  const float* positions;  // [positions, hidden], the type's row added
};

// out: [batch.tokens(), hidden].
void embed_tokens(const ModelConfig& model, const EmbeddingTables& tables, const PackedBatch& batch, float* out);

}  // namespace persona4rec
