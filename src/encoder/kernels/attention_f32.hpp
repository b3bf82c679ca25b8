// Attention over packed tokens in f32, for processors with AVX-512: softmax(Q K^T / sqrt(head)) V of one text and one
// head.
//
// No padding, no mask, one scratch buffer a thread whatever the lengths are. The result of a text does not depend on
// its neighbours in the batch. Elsewhere the transformer uses LibTorch's own attention.
// Thread-safety: re-entrant; a scratch buffer belongs to one call at a time.
#pragma once

#include <cstddef>

#include "encoder/kernels/attention_shape.hpp"

namespace persona4rec {

// Does this processor run attend() with heads of this size?
[[nodiscard]] bool has_fast_attention_f32(const AttentionShape& shape);

// qkv: the text's rows [length, 3 * hidden] = (queries, keys, values) of all heads; context: its rows [length, hidden],
// of which this head's columns are written. REQUIRES: has_fast_attention_f32(shape), length > 0.
void attend(const AttentionShape& shape, std::size_t head, std::size_t length, const float* qkv, float* context,
            AttentionScratch& scratch);

}  // namespace persona4rec
