// A linear layer's weights in 8 bits, laid out for the kernels of row_kernels.hpp.
//
// Column n (an output) has one scale: weight[n][k] = scales[n] * q, q in -127 .. 127. Columns lie in groups of 16; a
// group holds 4 inputs of its 16 columns, then the next 4, .., so that 64 bytes meet one 32-bit word of a row.
// Thread-safety: const after it is made.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace persona4rec {

inline constexpr std::size_t kInt8Columns = 16;  // of a group
inline constexpr std::size_t kInt8Inputs = 4;    // multiplied at once
// More inputs could overflow 32 bits: 255 * 127 each.
inline constexpr std::size_t kInt8MostInputs = 66000;

struct Int8Weights {
  std::size_t inputs = 0;   // a multiple of kInt8Inputs: zeros behind the model's own
  std::size_t columns = 0;  // the layer's outputs
  std::vector<std::int8_t> values;
  // For every column, zeros behind the last up to a whole group:
  std::vector<float> scales;
  std::vector<float> bias;
  std::vector<std::int32_t> sums;  // of a column's values: what a row's zero point is taken away with

  [[nodiscard]] std::size_t groups() const { return scales.size() / kInt8Columns; }
  [[nodiscard]] std::size_t group_bytes() const { return inputs * kInt8Columns; }
};

// weights: [outputs, inputs] f32, as model folders hold them. Throws Error kInternal beyond kInt8MostInputs.
[[nodiscard]] Int8Weights quantize_weights(std::span<const float> weights, std::span<const float> bias);

}  // namespace persona4rec
