#include "matching/byte_dot.hpp"

#include <algorithm>
#include <cmath>

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

constexpr float kLargestByte = 127;

float byte_value(std::int8_t value) {
  return static_cast<float>(value);
}

#if defined(__x86_64__)

__attribute__((target("avx2,fma"))) float avx2_byte_dot(const std::int8_t* row, const float* vector, std::size_t n,
                                                        const std::int8_t* ahead) {
  __m256 sums[4] = {_mm256_setzero_ps(), _mm256_setzero_ps(), _mm256_setzero_ps(), _mm256_setzero_ps()};
  const std::size_t whole = n - n % 32;
  for (std::size_t i = 0; i < whole; i += 32) {
    _mm_prefetch(prefetch_address(ahead, i), _MM_HINT_T1);
    for (std::size_t k = 0; k < 4; ++k) {
      const __m128i bytes = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(row + i + 8 * k));
      const __m256 values = _mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(bytes));
      sums[k] = _mm256_fmadd_ps(values, _mm256_loadu_ps(vector + i + 8 * k), sums[k]);
    }
  }
  const __m256 sum = _mm256_add_ps(_mm256_add_ps(sums[0], sums[1]), _mm256_add_ps(sums[2], sums[3]));
  alignas(32) float parts[8];
  _mm256_store_ps(parts, sum);
  float total = row_dot_tail<byte_value>(row, vector, whole, n);
  for (const float part : parts) total += part;
  return total;
}

__attribute__((target("avx512f"))) float avx512_byte_dot(const std::int8_t* row, const float* vector, std::size_t n,
                                                         const std::int8_t* ahead) {
  __m512 sums[4] = {_mm512_setzero_ps(), _mm512_setzero_ps(), _mm512_setzero_ps(), _mm512_setzero_ps()};
  const std::size_t whole = n - n % 64;
  for (std::size_t i = 0; i < whole; i += 64) {
    _mm_prefetch(prefetch_address(ahead, i), _MM_HINT_T1);
    for (std::size_t k = 0; k < 4; ++k) {
      const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(row + i + 16 * k));
      const __m512 values = _mm512_cvtepi32_ps(_mm512_cvtepi8_epi32(bytes));
      sums[k] = _mm512_fmadd_ps(values, _mm512_loadu_ps(vector + i + 16 * k), sums[k]);
    }
  }
  const __m512 sum = _mm512_add_ps(_mm512_add_ps(sums[0], sums[1]), _mm512_add_ps(sums[2], sums[3]));
  return row_dot_tail<byte_value>(row, vector, whole, n) + _mm512_reduce_add_ps(sum);
}

constexpr RowDotFn<std::int8_t> kByteAvx512 = avx512_byte_dot;
constexpr RowDotFn<std::int8_t> kByteAvx2 = avx2_byte_dot;

#else

constexpr RowDotFn<std::int8_t> kByteAvx512 = nullptr;
constexpr RowDotFn<std::int8_t> kByteAvx2 = nullptr;

#endif

}  // namespace

const ByteDotKernels& byte_dot_kernels() {
  static const ByteDotKernels kKernels =
      find_row_dot_kernels(kByteAvx512, kByteAvx2, plain_row_dot<byte_value, std::int8_t>);
  return kKernels;
}

float byte_dot(const std::int8_t* row, const float* vector, std::size_t n, const std::int8_t* ahead) {
  static const RowDotFn<std::int8_t> kBest = byte_dot_kernels().kernels[0].run;
  return kBest(row, vector, n, ahead);
}

float to_bytes(std::span<const float> values, std::span<std::int8_t> out) {
  float largest = 0;
  for (const float value : values) largest = std::max(largest, std::abs(value));
  const float factor = largest > 0 ? kLargestByte / largest : 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    out[i] = static_cast<std::int8_t>(std::lround(values[i] * factor));
  }
  return largest / kLargestByte;
}

}  // namespace persona4rec
