// What a rerank that answers a stream has done so far, told while it goes on, on SIGUSR1.
//
// Latencies are counted in buckets 2 % wide, so memory does not grow with the stream; percentiles are the upper ends of
// their buckets. Thread-safety: add() from one thread; the signal is answered by a thread of the object's own.
#pragma once

#include <array>
#include <atomic>
#include <filesystem>
#include <functional>
#include <mutex>
#include <thread>

#include "persona4rec/rerank.hpp"

namespace persona4rec {

class ServingCounters {
 public:
  // From now on SIGUSR1 of the process calls `tell` with the counters, and ends it no longer. `tell` may be empty:
  // then the signal stays what it is. REQUIRES: made before other threads begin, so that they
  // leave the signal to this object.
  ServingCounters(std::filesystem::path cache, std::function<void(const ServingReport&)> tell);
  ServingCounters(const ServingCounters&) = delete;
  ServingCounters& operator=(const ServingCounters&) = delete;
  ~ServingCounters();

  // One answered list.
  void add(double seconds, bool user_known, std::uint64_t candidates, std::uint64_t items_unknown);

  [[nodiscard]] ServingReport report() const;

 private:
  void answer_signals() const;

  static constexpr std::size_t kBuckets = 1200;  // 100 ns x 1.02^1200 = 35 minutes

  std::filesystem::path cache_;
  std::function<void(const ServingReport&)> tell_;
  mutable std::mutex mutex_;  // guards the counters
  std::array<std::uint64_t, kBuckets> latencies_{};
  ServingReport counted_;
  std::atomic<bool> over_{false};
  std::thread listener_;
};

}  // namespace persona4rec
