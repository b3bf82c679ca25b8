#include "encoder/store/unsaved_batches.hpp"

#include <utility>

namespace persona4rec {

void UnsavedBatches::add(const EncodedBatch& batch, std::span<const TextKey> keys,
                         std::span<const std::uint8_t> known) {
  const std::size_t dimensions = batch.vectors.size() / batch.members.size();
  const std::scoped_lock lock(mutex_);
  for (std::size_t i = 0; i < batch.members.size(); ++i) {
    if (known[batch.members[i]] != 0) continue;
    const auto vector = batch.vectors.subspan(i * dimensions, dimensions);
    keys_.push_back(keys[batch.members[i]]);
    vectors_.insert(vectors_.end(), vector.begin(), vector.end());
    truncated_.push_back(batch.truncated[i]);
  }
  if (Clock::now() - saved_ >= every_) save_locked();
}

void UnsavedBatches::save() {
  const std::scoped_lock lock(mutex_);
  save_locked();
}

void UnsavedBatches::save_locked() {
  const auto keys = std::exchange(keys_, {});
  const auto vectors = std::exchange(vectors_, {});
  const auto truncated = std::exchange(truncated_, {});
  if (!keys.empty()) store_.append({.keys = keys, .vectors = vectors, .truncated = truncated, .plan = plan_});
  saved_ = Clock::now();
}

}  // namespace persona4rec
