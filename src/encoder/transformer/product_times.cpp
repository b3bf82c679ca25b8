#include "encoder/transformer/product_times.hpp"

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "encoder/blocks/block_model.hpp"
#include "encoder/kernels/row_kernels.hpp"
#include "encoder/transformer/transformer.hpp"
#include "persona4rec/error.hpp"

namespace persona4rec {
namespace {

// Rows for about 3 ms of f32 on one core: 2^28 multiplications, in units that LibTorch has kernels for.
std::int64_t timed_rows(std::size_t layer_weights) {
  return static_cast<std::int64_t>(
      std::clamp((std::size_t{1} << 28U) / std::max<std::size_t>(layer_weights, 1) / kRowUnit, std::size_t{1},
                 std::size_t{16}) *
      kRowUnit);
}

using Shapes = std::vector<std::pair<std::int64_t, std::int64_t>>;  // inputs, outputs

template <class Multiply>
double best_of_a_few(const Multiply& multiply) {
  using Clock = std::chrono::steady_clock;
  double best = std::numeric_limits<double>::infinity();
  for (int turn = 0; turn < 4; ++turn) {  // the first one also makes LibTorch's kernels
    const auto start = Clock::now();
    multiply();
    best = std::min(best, std::chrono::duration<double>(Clock::now() - start).count());
  }
  return best;
}

double time_layer(const Shapes& shapes, std::int64_t rows, at::ScalarType dtype) {
  std::vector<std::array<at::Tensor, 4>> products;  // out, bias, input, weight
  products.reserve(shapes.size());
  for (const auto& [in, out] : shapes)
    products.push_back({at::zeros({rows, out}, dtype), at::zeros({out}, dtype), at::ones({rows, in}, dtype),
                        at::ones({in, out}, dtype)});
  return best_of_a_few([&] {
    for (auto& [out, bias, input, weight] : products) at::addmm_out(out, bias, input, weight);
  });
}

double time_layer_in_blocks(const Shapes& shapes, std::int64_t rows) {
  struct Product {
    F32Weights weights;
    std::vector<float> input;
    std::vector<float> out;
  };
  std::vector<Product> products;
  const auto floats = [](std::int64_t size, float value) {
    return std::vector<float>(static_cast<std::size_t>(size), value);
  };
  for (const auto& [in, out] : shapes) {
    products.push_back(
        {pack_weights(floats(in * out, 1), floats(out, 0)), floats(rows * in, 1), floats(rows * out, 0)});
  }
  const RowKernels& kernels = row_kernels(best_kernel_set());
  const auto count = static_cast<std::size_t>(rows);
  return best_of_a_few([&] {
    for (auto& [weights, input, out] : products) {
      kernels.f32_product({.data = input.data(), .count = count, .width = weights.inputs, .stride = weights.inputs},
                          weights,
                          {.data = out.data(), .count = count, .width = weights.columns, .stride = weights.columns});
    }
  });
}

}  // namespace

ProductTimes time_products(const ModelConfig& model) {
  try {
    const SingleThreadedOperators single_threaded;
    const c10::InferenceMode inference;
    const auto hidden = static_cast<std::int64_t>(model.hidden);
    const auto inner = static_cast<std::int64_t>(model.intermediate);
    const std::int64_t rows = timed_rows(4 * model.hidden * model.hidden + 2 * model.hidden * model.intermediate);
    const Shapes shapes = {{hidden, 3 * hidden}, {hidden, hidden}, {hidden, inner}, {inner, hidden}};
    const bool in_blocks = computed_in_blocks(model, ComputeDtype::kF32);
    return ProductTimes{.f32_s = in_blocks ? time_layer_in_blocks(shapes, rows) : time_layer(shapes, rows, at::kFloat),
                        .bf16_s = time_layer(shapes, rows, at::kBFloat16)};
  } catch (const c10::Error& error) {
    throw internal_error("LibTorch: " + std::string(error.what_without_backtrace()));
  }
}

}  // namespace persona4rec
