// Dropout over packed texts, f32 on the CPU, differentiable. No mask is kept: the backward pass draws it again.
// Thread-safety: re-entrant; LibTorch's threads inside.
#pragma once

#include <ATen/core/Tensor.h>

#include <memory>
#include <optional>

#include "encoder/trainable/batch_layout.hpp"
#include "encoder/trainable/dropout_mask.hpp"

namespace persona4rec {

// dropout(values) + add, [tokens, width] f32; `add` may be none.
[[nodiscard]] at::Tensor packed_dropout(const at::Tensor& values, const std::optional<at::Tensor>& add,
                                        const std::shared_ptr<const BatchLayout>& layout, const DropoutSite& site);

}  // namespace persona4rec
