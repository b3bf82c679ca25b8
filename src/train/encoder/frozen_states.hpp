// What the frozen layers make of texts, kept where it fits: it is the same in every epoch.
// Thread-safety: one object, one thread.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <unordered_map>

#include "encoder/trainable/trainable_transformer.hpp"

namespace persona4rec {

class FrozenStates {
 public:
  // Keeps at most so many MiB, on the transformer's device; what comes later is computed each time.
  explicit FrozenStates(std::size_t limit_mb) : limit_(limit_mb << 20U) {}

  // [tokens, hidden] in the order of the batch. `texts`: the number of row r of what was packed is texts[r].
  at::Tensor get(const TrainableTransformer& transformer, const PackedBatch& batch,
                 std::span<const std::uint32_t> texts);

 private:
  std::size_t limit_;
  std::size_t used_ = 0;
  std::unordered_map<std::uint32_t, at::Tensor> kept_;  // text -> [tokens, hidden]
};

}  // namespace persona4rec
