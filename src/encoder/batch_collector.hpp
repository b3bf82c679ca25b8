// Takes the batches of windows into an EmbeddingsBuilder, from several threads at once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <span>
#include <thread>

#include "encoder/batch_encoder.hpp"
#include "encoder/embeddings_builder.hpp"

namespace persona4rec {

class BatchCollector {
 public:
  // Both live longer than this object. `progress` is called on the thread that made it alone.
  BatchCollector(EmbeddingsBuilder& builder, const ProgressFn& progress) : builder_(builder), progress_(progress) {}

  // `distinct`: which distinct text each member of the batch's window is.
  void take(const EncodedBatch& batch, std::span<const std::size_t> distinct);

  // Texts whose vectors came otherwise.
  void add_done(std::size_t texts);

 private:
  EmbeddingsBuilder& builder_;
  const ProgressFn& progress_;
  std::thread::id caller_ = std::this_thread::get_id();
  std::mutex mutex_;
  std::uint64_t done_ = 0;
};

}  // namespace persona4rec
