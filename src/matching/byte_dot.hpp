// Dot products of a user's f32 vector with rows of 8-bit values: what `rerank --vectors 8bit` multiplies.
//
// AVX-512, else AVX2 + FMA, else plain C++, chosen once at start; as with half_dot, results of the kernels differ in
// the last bits, and on one machine they are the same every time. Thread-safety: re-entrant.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "matching/row_dot.hpp"

namespace persona4rec {

// sum of row[i] * vector[i] over n values. Meanwhile the n values at `ahead` are fetched into the cache (any address,
// also nullptr: prefetching never faults).
[[nodiscard]] float byte_dot(const std::int8_t* row, const float* vector, std::size_t n, const std::int8_t* ahead);

// out[i] = values[i] / scale, rounded; the scale, that of the largest value to 127, is returned: 0 for a row of zeros.
// REQUIRES: finite values, out.size() == values.size().
float to_bytes(std::span<const float> values, std::span<std::int8_t> out);

// Every kernel that this processor can run, the one that byte_dot uses first (for tests and benchmarks).
using ByteDotKernels = RowDotKernels<std::int8_t>;
[[nodiscard]] const ByteDotKernels& byte_dot_kernels();

}  // namespace persona4rec
