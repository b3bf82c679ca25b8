// Vectors of ours as LibTorch's tensors and back. For files of src/train that see LibTorch.
#pragma once

#include <ATen/ATen.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace persona4rec {

[[nodiscard]] inline std::int64_t signed_size(std::size_t size) {
  return static_cast<std::int64_t>(size);
}

// The values themselves, [rows, columns] f32 on the CPU, for as long as they are there and nobody writes to them.
[[nodiscard]] inline at::Tensor matrix_view(std::span<const float> values, std::size_t rows, std::size_t columns) {
  return at::from_blob(const_cast<float*>(values.data()), {signed_size(rows), signed_size(columns)}, at::kFloat);
}

// A copy, [rows, columns] f32 on the CPU.
[[nodiscard]] inline at::Tensor matrix_tensor(std::span<const float> values, std::size_t rows, std::size_t columns) {
  return matrix_view(values, rows, columns).clone();
}

// A copy, [values] i64 on the CPU.
[[nodiscard]] inline at::Tensor index_tensor(std::span<const std::uint32_t> values) {
  auto out = at::empty({signed_size(values.size())}, at::kLong);
  auto* to = out.mutable_data_ptr<std::int64_t>();
  for (std::size_t i = 0; i < values.size(); ++i) to[i] = values[i];
  return out;
}

[[nodiscard]] inline std::vector<float> values_of(const at::Tensor& tensor) {
  const auto flat = tensor.detach().to(at::kCPU, at::kFloat).contiguous();
  return {flat.const_data_ptr<float>(), flat.const_data_ptr<float>() + flat.numel()};
}

}  // namespace persona4rec
