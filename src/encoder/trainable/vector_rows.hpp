// Loops over rows of f32 for dropout and attention, in vectors of 16 lanes; compiled for AVX-512, AVX2 and the
// baseline, the processor's best is called. Thread-safety: re-entrant.
#pragma once

#include <cstddef>
#include <cstdint>

#include "encoder/trainable/dropout_mask.hpp"

namespace persona4rec {

// One row of attention: the scores of a query with `columns` keys.
struct AttentionRow {
  float* scores;     // [columns]
  float* gradients;  // [columns]; backward alone
  std::size_t columns;
  float scale;        // of the scores: 1 / sqrt(head)
  std::uint32_t key;  // of the row in its dropout site
};

// scores = dropout(softmax(scale * scores)). Returns log2 of the sum of exp(scale * score).
float attention_forward_row(const AttentionRow& row, const DropoutSite& site);

// Scores as before forward, gradients = by the kept probabilities. scores = dropout(softmax), gradients = by the
// scores. `delta` = sum over columns of gradient * kept probability, which is <gradient of the output, output>.
void attention_backward_row(const AttentionRow& row, const DropoutSite& site, float log2_sum, float delta);

// out = in * mask / (1 - rate) + add; add may be null; in and out may be the same.
void dropout_row(const float* in, const float* add, float* out, std::size_t columns, std::uint32_t key,
                 const DropoutSite& site);

}  // namespace persona4rec
