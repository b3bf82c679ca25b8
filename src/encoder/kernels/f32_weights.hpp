// A linear layer's weights in f32, laid out for the kernels of row_kernels.hpp.
//
// Columns (outputs) lie in panels of 64; a panel holds the first input of its 64 columns, then the next input, .., so
// that several registers of weights meet one value of a row.
// Thread-safety: const after it is made.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace persona4rec {

inline constexpr std::size_t kF32Columns = 64;  // of a panel

struct F32Weights {
  struct alignas(64) PanelRow {
    float values[kF32Columns];  // one input's
  };

  std::size_t inputs = 0;
  std::size_t columns = 0;       // the layer's outputs
  std::vector<PanelRow> values;  // [panels, inputs], zeros behind the last column
  std::vector<PanelRow> bias;    // [panels]

  [[nodiscard]] std::size_t panels() const { return bias.size(); }
  [[nodiscard]] const PanelRow* panel(std::size_t index) const { return values.data() + index * inputs; }
};

// weights: [outputs, inputs] f32, as model folders hold them; bias: [outputs].
[[nodiscard]] F32Weights pack_weights(std::span<const float> weights, std::span<const float> bias);

}  // namespace persona4rec
