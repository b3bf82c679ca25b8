// Attention over packed tokens for processors with AVX-512: softmax(Q K^T / sqrt(head)) V of one text and one head.
//
// No padding, no mask, one scratch buffer a thread whatever the lengths are. The result of a text does not depend on
// its neighbours in the batch. Elsewhere the transformer uses LibTorch's own attention.
// Thread-safety: re-entrant; a scratch buffer belongs to one call at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace persona4rec {

using Bf16 = std::uint16_t;  // the upper half of an f32's bits

struct AttentionShape {
  std::size_t heads = 0;
  std::size_t head_size = 0;  // elements; a multiple of 16 (f32) or 32 (bf16) for attend()
  [[nodiscard]] std::size_t hidden() const { return heads * head_size; }
};

// Does this processor run attend() for f32 / for bf16 with heads of this size?
[[nodiscard]] bool has_fast_attention_f32(const AttentionShape& shape);
[[nodiscard]] bool has_fast_attention_bf16(const AttentionShape& shape);

// Does this processor multiply bf16 (avx512_bf16; every processor with AMX has it too)?
[[nodiscard]] bool has_bf16_instructions();

using AttentionScratch = std::vector<float>;

// qkv: the text's rows [length, 3 * hidden] = (queries, keys, values) of all heads; context: its rows [length, hidden],
// of which this head's columns are written. REQUIRES: has_fast_attention_* (shape), length > 0.
void attend(const AttentionShape& shape, std::size_t head, std::size_t length, const float* qkv, float* context,
            AttentionScratch& scratch);
void attend(const AttentionShape& shape, std::size_t head, std::size_t length, const Bf16* qkv, Bf16* context,
            AttentionScratch& scratch);

}  // namespace persona4rec
