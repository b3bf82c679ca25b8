// What makes vectors of batches of token ids: by our own kernels (encoder/blocks) or by LibTorch
// (encoder/torch_models). Thread-safety: const calls from any thread.
#pragma once

#include <cstddef>
#include <functional>
#include <span>

#include "base/parallel.hpp"
#include "base/stop.hpp"
#include "encoder/sentence/packing.hpp"

namespace persona4rec {

// vectors: pooled, and normalised where the folder says so, [texts of the batch, hidden] f32; valid during the call.
using VectorsFn = std::function<void(std::size_t batch, std::span<const float> vectors)>;

class BatchModel {
 public:
  BatchModel() = default;
  BatchModel(const BatchModel&) = delete;
  BatchModel& operator=(const BatchModel&) = delete;
  virtual ~BatchModel() = default;

  // Calls `finished` once for each batch, from any thread and several at once. REQUIRES: ids below the model's
  // vocabulary, texts of 1 .. position_room() tokens. Throws Error kInternal, kSignal between batches, and what
  // `finished` throws.
  virtual void encode(std::span<const PackedBatch> batches, std::size_t threads, const VectorsFn& finished) const = 0;

  // Of a batch, at least, so that it keeps what computes it busy.
  [[nodiscard]] virtual std::size_t least_batch_tokens() const { return 1; }
};

// For a model that computes a batch on one thread: batches are spread over the threads, encode_one(batch) gives a
// batch's vectors.
template <class EncodeOne>
void encode_side_by_side(std::span<const PackedBatch> batches, std::size_t threads, const EncodeOne& encode_one,
                         const VectorsFn& finished) {
  parallel_ranges(batches.size(), 1, threads, [&](std::size_t index, std::size_t /*end*/) {
    throw_if_stopped();
    finished(index, encode_one(batches[index]));
  });
}

}  // namespace persona4rec
