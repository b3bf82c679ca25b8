// c10d's backends: NCCL for CUDA devices where the build has it, else Gloo over TCP. Compiled with P4R_HAS_GLOO alone.
#pragma once

#include <torch/csrc/distributed/c10d/Backend.hpp>
#include <torch/csrc/distributed/c10d/Store.hpp>

#include <chrono>

#include "base/process/launch.hpp"

namespace persona4rec {

// Does the backend take tensors that lie on `device`? Else they must lie in memory.
[[nodiscard]] bool has_device_backend(const at::Device& device);

// The GPU of a rank: that of its number on its machine.
[[nodiscard]] at::Device rank_device(const Launch& launch);

// Connects all ranks, which meet in `store`; waits `join` for them. Of several networks the one that leads to the
// machine of rank 0 is taken, or the one that GLOO_SOCKET_IFNAME names. Throws what c10d throws.
[[nodiscard]] c10::intrusive_ptr<c10d::Backend> open_rank_backend(const c10::intrusive_ptr<c10d::Store>& store,
                                                                  const Launch& launch, const at::Device& device,
                                                                  std::chrono::milliseconds join);

}  // namespace persona4rec
