// Batches that are computed and not yet stored. Safe from any thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <span>
#include <vector>

#include "encoder/store/batch_encoder.hpp"
#include "encoder/store/text_store.hpp"

namespace persona4rec {

inline constexpr double kSaveEvery = 5;  // seconds

class UnsavedBatches {
 public:
  // Stores what there is every `save_every_s` seconds of computing, under the plan's number.
  UnsavedBatches(TextStore& store, std::uint64_t plan, double save_every_s = kSaveEvery)
      : store_(store), plan_(plan), every_(save_every_s), saved_(Clock::now()) {}

  // `keys` and `known`: of the members of the batch's window; known ones are stored already.
  void add(const EncodedBatch& batch, std::span<const TextKey> keys, std::span<const std::uint8_t> known);
  void save();

 private:
  using Clock = std::chrono::steady_clock;

  void save_locked();

  TextStore& store_;
  std::uint64_t plan_;
  std::chrono::duration<double> every_;
  std::mutex mutex_;
  Clock::time_point saved_;
  std::vector<TextKey> keys_;
  std::vector<float> vectors_;
  std::vector<std::uint8_t> truncated_;
};

}  // namespace persona4rec
