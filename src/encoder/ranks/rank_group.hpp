// What Ranks are made of: the two collectives of c10d that they use, on whichever backend the build and the device
// give. Thread-safety: one object, one thread.
#pragma once

#include <ATen/core/Tensor.h>

#include <chrono>
#include <memory>

#include "base/process/launch.hpp"

namespace persona4rec {

inline constexpr std::chrono::seconds kRankSilence{60};    // a rank that says nothing for so long is lost
inline constexpr std::chrono::seconds kRankStopGrace{10};  // a stop signal waits so long for the other ranks

class RankGroup {
 public:
  RankGroup() = default;
  RankGroup(const RankGroup&) = delete;
  RankGroup& operator=(const RankGroup&) = delete;
  virtual ~RankGroup() = default;

  // Over all ranks, in place. REQUIRES: contiguous, the same shape and number type everywhere.
  virtual void sum(at::Tensor& tensor) = 0;
  // -> [size * n, ...] in the order of ranks. REQUIRES: [n, ...] contiguous, the same shape everywhere, not empty.
  [[nodiscard]] virtual at::Tensor gather(const at::Tensor& rows) = 0;
};

// Waits until all ranks are there. Throws Error kInternal.
[[nodiscard]] std::unique_ptr<RankGroup> open_rank_group(const Launch& launch, const at::Device& device,
                                                         std::chrono::milliseconds silence);

}  // namespace persona4rec
