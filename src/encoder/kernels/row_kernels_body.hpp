// The kernels that row_kernels*.cpp share. Each defines P4R_TARGET (its instruction set, perhaps nothing) and
// P4R_LANE_COUNT (f32 of a register) before it includes this: functions carry the former one by one, since the rest of
// the program must run on processors without it.
//
// `Kind` says how sums of products are made: kRows and kGroups (of 16 columns) at once, and sum<Groups>(tile, sums).
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>

#include "encoder/kernels/lanes.hpp"
#include "encoder/kernels/row_kernels.hpp"
#include "encoder/kernels/row_kernels_attention.hpp"
#include "encoder/kernels/row_kernels_f32.hpp"

namespace persona4rec {
namespace {

struct Int8Tile {
  const std::uint8_t* rows;
  std::size_t row_stride;      // bytes
  const std::int8_t* weights;  // of the first group
  std::size_t group_stride;    // bytes
  std::size_t inputs;
};

// Rows `row` on, columns `column` on; rows behind the last are not stored.
template <class Kind>
P4R_TARGET void scale_tile(const Int8Rows& rows, const Int8Weights& weights, const FloatRows& out, std::size_t row,
                           std::size_t column, std::size_t groups,
                           const std::int32_t (&sums)[Kind::kRows][Kind::kGroups * kInt8Columns]) {
  const std::size_t last = std::min(Kind::kRows, rows.count - row);
  for (std::size_t r = 0; r < last; ++r) {
    const Lanes scale = all_lanes(rows.scales[row + r]);
    const IntLanes zero = all_lanes(rows.zeros[row + r]);
    float* to = out.data + (row + r) * out.stride;
    for (std::size_t n = 0; n < groups * kInt8Columns; n += kFloatLanes) {
      const std::size_t at = column + n;
      const IntLanes sum = load_ints(&sums[r][n]) - zero * load_ints(&weights.sums[at]);
      const Lanes value = to_floats(sum) * (scale * load(&weights.scales[at])) + load(&weights.bias[at]);
      if (at < out.width) store(to + at, out.width - at, value);
    }
  }
}

template <class Kind, std::size_t Groups>
P4R_TARGET void multiply_columns(const Int8Rows& rows, const Int8Weights& weights, const FloatRows& out,
                                 std::size_t group) {
  alignas(64) std::int32_t sums[Kind::kRows][Kind::kGroups * kInt8Columns];
  for (std::size_t row = 0; row < rows.count; row += Kind::kRows) {
    Kind::template sum<Groups>({.rows = rows.bytes.data() + row * rows.stride,
                                .row_stride = rows.stride,
                                .weights = weights.values.data() + group * weights.group_bytes(),
                                .group_stride = weights.group_bytes(),
                                .inputs = weights.inputs},
                               sums);
    scale_tile<Kind>(rows, weights, out, row, group * kInt8Columns, Groups, sums);
  }
}

template <class Kind>
P4R_TARGET void multiply(const Int8Rows& rows, const Int8Weights& weights, const FloatRows& out) {
  static_assert(Int8Rows::kRowTile % Kind::kRows == 0);
  std::size_t group = 0;
  for (; group + Kind::kGroups <= weights.groups(); group += Kind::kGroups) {
    multiply_columns<Kind, Kind::kGroups>(rows, weights, out, group);
  }
  for (; group < weights.groups(); ++group) multiply_columns<Kind, 1>(rows, weights, out, group);
}

P4R_TARGET inline void quantize_row(const float* from, std::size_t width, Int8Rows& rows, std::size_t row) {
  Lanes low = all_lanes(0.0F);
  Lanes high = all_lanes(0.0F);
  for (std::size_t i = 0; i < width; i += kFloatLanes) {
    const Lanes x = load_part(from + i, width - i, 0.0F);
    low = x < low ? x : low;
    high = x > high ? x : high;
  }
  const float least = smallest(low);
  const float range = largest(high) - least;
  const float step = range / 255.0F;
  const float inverse = range > 0 ? 255.0F / range : 0.0F;
  const auto zero = static_cast<std::int32_t>(std::lround(-least * inverse));
  const Lanes factor = all_lanes(inverse);
  const Lanes shift = all_lanes(static_cast<float>(zero) + 0.5F);
  std::uint8_t* to = rows.bytes.data() + row * rows.stride;
  for (std::size_t i = 0; i < width; i += kFloatLanes) {
    // The part behind the last value is zero, which has the zero point for its number; its weights are zero.
    store_bytes(to + i, rows.stride - i, load_part(from + i, width - i, 0.0F) * factor + shift);
  }
  rows.scales[row] = step;
  rows.zeros[row] = zero;
}

P4R_TARGET inline void quantize_rows(const FloatRows& from, Int8Rows& rows) {
  for (std::size_t row = 0; row < from.count; ++row) {
    quantize_row(from.data + row * from.stride, from.width, rows, row);
  }
}

P4R_TARGET inline void add_and_norm_row(const float* from, std::size_t width, const NormWeights& norm, float* to) {
  Lanes sum = all_lanes(0.0F);
  for (std::size_t i = 0; i < width; i += kFloatLanes) {
    Lanes x = load_part(to + i, width - i, 0.0F);
    if (from != nullptr) x = x + load_part(from + i, width - i, 0.0F);
    sum = sum + x;
    store(to + i, width - i, x);
  }
  const float mean = total(sum) / static_cast<float>(width);
  const Lanes center = all_lanes(mean);
  Lanes squares = all_lanes(0.0F);
  for (std::size_t i = 0; i < width; i += kFloatLanes) {
    const Lanes x = load_part(to + i, width - i, mean) - center;
    squares = squares + x * x;
  }
  const float variance = total(squares) / static_cast<float>(width);
  const Lanes factor = all_lanes(1.0F / std::sqrt(variance + norm.epsilon));
  for (std::size_t i = 0; i < width; i += kFloatLanes) {
    const Lanes x = (load_part(to + i, width - i, mean) - center) * factor;
    store(to + i, width - i,
          x * load_part(norm.weight + i, width - i, 0.0F) + load_part(norm.bias + i, width - i, 0.0F));
  }
}

P4R_TARGET inline void add_and_norm_rows(const FloatRows& from, const NormWeights& norm, const FloatRows& to) {
  for (std::size_t row = 0; row < to.count; ++row) {
    const float* added = from.data == nullptr ? nullptr : from.data + row * from.stride;
    add_and_norm_row(added, to.width, norm, to.data + row * to.stride);
  }
}

// value = Function::of(value)
template <class Function>
P4R_TARGET void activate_rows(const FloatRows& values) {
  for (std::size_t row = 0; row < values.count; ++row) {
    float* at = values.data + row * values.stride;
    for (std::size_t i = 0; i < values.width; i += kFloatLanes) {
      store(at + i, values.width - i, Function::of(load_part(at + i, values.width - i, 0.0F)));
    }
  }
}
struct Gelu {
  P4R_INLINE_LANES static Lanes of(Lanes x) { return gelu_of(x); }
};
struct GeluTanh {
  P4R_INLINE_LANES static Lanes of(Lanes x) { return gelu_tanh_of(x); }
};
struct Relu {
  P4R_INLINE_LANES static Lanes of(Lanes x) {
    const Lanes zero = all_lanes(0.0F);
    return x > zero ? x : zero;
  }
};

template <class Kind>
RowKernels kernels_of() {
  return {.int8_product = &multiply<Kind>,
          .quantize = &quantize_rows,
          .f32_product = &f32_multiply,
          .add_and_norm = &add_and_norm_rows,
          .gelu = &activate_rows<Gelu>,
          .gelu_tanh = &activate_rows<GeluTanh>,
          .relu = &activate_rows<Relu>,
          .attend = &attend_rows};
}

}  // namespace
}  // namespace persona4rec
