// Dot products of a user's f32 vector with fp16 rows: the inner loop of `rerank`.
//
// AVX-512, else AVX2 + F16C + FMA, else plain C++, chosen once at start. f32 sums, so results of the kernels differ in
// the last bits; on one machine they are the same every time. Thread-safety: re-entrant.
#pragma once

#include <cstddef>
#include <cstdint>

#include "matching/row_dot.hpp"

namespace persona4rec {

// sum of row[i] * vector[i] over n values; `row` holds IEEE binary16 bits. Meanwhile the n values at `ahead` are
// fetched into the cache (any address, also nullptr: prefetching never faults).
[[nodiscard]] float half_dot(const std::uint16_t* row, const float* vector, std::size_t n, const std::uint16_t* ahead);

// out[i] = row[i] as f32. REQUIRES: finite values.
void widen_halves(const std::uint16_t* row, float* out, std::size_t n);

// Every kernel that this processor can run, the one that half_dot uses first (for tests and benchmarks).
using HalfDotKernels = RowDotKernels<std::uint16_t>;
[[nodiscard]] const HalfDotKernels& half_dot_kernels();

}  // namespace persona4rec
