// --device: where encoder and training compute. This header shows LibTorch.
#pragma once

#include <c10/core/Device.h>

#include <string>

namespace persona4rec {

// "auto": a GPU where LibTorch has CUDA and one is there, else the CPU; "cpu"; "cuda", "cuda:1". Of several processes
// on a machine, auto and cuda are the GPU of the process's number there. Throws Error kUsage: another word, a GPU that
// is not there, a LibTorch without CUDA.
[[nodiscard]] c10::Device choose_device(const std::string& asked);

}  // namespace persona4rec
