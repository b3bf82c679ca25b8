// Products of f32 by the lanes of lanes.hpp; included by row_kernels_body.hpp, which says how.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

#include "encoder/kernels/lanes.hpp"
#include "encoder/kernels/row_kernels.hpp"

namespace persona4rec {
namespace {

// Sums of so many rows and of two registers of columns are kept in registers, beside the weights and a row's value: 32
// registers of 512 bits, 16 of others.
constexpr std::size_t kF32TileRows = kFloatLanes == 16 ? 12 : 6;
constexpr std::size_t kF32TileColumns = 2 * kFloatLanes;
static_assert(kF32Columns % kF32TileColumns == 0);

// Rows `from` on and the panel's columns `first` on; [Rows, kF32TileColumns] into `sums`.
template <std::size_t Rows>
P4R_TARGET void f32_tile(const float* from, std::size_t stride, const F32Weights& weights, std::size_t panel,
                         std::size_t first, Lanes (&sums)[kF32TileRows][2]) {
  const F32Weights::PanelRow* values = weights.panel(panel);
  const float* bias = weights.bias[panel].values + first;
  Lanes totals[Rows][2];
  for (auto& total : totals) {
    total[0] = load(bias);
    total[1] = load(bias + kFloatLanes);
  }
  for (std::size_t k = 0; k < weights.inputs; ++k) {
    const Lanes left = load(values[k].values + first);
    const Lanes right = load(values[k].values + first + kFloatLanes);
    for (std::size_t row = 0; row < Rows; ++row) {
      const Lanes input = all_lanes(from[row * stride + k]);
      totals[row][0] += input * left;
      totals[row][1] += input * right;
    }
  }
  for (std::size_t row = 0; row < Rows; ++row) {
    sums[row][0] = totals[row][0];
    sums[row][1] = totals[row][1];
  }
}

using F32TileFn = void (*)(const float*, std::size_t, const F32Weights&, std::size_t, std::size_t,
                           Lanes (&)[kF32TileRows][2]);

// [rows - 1]: the last rows of a block are as many as there are.
template <std::size_t... Less>
constexpr std::array<F32TileFn, sizeof...(Less)> f32_tiles(std::index_sequence<Less...> /*rows*/) {
  return {&f32_tile<Less + 1>...};
}

// A panel's weights stay in the nearest cache while all rows meet them.
P4R_TARGET inline void f32_multiply(const FloatRows& from, const F32Weights& weights, const FloatRows& out) {
  constexpr auto kTiles = f32_tiles(std::make_index_sequence<kF32TileRows>());
  Lanes sums[kF32TileRows][2];
  for (std::size_t column = 0; column < out.width; column += kF32TileColumns) {
    for (std::size_t row = 0; row < from.count; row += kF32TileRows) {
      const std::size_t count = std::min(kF32TileRows, from.count - row);
      kTiles[count - 1](from.data + row * from.stride, from.stride, weights, column / kF32Columns, column % kF32Columns,
                        sums);
      for (std::size_t r = 0; r < count; ++r) {
        float* to = out.data + (row + r) * out.stride + column;
        store(to, out.width - column, sums[r][0]);
        if (column + kFloatLanes < out.width) store(to + kFloatLanes, out.width - column - kFloatLanes, sums[r][1]);
      }
    }
  }
}

}  // namespace
}  // namespace persona4rec
