#include "encoder/torch_models.hpp"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include "base/parallel.hpp"
#include "base/stop.hpp"
#include "encoder/device_choice.hpp"
#include "encoder/trainable/trainable_transformer.hpp"
#include "encoder/transformer/transformer.hpp"

namespace persona4rec {
namespace {

constexpr std::size_t kDeviceTokens = 16 << 10;  // of a batch on a GPU, at least: smaller ones leave it idle

// Batches are spread over the threads; each is computed by one.
class ProcessorModel final : public BatchModel {
 public:
  ProcessorModel(const OpenedModel& model, ComputeDtype dtype)
      : transformer_(model.config, model.weights, {.dtype = dtype}) {}

  void encode(std::span<const PackedBatch> batches, std::size_t threads, const VectorsFn& finished) const override {
    const SingleThreadedOperators single_threaded;
    parallel_ranges(batches.size(), 1, threads, [&](std::size_t index, std::size_t /*end*/) {
      throw_if_stopped();
      finished(index, transformer_.encode(batches[index]));
    });
  }

 private:
  Transformer transformer_;
};

// One batch after the other: the device is one.
class DeviceModel final : public BatchModel {
 public:
  DeviceModel(const OpenedModel& model, ComputeDtype dtype, const c10::Device& device)
      : transformer_(model.config, model.weights, {.bf16 = dtype == ComputeDtype::kBf16, .device = device}) {}

  void encode(std::span<const PackedBatch> batches, std::size_t /*threads*/, const VectorsFn& finished) const override {
    const SingleThreadedOperators single_threaded;
    const c10::NoGradGuard no_gradient;
    for (std::size_t index = 0; index < batches.size(); ++index) {
      throw_if_stopped();
      const at::Tensor vectors =
          transformer_.encode(batches[index], EncodePass{}).to(at::kCPU, at::kFloat).contiguous();
      finished(index, {vectors.const_data_ptr<float>(), static_cast<std::size_t>(vectors.numel())});
    }
  }
  [[nodiscard]] std::size_t least_batch_tokens() const override { return kDeviceTokens; }

 private:
  TrainableTransformer transformer_;
};

}  // namespace

std::unique_ptr<const BatchModel> open_processor_model(const OpenedModel& model, ComputeDtype dtype) {
  return std::make_unique<ProcessorModel>(model, dtype);
}

std::unique_ptr<const BatchModel> open_device_model(const OpenedModel& model, ComputeDtype dtype,
                                                    const std::string& device) {
  return std::make_unique<DeviceModel>(model, dtype, choose_device(device));
}

}  // namespace persona4rec
