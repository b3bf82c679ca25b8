// Where one head's attention keeps its words, and the words of keys in their place: the lower half of
// attention_avx512.hpp, which says how P4R_TARGET and `Kind` are to be.
#pragma once

#include <immintrin.h>

#include <algorithm>
#include <cstddef>
#include <cstring>

#include "encoder/kernels/attention_shape.hpp"

// GCC 12 takes its own _mm512_undefined_ps() for a use without a value (its bug 105593).
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif

#define P4R_INLINE inline __attribute__((always_inline))

namespace persona4rec {
namespace {

constexpr std::size_t kLanes = 16;  // words in a vector
constexpr std::size_t kRows = 6;    // queries in a block: 6 x 4 sums and 4 operands fill the 32 registers
constexpr auto kAllLanes = static_cast<__mmask16>(0xFFFF);

struct AttentionBlock {
  std::size_t length;      // tokens
  std::size_t padded;      // ... rounded up to whole vectors
  std::size_t head_size;   // elements
  std::size_t key_words;   // words of one query or key
  std::size_t value_rows;  // rows of `values`
  float* keys;             // [key_words, padded] words
  float* values;           // [value_rows, head_size] words
  float* scores;           // [kRows, padded] f32
  float* weights;          // [kRows, padded] words, what `values` is multiplied with
  float sums[kRows];       // of the weights
};

inline std::size_t ceil_div(std::size_t value, std::size_t unit) {
  return (value + unit - 1) / unit;
}

template <class Kind>
AttentionBlock lay_out(const AttentionShape& shape, std::size_t length, AttentionScratch& scratch) {
  AttentionBlock block{.length = length,
                       .padded = ceil_div(length, kLanes) * kLanes,
                       .head_size = shape.head_size,
                       .key_words = shape.head_size / Kind::kPacked,
                       .value_rows = ceil_div(length, Kind::kPacked)};
  const std::size_t keys = block.key_words * block.padded;
  const std::size_t values = block.value_rows * block.head_size;
  const std::size_t needed = keys + values + 2 * kRows * block.padded;
  if (scratch.size() < needed) scratch.resize(needed);
  block.keys = scratch.data();
  block.values = block.keys + keys;
  block.scores = block.values + values;
  block.weights = block.scores + kRows * block.padded;
  return block;
}

P4R_TARGET P4R_INLINE __m512 broadcast_word(const void* word) {
  float value = 0;
  std::memcpy(&value, word, sizeof(value));
  return _mm512_set1_ps(value);
}

// 2^x for x <= 0, relative error below 2e-7: the polynomial of Cephes' exp2f on [-1/2, 1/2].
P4R_TARGET P4R_INLINE __m512 exp2_of(__m512 x) {
  const __m512 whole = _mm512_roundscale_ps(x, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
  const __m512 rest = _mm512_sub_ps(x, whole);
  __m512 y = _mm512_set1_ps(1.535336188319500e-4F);
  y = _mm512_fmadd_ps(y, rest, _mm512_set1_ps(1.339887440266574e-3F));
  y = _mm512_fmadd_ps(y, rest, _mm512_set1_ps(9.618437357674640e-3F));
  y = _mm512_fmadd_ps(y, rest, _mm512_set1_ps(5.550332471162809e-2F));
  y = _mm512_fmadd_ps(y, rest, _mm512_set1_ps(2.402264791363012e-1F));
  y = _mm512_fmadd_ps(y, rest, _mm512_set1_ps(6.931472028550421e-1F));
  y = _mm512_fmadd_ps(y, rest, _mm512_set1_ps(1.0F));
  return _mm512_scalef_ps(y, whole);
}

// 16 x 16 words; source rows from `rows` on read as zero.
P4R_TARGET inline void transpose(const char* source, std::size_t stride_bytes, std::size_t rows, float* target,
                                 std::size_t target_stride) {
  __m512 a[kLanes];
  __m512 b[kLanes];
  for (std::size_t i = 0; i < kLanes; ++i) {
    a[i] = i < rows ? _mm512_loadu_ps(source + i * stride_bytes) : _mm512_setzero_ps();
  }
  for (std::size_t i = 0; i < kLanes; i += 2) {  // pairs of rows
    b[i] = _mm512_unpacklo_ps(a[i], a[i + 1]);
    b[i + 1] = _mm512_unpackhi_ps(a[i], a[i + 1]);
  }
  for (std::size_t i = 0; i < kLanes; i += 4) {  // fours of rows: a[i + c] holds columns c, c + 4, c + 8, c + 12
    for (std::size_t j = 0; j < 2; ++j) {
      const __m512d low = _mm512_castps_pd(b[i + j]);
      const __m512d high = _mm512_castps_pd(b[i + j + 2]);
      a[i + 2 * j] = _mm512_castpd_ps(_mm512_unpacklo_pd(low, high));
      a[i + 2 * j + 1] = _mm512_castpd_ps(_mm512_unpackhi_pd(low, high));
    }
  }
  for (std::size_t c = 0; c < 4; ++c) {  // whole columns: quarters of four registers
    const __m512 even_top = _mm512_shuffle_f32x4(a[c], a[c + 4], 0x88);
    const __m512 odd_top = _mm512_shuffle_f32x4(a[c], a[c + 4], 0xdd);
    const __m512 even_bottom = _mm512_shuffle_f32x4(a[c + 8], a[c + 12], 0x88);
    const __m512 odd_bottom = _mm512_shuffle_f32x4(a[c + 8], a[c + 12], 0xdd);
    _mm512_storeu_ps(target + c * target_stride, _mm512_shuffle_f32x4(even_top, even_bottom, 0x88));
    _mm512_storeu_ps(target + (c + 4) * target_stride, _mm512_shuffle_f32x4(odd_top, odd_bottom, 0x88));
    _mm512_storeu_ps(target + (c + 8) * target_stride, _mm512_shuffle_f32x4(even_top, even_bottom, 0xdd));
    _mm512_storeu_ps(target + (c + 12) * target_stride, _mm512_shuffle_f32x4(odd_top, odd_bottom, 0xdd));
  }
}

P4R_TARGET inline void pack_keys(const AttentionBlock& block, const char* source, std::size_t stride_bytes) {
  for (std::size_t token = 0; token < block.padded; token += kLanes) {
    const std::size_t rows = std::min(kLanes, block.length - token);
    for (std::size_t word = 0; word < block.key_words; word += kLanes) {
      transpose(source + token * stride_bytes + word * sizeof(float), stride_bytes, rows,
                block.keys + word * block.padded + token, block.padded);
    }
  }
}

}  // namespace
}  // namespace persona4rec
