// What the encoder computes on rows of tokens, for each instruction set; the processor's best is chosen at run time.
//
// A row in 8 bits: value = scale * (q - zero), q in 0 .. 255, one scale and zero point a row. Sums over inputs are
// exact in 32 bits with every instruction set; the rest is f32, and a row's result does not depend on the rows beside
// it. Thread-safety: functions are re-entrant.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "encoder/kernels/attention_shape.hpp"
#include "encoder/kernels/f32_weights.hpp"
#include "encoder/kernels/int8_weights.hpp"

namespace persona4rec {

enum class KernelSet : std::uint8_t { kPortable, kAvx2, kAvxVnni, kAvx512, kAvx512Vnni };
inline constexpr std::array kKernelSets = {KernelSet::kPortable, KernelSet::kAvx2, KernelSet::kAvxVnni,
                                           KernelSet::kAvx512, KernelSet::kAvx512Vnni};

// Rows in 8 bits. Kernels compute kRowTile rows at once, so that many may be read behind the last.
struct Int8Rows {
  static constexpr std::size_t kRowTile = 6;
  // Room for this many rows; what was there is lost.
  void shape(std::size_t count, std::size_t width);

  std::size_t count = 0;
  std::size_t stride = 0;           // bytes: width rounded up to kInt8Inputs, zeros behind it
  std::vector<std::uint8_t> bytes;  // [count up to a whole tile, stride]
  std::vector<float> scales;        // [count]
  std::vector<std::int32_t> zeros;  // [count]
};

// Rows of f32, `stride` values apart.
struct FloatRows {
  float* data = nullptr;
  std::size_t count = 0;
  std::size_t width = 0;
  std::size_t stride = 0;
};

struct NormWeights {
  const float* weight = nullptr;  // [width]
  const float* bias = nullptr;    // [width]
  float epsilon = 0;
};

struct RowKernels {
  // out[r][n] = sum over k of (row r)[k] * weight[n][k] + bias[n]. REQUIRES: rows.stride == weights.inputs,
  // out.count == rows.count, out.width == weights.columns.
  void (*int8_product)(const Int8Rows& rows, const Int8Weights& weights, const FloatRows& out);
  // rows: shaped for `from`.
  void (*quantize)(const FloatRows& from, Int8Rows& rows);
  // The same of f32; sums are made in the order of the inputs. REQUIRES: from.width == weights.inputs,
  // out.count == from.count, out.width == weights.columns.
  void (*f32_product)(const FloatRows& from, const F32Weights& weights, const FloatRows& out);
  // to = norm(to + from), or norm(to) where from.data is null
  void (*add_and_norm)(const FloatRows& from, const NormWeights& norm, const FloatRows& to);
  // x (1 + erf(x / sqrt 2)) / 2, absolute error below 1e-6
  void (*gelu)(const FloatRows& values);
  // x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))) / 2, absolute error below 1e-6
  void (*gelu_tanh)(const FloatRows& values);
  void (*relu)(const FloatRows& values);
  // As attend() of attention_f32.hpp, for heads of any size.
  void (*attend)(const AttentionShape& shape, std::size_t head, std::size_t length, const float* qkv, float* context,
                 AttentionScratch& scratch);
};

// Does this processor run it?
[[nodiscard]] bool has_kernel_set(KernelSet set);
[[nodiscard]] KernelSet best_kernel_set();
// REQUIRES: has_kernel_set(set).
[[nodiscard]] const RowKernels& row_kernels(KernelSet set);

}  // namespace persona4rec
