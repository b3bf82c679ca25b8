// The processes of one run ("ranks"), as torchrun, srun or mpirun start them (base/process/launch.hpp), and what they
// do together. LibTorch's c10d inside: Gloo, and NCCL between GPUs where the build has it.
//
// All ranks make the same calls in the same order. A rank that ends, or is not heard of for kRankSilence, ends the
// others with Error kInternal; each call may throw it. A stop signal that comes while a rank waits is left to any(),
// unless the others do not come within kRankStopGrace: then Error kSignal. Thread-safety: one object, one thread.
#pragma once

#include <ATen/core/Tensor.h>

#include <chrono>
#include <cstddef>
#include <memory>
#include <vector>

#include "base/process/launch.hpp"
#include "encoder/ranks/rank_group.hpp"

namespace persona4rec {

class Ranks {
 public:
  // The ranks that the environment names; one alone where it names none. `device`: where tensors live; GPUs speak NCCL,
  // where that is built in, else through the memory of their machines. Who holds them already shares them with the next
  // caller, whose device does not count then. Waits until all are there. Throws Error kUsage
  // (what is missing), kInternal (built without c10d; another rank did not come).
  [[nodiscard]] static std::shared_ptr<Ranks> join(const at::Device& device = at::kCPU);
  [[nodiscard]] static std::shared_ptr<Ranks> join(const Launch& launch, const at::Device& device = at::kCPU,
                                                   std::chrono::milliseconds silence = kRankSilence);
  ~Ranks();
  Ranks(const Ranks&) = delete;
  Ranks& operator=(const Ranks&) = delete;

  [[nodiscard]] std::size_t rank() const { return rank_; }
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] bool first() const { return rank_ == 0; }

  // Adds up each tensor over the ranks, in place: the same bytes on every rank, and in every run of as many ranks.
  // REQUIRES: the same shapes and number types on all ranks; floating or integral.
  void sum(std::vector<at::Tensor>& tensors);

  // [n, ...] of this rank -> [sum of n, ...] in the order of ranks. n may differ, also be 0. No gradient goes through.
  [[nodiscard]] at::Tensor gather(const at::Tensor& rows);

  // Returns when all have called it.
  void barrier();

  // Is it true on any rank? The same answer on all: for stop signals, so that all stop at the same step.
  [[nodiscard]] bool any(bool mine);

 private:
  Ranks(std::size_t rank, std::size_t size, std::unique_ptr<RankGroup> group);

  std::size_t rank_;
  std::size_t size_;
  std::unique_ptr<RankGroup> group_;  // null when alone
};

}  // namespace persona4rec
