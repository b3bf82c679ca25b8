// Which ranks are alive: each counts up a number of its own in the store of the run, and reads those of the others.
// Without it a rank that hangs, or whose machine is gone, would be waited for for ever.
// Thread-safety: one object, one thread. The store is spoken to on a thread of its own alone: an answer may never come.
#pragma once

#include <torch/csrc/distributed/c10d/Store.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <thread>

namespace persona4rec {

class RankPulse {
 public:
  RankPulse(std::size_t rank, std::size_t size, const c10::intrusive_ptr<c10d::Store>& store,
            std::chrono::milliseconds silence);
  ~RankPulse();  // leaves the thread behind where the store does not answer it
  RankPulse(const RankPulse&) = delete;
  RankPulse& operator=(const RankPulse&) = delete;

  // "rank 2 of 3": one that was silent for longer than is allowed; rank 0 too where the store does not answer.
  [[nodiscard]] std::optional<std::string> who_is_lost() const;
  [[nodiscard]] long silence_s() const { return std::chrono::duration_cast<std::chrono::seconds>(silence_).count(); }

  // Returns when all ranks have called it, or after `longest`.
  void say_goodbye(std::chrono::milliseconds longest);

 private:
  struct Shared;

  std::chrono::milliseconds silence_;
  std::shared_ptr<Shared> shared_;
  std::thread thread_;
};

}  // namespace persona4rec
