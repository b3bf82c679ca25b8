// Attention of heads of any size by the lanes of lanes.hpp; included by row_kernels_body.hpp, which says how.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>

#include "encoder/kernels/attention_shape.hpp"
#include "encoder/kernels/lanes.hpp"

namespace persona4rec {
namespace {

// Registers of keys, or of a head's elements, that are summed beside each other.
constexpr std::size_t kSumsAtOnce = 4;

// One head of one text: where its tokens are, and what is computed of one query.
struct HeadOfText {
  const float* queries;  // `stride` values apart, as keys and values
  const float* values;
  std::size_t stride;
  std::size_t length;  // tokens
  std::size_t size;    // elements
  std::size_t padded;  // length up to whole registers
  float* keys;         // [size, padded], zeros behind the last token
  float* weights;      // [padded]
};

template <std::size_t Sums>
P4R_TARGET void score_keys(const HeadOfText& head, const float* query, float scale, std::size_t key) {
  Lanes sums[Sums] = {};
  for (std::size_t d = 0; d < head.size; ++d) {
    const Lanes element = all_lanes(query[d] * scale);
    for (std::size_t i = 0; i < Sums; ++i) {
      sums[i] += element * load(head.keys + d * head.padded + key + i * kFloatLanes);
    }
  }
  for (std::size_t i = 0; i < Sums; ++i) store(head.weights + key + i * kFloatLanes, kFloatLanes, sums[i]);
}

// Elements `first` on of the values' weighted sum.
template <std::size_t Sums>
P4R_TARGET void sum_values(const HeadOfText& head, float factor, std::size_t first, float* context) {
  Lanes sums[Sums] = {};
  for (std::size_t key = 0; key < head.length; ++key) {
    const Lanes weight = all_lanes(head.weights[key]);
    for (std::size_t i = 0; i < Sums; ++i) {
      const std::size_t d = first + i * kFloatLanes;
      sums[i] += weight * load_part(head.values + key * head.stride + d, head.size - d, 0.0F);
    }
  }
  for (std::size_t i = 0; i < Sums; ++i) {
    const std::size_t d = first + i * kFloatLanes;
    store(context + d, head.size - d, sums[i] * all_lanes(factor));
  }
}

P4R_TARGET inline void attend_query(const HeadOfText& head, const float* query, float* context) {
  constexpr std::size_t kStep = kSumsAtOnce * kFloatLanes;
  const float scale = 1.0F / std::sqrt(static_cast<float>(head.size));
  std::size_t key = 0;
  for (; key + kStep <= head.padded; key += kStep) score_keys<kSumsAtOnce>(head, query, scale, key);
  for (; key < head.padded; key += kFloatLanes) score_keys<1>(head, query, scale, key);
  std::fill(head.weights + head.length, head.weights + head.padded, -std::numeric_limits<float>::infinity());
  Lanes most = load(head.weights);
  for (key = kFloatLanes; key < head.padded; key += kFloatLanes) {
    const Lanes scores = load(head.weights + key);
    most = scores > most ? scores : most;
  }
  const Lanes top = all_lanes(largest(most));
  Lanes sums = all_lanes(0.0F);
  for (key = 0; key < head.padded; key += kFloatLanes) {
    const Lanes weights = exp_of(load(head.weights + key) - top);
    sums += weights;
    store(head.weights + key, kFloatLanes, weights);
  }
  const float factor = 1.0F / total(sums);
  std::size_t first = 0;
  for (; first + kStep <= head.size; first += kStep) sum_values<kSumsAtOnce>(head, factor, first, context);
  for (; first < head.size; first += kFloatLanes) sum_values<1>(head, factor, first, context);
}

P4R_TARGET inline void attend_rows(const AttentionShape& shape, std::size_t head, std::size_t length, const float* qkv,
                                   float* context, AttentionScratch& scratch) {
  const std::size_t hidden = shape.hidden();
  const std::size_t padded = (length + kFloatLanes - 1) / kFloatLanes * kFloatLanes;
  const std::size_t needed = (shape.head_size + 1) * padded;
  if (scratch.size() < needed) scratch.resize(needed);
  const float* queries = qkv + head * shape.head_size;
  const float* keys = queries + hidden;
  const HeadOfText text{.queries = queries,
                        .values = keys + hidden,
                        .stride = 3 * hidden,
                        .length = length,
                        .size = shape.head_size,
                        .padded = padded,
                        .keys = scratch.data(),
                        .weights = scratch.data() + shape.head_size * padded};
  std::fill_n(text.keys, shape.head_size * padded, 0.0F);
  for (std::size_t token = 0; token < length; ++token) {
    for (std::size_t d = 0; d < text.size; ++d) text.keys[d * padded + token] = keys[token * text.stride + d];
  }
  for (std::size_t token = 0; token < length; ++token) {
    attend_query(text, text.queries + token * text.stride, context + token * hidden + head * text.size);
  }
}

}  // namespace
}  // namespace persona4rec
