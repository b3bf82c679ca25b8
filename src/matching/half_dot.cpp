#include "matching/half_dot.hpp"

#include <bit>

#if defined(__x86_64__)
#if !defined(__clang__)
// False alarms inside GCC 12's own AVX-512 header (its bug 105593).
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif
#include <immintrin.h>
#endif

namespace persona4rec {
namespace {

// binary16 -> f32 in integer steps that vectorise everywhere (the compiler's own conversion calls a function on
// machines without F16C): the exponent moves to its place by a multiplication, subnormals included. REQUIRES: finite.
float half_value(std::uint16_t bits) {
  const std::uint32_t magnitude = (bits & 0x7FFFU) << 13U;
  const std::uint32_t sign = (bits & 0x8000U) << 16U;
  return std::bit_cast<float>(std::bit_cast<std::uint32_t>(std::bit_cast<float>(magnitude) * 0x1p112F) | sign);
}

#if defined(__x86_64__)

__attribute__((target("avx2,f16c,fma"))) float avx2_dot(const std::uint16_t* row, const float* vector, std::size_t n,
                                                        const std::uint16_t* ahead) {
  __m256 sums[4] = {_mm256_setzero_ps(), _mm256_setzero_ps(), _mm256_setzero_ps(), _mm256_setzero_ps()};
  const std::size_t whole = n - n % 32;
  for (std::size_t i = 0; i < whole; i += 32) {
    _mm_prefetch(prefetch_address(ahead, i), _MM_HINT_T1);
    for (std::size_t k = 0; k < 4; ++k) {
      const __m128i halves = _mm_loadu_si128(reinterpret_cast<const __m128i*>(row + i + 8 * k));
      sums[k] = _mm256_fmadd_ps(_mm256_cvtph_ps(halves), _mm256_loadu_ps(vector + i + 8 * k), sums[k]);
    }
  }
  const __m256 sum = _mm256_add_ps(_mm256_add_ps(sums[0], sums[1]), _mm256_add_ps(sums[2], sums[3]));
  alignas(32) float parts[8];
  _mm256_store_ps(parts, sum);
  float total = row_dot_tail<half_value>(row, vector, whole, n);
  for (const float part : parts) total += part;
  return total;
}

__attribute__((target("avx512f"))) float avx512_dot(const std::uint16_t* row, const float* vector, std::size_t n,
                                                    const std::uint16_t* ahead) {
  __m512 sums[4] = {_mm512_setzero_ps(), _mm512_setzero_ps(), _mm512_setzero_ps(), _mm512_setzero_ps()};
  const std::size_t whole = n - n % 64;
  for (std::size_t i = 0; i < whole; i += 64) {
    _mm_prefetch(prefetch_address(ahead, i), _MM_HINT_T1);
    _mm_prefetch(prefetch_address(ahead, i + 32), _MM_HINT_T1);
    for (std::size_t k = 0; k < 4; ++k) {
      const __m256i halves = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(row + i + 16 * k));
      sums[k] = _mm512_fmadd_ps(_mm512_cvtph_ps(halves), _mm512_loadu_ps(vector + i + 16 * k), sums[k]);
    }
  }
  const __m512 sum = _mm512_add_ps(_mm512_add_ps(sums[0], sums[1]), _mm512_add_ps(sums[2], sums[3]));
  return row_dot_tail<half_value>(row, vector, whole, n) + _mm512_reduce_add_ps(sum);
}

constexpr RowDotFn<std::uint16_t> kHalfAvx512 = avx512_dot;
constexpr RowDotFn<std::uint16_t> kHalfAvx2 = avx2_dot;

#else

constexpr RowDotFn<std::uint16_t> kHalfAvx512 = nullptr;
constexpr RowDotFn<std::uint16_t> kHalfAvx2 = nullptr;

#endif

}  // namespace

const HalfDotKernels& half_dot_kernels() {
  static const HalfDotKernels kKernels =
      find_row_dot_kernels(kHalfAvx512, kHalfAvx2, plain_row_dot<half_value, std::uint16_t>);
  return kKernels;
}

void widen_halves(const std::uint16_t* row, float* out, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) out[i] = half_value(row[i]);
}

float half_dot(const std::uint16_t* row, const float* vector, std::size_t n, const std::uint16_t* ahead) {
  static const RowDotFn<std::uint16_t> kBest = half_dot_kernels().kernels[0].run;
  return kBest(row, vector, n, ahead);
}

}  // namespace persona4rec
