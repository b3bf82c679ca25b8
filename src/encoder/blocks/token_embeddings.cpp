#include "encoder/blocks/token_embeddings.hpp"

namespace persona4rec {

void embed_tokens(const ModelConfig& model, const EmbeddingTables& tables, const PackedBatch& batch, float* out) {
  const std::size_t width = model.hidden;
  for (std::size_t text = 0; text < batch.texts(); ++text) {
    std::size_t next = model.first_position;
    for (std::size_t token = batch.begins[text]; token < batch.begins[text + 1]; ++token) {
      const auto id = static_cast<std::size_t>(batch.ids[token]);
      const float* word = tables.words + id * width;
      // XLM-R: a padding token, which a text may hold by its name, has the position below the first.
      const bool padding = id + 1 == model.first_position;
      const float* position = tables.positions + (padding ? id : next++) * width;
      for (std::size_t d = 0; d < width; ++d) out[token * width + d] = word[d] + position[d];
    }
  }
}

}  // namespace persona4rec
