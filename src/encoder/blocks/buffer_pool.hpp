// One set of buffers for every thread that computes at the same time; they are kept for the next batch.
// Thread-safety: calls from any thread.
#pragma once

#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace persona4rec {

template <class Buffers>
class BufferPool {
 public:
  [[nodiscard]] std::unique_ptr<Buffers> take() {
    const std::scoped_lock lock(mutex_);
    if (free_.empty()) return std::make_unique<Buffers>();
    auto buffers = std::move(free_.back());
    free_.pop_back();
    return buffers;
  }
  void give_back(std::unique_ptr<Buffers> buffers) {
    const std::scoped_lock lock(mutex_);
    free_.push_back(std::move(buffers));
  }

 private:
  std::mutex mutex_;
  std::vector<std::unique_ptr<Buffers>> free_;
};

}  // namespace persona4rec
