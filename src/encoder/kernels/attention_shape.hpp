// What the two kinds of attention for AVX-512 have in common: the shape of a model's heads, memory to compute in.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace persona4rec {

using Bf16 = std::uint16_t;  // the upper half of an f32's bits

struct AttentionShape {
  std::size_t heads = 0;
  std::size_t head_size = 0;  // elements; a multiple of 16 (f32) or 32 (bf16) for attend()
  [[nodiscard]] std::size_t hidden() const { return heads * head_size; }
};

// Belongs to one call at a time; grows to the longest text.
using AttentionScratch = std::vector<float>;

}  // namespace persona4rec
