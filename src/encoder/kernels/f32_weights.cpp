#include "encoder/kernels/f32_weights.hpp"

#include "base/bulk/huge_pages.hpp"

namespace persona4rec {

F32Weights pack_weights(std::span<const float> weights, std::span<const float> bias) {
  const std::size_t panels = (bias.size() + kF32Columns - 1) / kF32Columns;
  F32Weights out{.inputs = weights.size() / bias.size(), .columns = bias.size()};
  reserve_huge(out.values, panels * out.inputs);  // a product reads them all for every few rows
  out.values.resize(panels * out.inputs);
  out.bias.resize(panels);
  for (std::size_t n = 0; n < bias.size(); ++n) {
    F32Weights::PanelRow* panel = out.values.data() + n / kF32Columns * out.inputs;
    for (std::size_t k = 0; k < out.inputs; ++k) panel[k].values[n % kF32Columns] = weights[n * out.inputs + k];
    out.bias[n / kF32Columns].values[n % kF32Columns] = bias[n];
  }
  return out;
}

}  // namespace persona4rec
