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
// Address arithmetic on integers: `ahead` may be anything.
const char* bytes_at(const std::uint16_t* ahead, std::size_t i) {
  return reinterpret_cast<const char*>(reinterpret_cast<std::uintptr_t>(ahead) + i * sizeof(std::uint16_t));
}
#endif

// Elements [begin, n), one by one: what is left of a row after whole vectors.
float tail_dot(const std::uint16_t* row, const float* vector, std::size_t begin, std::size_t n) {
  float sum = 0;
  for (std::size_t i = begin; i < n; ++i) sum += half_value(row[i]) * vector[i];
  return sum;
}

float plain_dot(const std::uint16_t* row, const float* vector, std::size_t n, const std::uint16_t* /*ahead*/) {
  float sums[8] = {};
  const std::size_t whole = n - n % 8;
  for (std::size_t i = 0; i < whole; i += 8) {
    for (std::size_t k = 0; k < 8; ++k) sums[k] += half_value(row[i + k]) * vector[i + k];
  }
  float sum = tail_dot(row, vector, whole, n);
  for (const float part : sums) sum += part;
  return sum;
}

#if defined(__x86_64__)

__attribute__((target("avx2,f16c,fma"))) float avx2_dot(const std::uint16_t* row, const float* vector, std::size_t n,
                                                        const std::uint16_t* ahead) {
  __m256 sums[4] = {_mm256_setzero_ps(), _mm256_setzero_ps(), _mm256_setzero_ps(), _mm256_setzero_ps()};
  const std::size_t whole = n - n % 32;
  for (std::size_t i = 0; i < whole; i += 32) {
    _mm_prefetch(bytes_at(ahead, i), _MM_HINT_T0);
    for (std::size_t k = 0; k < 4; ++k) {
      const __m128i halves = _mm_loadu_si128(reinterpret_cast<const __m128i*>(row + i + 8 * k));
      sums[k] = _mm256_fmadd_ps(_mm256_cvtph_ps(halves), _mm256_loadu_ps(vector + i + 8 * k), sums[k]);
    }
  }
  const __m256 sum = _mm256_add_ps(_mm256_add_ps(sums[0], sums[1]), _mm256_add_ps(sums[2], sums[3]));
  alignas(32) float parts[8];
  _mm256_store_ps(parts, sum);
  float total = tail_dot(row, vector, whole, n);
  for (const float part : parts) total += part;
  return total;
}

__attribute__((target("avx512f"))) float avx512_dot(const std::uint16_t* row, const float* vector, std::size_t n,
                                                    const std::uint16_t* ahead) {
  __m512 sums[4] = {_mm512_setzero_ps(), _mm512_setzero_ps(), _mm512_setzero_ps(), _mm512_setzero_ps()};
  const std::size_t whole = n - n % 64;
  for (std::size_t i = 0; i < whole; i += 64) {
    _mm_prefetch(bytes_at(ahead, i), _MM_HINT_T0);
    _mm_prefetch(bytes_at(ahead, i + 32), _MM_HINT_T0);
    for (std::size_t k = 0; k < 4; ++k) {
      const __m256i halves = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(row + i + 16 * k));
      sums[k] = _mm512_fmadd_ps(_mm512_cvtph_ps(halves), _mm512_loadu_ps(vector + i + 16 * k), sums[k]);
    }
  }
  const __m512 sum = _mm512_add_ps(_mm512_add_ps(sums[0], sums[1]), _mm512_add_ps(sums[2], sums[3]));
  return tail_dot(row, vector, whole, n) + _mm512_reduce_add_ps(sum);
}

#endif

HalfDotKernels find_kernels() {
  HalfDotKernels found{};
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx512f")) found.kernels[found.count++] = {.name = "avx512", .run = avx512_dot};
  // Every processor with AVX2 and FMA that was made has F16C.
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
    found.kernels[found.count++] = {.name = "avx2", .run = avx2_dot};
  }
#endif
  found.kernels[found.count++] = {.name = "plain", .run = plain_dot};
  return found;
}

}  // namespace

const HalfDotKernels& half_dot_kernels() {
  static const HalfDotKernels kKernels = find_kernels();
  return kKernels;
}

void widen_halves(const std::uint16_t* row, float* out, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) out[i] = half_value(row[i]);
}

float half_dot(const std::uint16_t* row, const float* vector, std::size_t n, const std::uint16_t* ahead) {
  static const HalfDotFn kBest = half_dot_kernels().kernels[0].run;
  return kBest(row, vector, n, ahead);
}

}  // namespace persona4rec
