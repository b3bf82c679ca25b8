#include "encoder/kernels/int8_weights.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include "persona4rec/error.hpp"

namespace persona4rec {
namespace {

constexpr float kLargest = 127;

std::size_t rounded_up(std::size_t value, std::size_t unit) {
  return (value + unit - 1) / unit * unit;
}

void quantize_column(std::span<const float> column, std::size_t n, Int8Weights& out) {
  float largest = 0;
  for (const float value : column) largest = std::max(largest, std::abs(value));
  if (largest == 0) return;
  const float scale = largest / kLargest;
  std::int8_t* group = out.values.data() + n / kInt8Columns * out.group_bytes();
  for (std::size_t k = 0; k < column.size(); ++k) {
    const auto value = static_cast<std::int8_t>(std::lrint(column[k] / scale));
    group[k / kInt8Inputs * kInt8Inputs * kInt8Columns + n % kInt8Columns * kInt8Inputs + k % kInt8Inputs] = value;
    out.sums[n] += value;
  }
  out.scales[n] = scale;
}

}  // namespace

Int8Weights quantize_weights(std::span<const float> weights, std::span<const float> bias) {
  const std::size_t inputs = weights.size() / bias.size();
  if (inputs > kInt8MostInputs) {
    throw internal_error("int8 sums 32 bits: " + std::to_string(inputs) + " inputs of a layer are too many");
  }
  const std::size_t columns = rounded_up(bias.size(), kInt8Columns);
  Int8Weights out{.inputs = rounded_up(inputs, kInt8Inputs), .columns = bias.size()};
  out.values.assign(out.inputs * columns, 0);
  out.scales.assign(columns, 0);
  out.sums.assign(columns, 0);
  out.bias.assign(bias.begin(), bias.end());
  out.bias.resize(columns);
  for (std::size_t n = 0; n < bias.size(); ++n) quantize_column(weights.subspan(n * inputs, inputs), n, out);
  return out;
}

}  // namespace persona4rec
