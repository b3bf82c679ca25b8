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

// Elements [begin, n), one by one: what is left of a row after whole vectors.
float byte_tail(const std::int8_t* row, const float* vector, std::size_t begin, std::size_t n) {
  float sum = 0;
  for (std::size_t i = begin; i < n; ++i) sum += static_cast<float>(row[i]) * vector[i];
  return sum;
}

float plain_byte_dot(const std::int8_t* row, const float* vector, std::size_t n, const std::int8_t* /*ahead*/) {
  float sums[8] = {};
  const std::size_t whole = n - n % 8;
  for (std::size_t i = 0; i < whole; i += 8) {
    for (std::size_t k = 0; k < 8; ++k) sums[k] += static_cast<float>(row[i + k]) * vector[i + k];
  }
  float sum = byte_tail(row, vector, whole, n);
  for (const float part : sums) sum += part;
  return sum;
}

#if defined(__x86_64__)

// Address arithmetic on integers: `ahead` may be anything.
const char* byte_at(const std::int8_t* ahead, std::size_t i) {
  return reinterpret_cast<const char*>(reinterpret_cast<std::uintptr_t>(ahead) + i);  // NOLINT: never read
}

__attribute__((target("avx2,fma"))) float avx2_byte_dot(const std::int8_t* row, const float* vector, std::size_t n,
                                                        const std::int8_t* ahead) {
  __m256 sums[4] = {_mm256_setzero_ps(), _mm256_setzero_ps(), _mm256_setzero_ps(), _mm256_setzero_ps()};
  const std::size_t whole = n - n % 32;
  for (std::size_t i = 0; i < whole; i += 32) {
    _mm_prefetch(byte_at(ahead, i), _MM_HINT_T0);
    for (std::size_t k = 0; k < 4; ++k) {
      const __m128i bytes = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(row + i + 8 * k));
      const __m256 values = _mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(bytes));
      sums[k] = _mm256_fmadd_ps(values, _mm256_loadu_ps(vector + i + 8 * k), sums[k]);
    }
  }
  const __m256 sum = _mm256_add_ps(_mm256_add_ps(sums[0], sums[1]), _mm256_add_ps(sums[2], sums[3]));
  alignas(32) float parts[8];
  _mm256_store_ps(parts, sum);
  float total = byte_tail(row, vector, whole, n);
  for (const float part : parts) total += part;
  return total;
}

__attribute__((target("avx512f"))) float avx512_byte_dot(const std::int8_t* row, const float* vector, std::size_t n,
                                                         const std::int8_t* ahead) {
  __m512 sums[4] = {_mm512_setzero_ps(), _mm512_setzero_ps(), _mm512_setzero_ps(), _mm512_setzero_ps()};
  const std::size_t whole = n - n % 64;
  for (std::size_t i = 0; i < whole; i += 64) {
    _mm_prefetch(byte_at(ahead, i), _MM_HINT_T0);
    for (std::size_t k = 0; k < 4; ++k) {
      const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(row + i + 16 * k));
      const __m512 values = _mm512_cvtepi32_ps(_mm512_cvtepi8_epi32(bytes));
      sums[k] = _mm512_fmadd_ps(values, _mm512_loadu_ps(vector + i + 16 * k), sums[k]);
    }
  }
  const __m512 sum = _mm512_add_ps(_mm512_add_ps(sums[0], sums[1]), _mm512_add_ps(sums[2], sums[3]));
  return byte_tail(row, vector, whole, n) + _mm512_reduce_add_ps(sum);
}

#endif

ByteDotKernels find_byte_kernels() {
  ByteDotKernels found{};
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx512f")) found.kernels[found.count++] = {.name = "avx512", .run = avx512_byte_dot};
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
    found.kernels[found.count++] = {.name = "avx2", .run = avx2_byte_dot};
  }
#endif
  found.kernels[found.count++] = {.name = "plain", .run = plain_byte_dot};
  return found;
}

}  // namespace

const ByteDotKernels& byte_dot_kernels() {
  static const ByteDotKernels kKernels = find_byte_kernels();
  return kKernels;
}

float byte_dot(const std::int8_t* row, const float* vector, std::size_t n, const std::int8_t* ahead) {
  static const ByteDotFn kBest = byte_dot_kernels().kernels[0].run;
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
