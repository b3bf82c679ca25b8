#include "train/encoder/frozen_states.hpp"

#include <ATen/ATen.h>

#include <algorithm>
#include <vector>

namespace persona4rec {

at::Tensor FrozenStates::get(const TrainableTransformer& transformer, const PackedBatch& batch,
                             std::span<const std::uint32_t> texts) {
  const auto is_kept = [&](std::size_t row) { return kept_.contains(texts[row]); };
  if (std::ranges::all_of(batch.rows, is_kept)) {
    std::vector<at::Tensor> parts;
    parts.reserve(batch.rows.size());
    for (const auto row : batch.rows) parts.push_back(kept_.at(texts[row]));
    return at::cat(parts);
  }
  const auto states = transformer.frozen_states(batch);
  for (std::size_t i = 0; i < batch.texts(); ++i) {
    const auto part =
        states.narrow(0, static_cast<std::int64_t>(batch.begins[i]), static_cast<std::int64_t>(batch.length(i)));
    const auto bytes = part.nbytes();
    if (is_kept(batch.rows[i]) || used_ + bytes > limit_) continue;
    used_ += bytes;
    kept_.emplace(texts[batch.rows[i]], part.clone());
  }
  return states;
}

}  // namespace persona4rec
