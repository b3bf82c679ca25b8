// The body of attention_f32.cpp and attention_bf16.cpp, which define P4R_TARGET (their instruction set) before they
// include it: functions carry it one by one, since the rest of the program must run on processors without it.
//
// One block of queries at a time: scores against all keys, powers of two, weighted sum of the values. Keys lie
// transposed, so that 16 tokens fill a vector. A word is 32 bits: one f32, or two bf16 that vdpbf16ps multiplies at
// once. `Kind` says which: Element, kPacked (elements in a word), multiply_add, pack_values, pack_weights, store.
#pragma once

#include <immintrin.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numbers>

#include "encoder/kernels/attention_block_avx512.hpp"
#include "encoder/kernels/attention_shape.hpp"

namespace persona4rec {
namespace {

// scores[row][k ..] = query row . keys, for Vectors * 16 keys.
template <class Kind, std::size_t Vectors>
P4R_TARGET void score(const AttentionBlock& block, const char* const (&queries)[kRows], std::size_t k) {
  __m512 sums[kRows][Vectors];
  for (auto& row : sums) {
    for (auto& sum : row) sum = _mm512_setzero_ps();
  }
  for (std::size_t word = 0; word < block.key_words; ++word) {
    __m512 keys[Vectors];
    for (std::size_t v = 0; v < Vectors; ++v)
      keys[v] = _mm512_loadu_ps(block.keys + word * block.padded + k + v * kLanes);
    for (std::size_t row = 0; row < kRows; ++row) {
      const __m512 query = broadcast_word(queries[row] + word * sizeof(float));
      for (std::size_t v = 0; v < Vectors; ++v) sums[row][v] = Kind::multiply_add(sums[row][v], query, keys[v]);
    }
  }
  for (std::size_t row = 0; row < kRows; ++row) {
    for (std::size_t v = 0; v < Vectors; ++v) {
      _mm512_storeu_ps(block.scores + row * block.padded + k + v * kLanes, sums[row][v]);
    }
  }
}

// scores = 2^((scores - the row's largest) * scale), zero behind the last token; sums of each row.
P4R_TARGET inline void exponentiate(AttentionBlock& block, float scale) {
  const __m512 factor = _mm512_set1_ps(scale);
  const auto last = static_cast<__mmask16>(0xFFFFU >> (block.padded - block.length));
  const std::size_t tail = block.padded - kLanes;
  for (std::size_t row = 0; row < kRows; ++row) {
    float* scores = block.scores + row * block.padded;
    __m512 best = _mm512_mask_loadu_ps(_mm512_set1_ps(-INFINITY), last, scores + tail);
    for (std::size_t k = 0; k < tail; k += kLanes) best = _mm512_max_ps(best, _mm512_loadu_ps(scores + k));
    const __m512 shift = _mm512_set1_ps(-_mm512_reduce_max_ps(best) * scale);
    __m512 sum = _mm512_setzero_ps();
    for (std::size_t k = 0; k <= tail; k += kLanes) {
      const __m512 power = exp2_of(_mm512_fmadd_ps(_mm512_loadu_ps(scores + k), factor, shift));
      const __m512 kept = _mm512_maskz_mov_ps(k == tail ? last : kAllLanes, power);
      sum = _mm512_add_ps(sum, kept);
      _mm512_storeu_ps(scores + k, kept);
    }
    block.sums[row] = _mm512_reduce_add_ps(sum);
  }
}

// targets[row][d ..] = weights row . values / sum of the weights, for Vectors * 16 columns.
template <class Kind, std::size_t Vectors>
P4R_TARGET void weigh(const AttentionBlock& block, typename Kind::Element* const (&targets)[kRows], std::size_t rows,
                      std::size_t d) {
  __m512 sums[kRows][Vectors];
  for (auto& row : sums) {
    for (auto& sum : row) sum = _mm512_setzero_ps();
  }
  for (std::size_t j = 0; j < block.value_rows; ++j) {
    __m512 values[Vectors];
    for (std::size_t v = 0; v < Vectors; ++v) {
      values[v] = _mm512_loadu_ps(block.values + j * block.head_size + d + v * kLanes);
    }
    for (std::size_t row = 0; row < kRows; ++row) {
      const __m512 weight = broadcast_word(block.weights + row * block.padded + j);
      for (std::size_t v = 0; v < Vectors; ++v) sums[row][v] = Kind::multiply_add(sums[row][v], weight, values[v]);
    }
  }
  for (std::size_t row = 0; row < rows; ++row) {
    const __m512 factor = _mm512_set1_ps(1.0F / block.sums[row]);
    for (std::size_t v = 0; v < Vectors; ++v) {
      Kind::store(targets[row] + d + v * kLanes, _mm512_mul_ps(sums[row][v], factor));
    }
  }
}

template <class Kind>
P4R_TARGET void score_all(const AttentionBlock& block, const char* const (&queries)[kRows]) {
  std::size_t k = 0;
  for (; k + 4 * kLanes <= block.padded; k += 4 * kLanes) score<Kind, 4>(block, queries, k);
  if (k + 2 * kLanes <= block.padded) {
    score<Kind, 2>(block, queries, k);
    k += 2 * kLanes;
  }
  if (k < block.padded) score<Kind, 1>(block, queries, k);
}

template <class Kind>
P4R_TARGET void weigh_all(const AttentionBlock& block, typename Kind::Element* const (&targets)[kRows],
                          std::size_t rows) {
  std::size_t d = 0;
  for (; d + 4 * kLanes <= block.head_size; d += 4 * kLanes) weigh<Kind, 4>(block, targets, rows, d);
  if (d + 2 * kLanes <= block.head_size) {
    weigh<Kind, 2>(block, targets, rows, d);
    d += 2 * kLanes;
  }
  if (d < block.head_size) weigh<Kind, 1>(block, targets, rows, d);
}

template <class Kind>
P4R_TARGET void attend_head(const AttentionShape& shape, std::size_t head, std::size_t length,
                            const typename Kind::Element* qkv, typename Kind::Element* context,
                            AttentionScratch& scratch) {
  using Element = typename Kind::Element;
  AttentionBlock block = lay_out<Kind>(shape, length, scratch);
  const std::size_t stride = 3 * shape.hidden();
  const Element* queries = qkv + head * shape.head_size;
  pack_keys(block, reinterpret_cast<const char*>(queries + shape.hidden()), stride * sizeof(Element));
  Kind::pack_values(block, queries + 2 * shape.hidden(), stride);
  // exp(s / sqrt(head)) as a power of two
  const auto scale = static_cast<float>(std::numbers::log2e / std::sqrt(static_cast<double>(shape.head_size)));
  for (std::size_t token = 0; token < length; token += kRows) {
    const char* from[kRows];
    Element* to[kRows];
    for (std::size_t row = 0; row < kRows; ++row) {
      const std::size_t at = std::min(token + row, length - 1);  // a last, shorter block repeats the last query
      from[row] = reinterpret_cast<const char*>(queries + at * stride);
      to[row] = context + at * shape.hidden() + head * shape.head_size;
    }
    score_all<Kind>(block, from);
    exponentiate(block, scale);
    Kind::pack_weights(block);
    weigh_all<Kind>(block, to, std::min(kRows, length - token));
  }
}

}  // namespace
}  // namespace persona4rec
