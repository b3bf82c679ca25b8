// Hidden states of a text -> one vector. Thread-safety: pure.
#pragma once

#include <cstddef>
#include <span>

#include "encoder/model_folder/model_config.hpp"

namespace persona4rec {

// hidden: [tokens, out.size()] f32 of one text. REQUIRES: at least one token.
void pool(Pooling pooling, std::span<const float> hidden, std::span<float> out);

// out / |out|; a zero vector stays zero (as in sentence-transformers: the norm is at least 1e-12).
void normalize(std::span<float> out);

}  // namespace persona4rec
