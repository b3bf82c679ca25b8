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

double time_layer(const std::vector<std::pair<std::int64_t, std::int64_t>>& shapes, std::int64_t rows,
                  at::ScalarType dtype) {
  using Clock = std::chrono::steady_clock;
  std::vector<std::array<at::Tensor, 4>> products;  // out, bias, input, weight
  products.reserve(shapes.size());
  for (const auto& [in, out] : shapes)
    products.push_back({at::zeros({rows, out}, dtype), at::zeros({out}, dtype), at::ones({rows, in}, dtype),
                        at::ones({in, out}, dtype)});
  double best = std::numeric_limits<double>::infinity();
  for (int turn = 0; turn < 4; ++turn) {  // the first one also makes the kernels
    const auto start = Clock::now();
    for (auto& [out, bias, input, weight] : products) at::addmm_out(out, bias, input, weight);
    best = std::min(best, std::chrono::duration<double>(Clock::now() - start).count());
  }
  return best;
}

}  // namespace

ProductTimes time_products(const ModelConfig& model) {
  try {
    const SingleThreadedOperators single_threaded;
    const c10::InferenceMode inference;
    const auto hidden = static_cast<std::int64_t>(model.hidden);
    const auto inner = static_cast<std::int64_t>(model.intermediate);
    const std::int64_t rows = timed_rows(4 * model.hidden * model.hidden + 2 * model.hidden * model.intermediate);
    const std::vector<std::pair<std::int64_t, std::int64_t>> shapes = {
        {hidden, 3 * hidden}, {hidden, hidden}, {hidden, inner}, {inner, hidden}};
    return ProductTimes{.f32_s = time_layer(shapes, rows, at::kFloat),
                        .bf16_s = time_layer(shapes, rows, at::kBFloat16)};
  } catch (const c10::Error& error) {
    throw internal_error("LibTorch: " + std::string(error.what_without_backtrace()));
  }
}

}  // namespace persona4rec
