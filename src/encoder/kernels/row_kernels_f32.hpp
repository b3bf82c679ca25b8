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

// Sums of so many rows and registers of columns are kept in registers, beside the weights and a row's value: 32 of 512
// bits, 16 of others. Few rows, so that most of what is loaded is weights, which need not be repeated in every lane.
constexpr std::size_t kF32TileRows = 6;
constexpr std::size_t kF32TileLanes = kFloatLanes == 16 ? 4 : 2;
constexpr std::size_t kF32TileColumns = kF32TileLanes * kFloatLanes;
static_assert(kF32Columns % kF32TileColumns == 0);
using F32Sums = Lanes[kF32TileRows][kF32TileLanes];

// Rows `from` on and the panel's columns `first` on.
template <std::size_t Rows>
P4R_TARGET void f32_tile(const float* from, std::size_t stride, const F32Weights& weights, std::size_t panel,
                         std::size_t first, F32Sums& sums) {
  const F32Weights::PanelRow* values = weights.panel(panel);
  const float* bias = weights.bias[panel].values + first;
  Lanes totals[Rows][kF32TileLanes];
  for (auto& row : totals) {
    for (std::size_t i = 0; i < kF32TileLanes; ++i) row[i] = load(bias + i * kFloatLanes);
  }
  for (std::size_t k = 0; k < weights.inputs; ++k) {
    Lanes columns[kF32TileLanes];
    for (std::size_t i = 0; i < kF32TileLanes; ++i) columns[i] = load(values[k].values + first + i * kFloatLanes);
    for (std::size_t row = 0; row < Rows; ++row) {
      const Lanes input = all_lanes(from[row * stride + k]);
      for (std::size_t i = 0; i < kF32TileLanes; ++i) totals[row][i] += input * columns[i];
    }
  }
  for (std::size_t row = 0; row < Rows; ++row) {
    for (std::size_t i = 0; i < kF32TileLanes; ++i) sums[row][i] = totals[row][i];
  }
}

using F32TileFn = void (*)(const float*, std::size_t, const F32Weights&, std::size_t, std::size_t, F32Sums&);

// [rows - 1]: the last rows of a block are as many as there are.
template <std::size_t... Less>
constexpr std::array<F32TileFn, sizeof...(Less)> f32_tiles(std::index_sequence<Less...> /*rows*/) {
  return {&f32_tile<Less + 1>...};
}

// A panel's weights stay in the nearest cache while all rows meet them.
P4R_TARGET inline void f32_multiply(const FloatRows& from, const F32Weights& weights, const FloatRows& out) {
  constexpr auto kTiles = f32_tiles(std::make_index_sequence<kF32TileRows>());
  F32Sums sums;
  for (std::size_t column = 0; column < out.width; column += kF32TileColumns) {
    for (std::size_t row = 0; row < from.count; row += kF32TileRows) {
      const std::size_t count = std::min(kF32TileRows, from.count - row);
      kTiles[count - 1](from.data + row * from.stride, from.stride, weights, column / kF32Columns, column % kF32Columns,
                        sums);
      for (std::size_t r = 0; r < count; ++r) {
        float* to = out.data + (row + r) * out.stride;
        for (std::size_t at = column, i = 0; i < kF32TileLanes && at < out.width; ++i, at += kFloatLanes) {
          store(to + at, out.width - at, sums[r][i]);
        }
      }
    }
  }
}

}  // namespace
}  // namespace persona4rec
