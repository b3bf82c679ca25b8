// Takes the batches of windows into an EmbeddingsBuilder, from several threads at once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <span>
#include <thread>

#include "encoder/store/batch_encoder.hpp"
#include "encoder/store/embeddings_builder.hpp"

namespace persona4rec {

class BatchCollector {
 public:
  // All live longer than this object. `progress` is called on the thread that made it alone. Batches come by length, so
  // it tells the share of the work by tokens, estimated from bytes; `max_length`: tokens at which a text is cut.
  BatchCollector(EmbeddingsBuilder& builder, std::span<const std::string> texts, std::size_t max_length,
                 const ProgressFn& progress);

  // `distinct`: which distinct text each member of the batch's window is.
  void take(const EncodedBatch& batch, std::span<const std::size_t> distinct);

  // Distinct texts whose vectors came otherwise, at no cost.
  void add_known(std::span<const std::size_t> distinct);

 private:
  [[nodiscard]] double cost_of(std::size_t distinct) const;
  void tell() const;

  EmbeddingsBuilder& builder_;
  std::span<const std::string> texts_;
  double max_cost_;
  const ProgressFn& progress_;
  std::thread::id caller_ = std::this_thread::get_id();
  std::mutex mutex_;
  std::uint64_t done_ = 0;
  double cost_left_ = 0;
  double cost_done_ = 0;
};

}  // namespace persona4rec
