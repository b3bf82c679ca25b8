// What half_dot and byte_dot share: dot products of a user's f32 vector with rows of narrow values, by the best kernel
// that the processor can run. Thread-safety: re-entrant.
#pragma once

#include <cstddef>
#include <cstdint>

namespace persona4rec {

// sum of row[i] * vector[i] over n values. Meanwhile the n values at `ahead` are fetched into the second-level cache
// (any address, also nullptr: prefetching never faults): more loads may be under way to it than to the first.
template <class Value>
using RowDotFn = float (*)(const Value* row, const float* vector, std::size_t n, const Value* ahead);

template <class Value>
struct RowDotKernel {
  const char* name;
  RowDotFn<Value> run;
};

// Every kernel that this processor can run, the best first.
template <class Value>
struct RowDotKernels {
  RowDotKernel<Value> kernels[3];
  std::size_t count;
};

// The first needs AVX-512F; the second AVX2 and FMA, and may use F16C, which every processor with both has. nullptr:
// there is none.
template <class Value>
[[nodiscard]] RowDotKernels<Value> find_row_dot_kernels([[maybe_unused]] RowDotFn<Value> avx512,
                                                        [[maybe_unused]] RowDotFn<Value> avx2, RowDotFn<Value> plain) {
  RowDotKernels<Value> found{};
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (avx512 != nullptr && __builtin_cpu_supports("avx512f")) {
    found.kernels[found.count++] = {.name = "avx512", .run = avx512};
  }
  if (avx2 != nullptr && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
    found.kernels[found.count++] = {.name = "avx2", .run = avx2};
  }
#endif
  found.kernels[found.count++] = {.name = "plain", .run = plain};
  return found;
}

// Elements [begin, n), one by one: what is left of a row after whole vectors. Widen: Value -> float.
template <auto Widen, class Value>
[[nodiscard]] float row_dot_tail(const Value* row, const float* vector, std::size_t begin, std::size_t n) {
  float sum = 0;
  for (std::size_t i = begin; i < n; ++i) sum += Widen(row[i]) * vector[i];
  return sum;
}

template <auto Widen, class Value>
[[nodiscard]] float plain_row_dot(const Value* row, const float* vector, std::size_t n, const Value* /*ahead*/) {
  float sums[8] = {};
  const std::size_t whole = n - n % 8;
  for (std::size_t i = 0; i < whole; i += 8) {
    for (std::size_t k = 0; k < 8; ++k) sums[k] += Widen(row[i + k]) * vector[i + k];
  }
  float sum = row_dot_tail<Widen>(row, vector, whole, n);
  for (const float part : sums) sum += part;
  return sum;
}

// Where element i of `ahead` would lie, to be prefetched: computed on integers, since `ahead` may be anything.
template <class Value>
[[nodiscard]] const char* prefetch_address(const Value* ahead, std::size_t i) {
  const auto address = reinterpret_cast<std::uintptr_t>(ahead) + i * sizeof(Value);
  return reinterpret_cast<const char*>(address);  // NOLINT(performance-no-int-to-ptr): never read
}

}  // namespace persona4rec
