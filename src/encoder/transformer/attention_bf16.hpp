// Attention over packed tokens in bf16, for processors with avx512_bf16: softmax(Q K^T / sqrt(head)) V of one text and
// one head.
//
// No padding, no mask, one scratch buffer a thread whatever the lengths are. The result of a text does not depend on
// its neighbours in the batch. Elsewhere the transformer uses LibTorch's own attention.
// Thread-safety: re-entrant; a scratch buffer belongs to one call at a time.
#pragma once

#include <cstddef>

#include "encoder/kernels/attention_shape.hpp"

namespace persona4rec {

// Does this processor multiply bf16 (avx512_bf16; every processor with AMX has it too)?
[[nodiscard]] bool has_bf16_instructions();

// Does this processor run attend() with heads of this size?
[[nodiscard]] bool has_fast_attention_bf16(const AttentionShape& shape);

// As in attention_f32.hpp. REQUIRES: has_fast_attention_bf16(shape), length > 0.
void attend(const AttentionShape& shape, std::size_t head, std::size_t length, const Bf16* qkv, Bf16* context,
            AttentionScratch& scratch);

}  // namespace persona4rec
