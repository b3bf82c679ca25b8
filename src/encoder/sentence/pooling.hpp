// Hidden states of a text -> one vector. Thread-safety: pure.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "encoder/model_folder/model_config.hpp"
#include "encoder/sentence/packing.hpp"

namespace persona4rec {

// hidden: [tokens, out.size()] f32 of one text. REQUIRES: at least one token.
void pool(Pooling pooling, std::span<const float> hidden, std::span<float> out);

// Of a batch's hidden states [tokens, hidden]: pooled, and normalised where the model says so; [texts, hidden].
[[nodiscard]] std::vector<float> pool_texts(const ModelConfig& model, const PackedBatch& batch, const float* hidden);

// out / |out|; a zero vector stays zero (as in sentence-transformers: the norm is at least 1e-12).
void normalize(std::span<float> out);

}  // namespace persona4rec
