#include "encoder/device_choice.hpp"

#include <ATen/Context.h>

#include <charconv>

#include "base/process/launch.hpp"
#include "persona4rec/error.hpp"

namespace persona4rec {
namespace {

constexpr std::string_view kCuda = "cuda";

std::size_t gpu_count() {
  return at::hasCUDA() ? at::getNumGPUs() : 0;
}

// Of `gpus` that are here.
std::size_t number_of_gpu(const std::string& asked, std::size_t gpus) {
  if (asked == kCuda) return gpus == 0 ? 0 : read_launch().local_rank % gpus;
  std::size_t number = 0;
  const char* end = asked.data() + asked.size();
  const auto [at, error] = std::from_chars(asked.data() + kCuda.size() + 1, end, number);
  if (error == std::errc() && at == end) return number;
  throw usage_error("--device " + asked + ": expected auto, cpu, cuda or cuda:0");
}

}  // namespace

c10::Device choose_device(const std::string& asked) {
  if (asked == "cpu" || (asked == "auto" && gpu_count() == 0)) return c10::kCPU;
  if (asked != "auto" && asked != kCuda && !asked.starts_with("cuda:"))
    throw usage_error("--device " + asked + ": expected auto, cpu, cuda or cuda:0");
  if (!at::hasCUDA())
    throw usage_error("--device " + asked + ": this LibTorch has no CUDA, or no driver for it is here (--device cpu)");
  const std::size_t gpus = gpu_count();
  const std::size_t number = number_of_gpu(asked == "auto" ? std::string(kCuda) : asked, gpus);
  if (number >= gpus)
    throw usage_error("--device " + asked + ": there are " + std::to_string(gpus) + " GPUs, counted from 0");
  return {c10::kCUDA, static_cast<c10::DeviceIndex>(number)};
}

}  // namespace persona4rec
