// Attention over packed texts without padding, f32 on the CPU, differentiable. No probabilities are kept: the backward
// pass computes them again, and draws dropout's mask again. Thread-safety: re-entrant; LibTorch's threads inside.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>

#include "encoder/trainable/batch_layout.hpp"
#include "encoder/trainable/dropout_mask.hpp"

namespace persona4rec {

// Query, key and value of all heads, [tokens, hidden] f32 each.
struct AttentionInputs {
  at::Tensor query, key, value;
  std::int64_t heads = 0;
};

// dropout(softmax(Q K^T / sqrt(head))) V by text and head, [tokens, hidden].
[[nodiscard]] at::Tensor packed_attention(const AttentionInputs& inputs,
                                          const std::shared_ptr<const BatchLayout>& layout, const DropoutSite& site);

}  // namespace persona4rec
