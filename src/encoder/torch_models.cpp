#include "encoder/torch_models.hpp"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include "base/stop.hpp"
#include "encoder/device_choice.hpp"
#include "encoder/trainable/trainable_transformer.hpp"
#include "encoder/transformer/transformer.hpp"

namespace persona4rec {
namespace {

constexpr std::size_t kDeviceTokens = 16 << 10;  // of a batch on a GPU, at least: smaller ones leave it idle

class ProcessorModel final : public BatchModel {
 public:
  ProcessorModel(const OpenedModel& model, ComputeDtype dtype)
      : transformer_(model.config, model.weights, {.dtype = dtype}) {}

  void encode(std::span<const PackedBatch> batches, std::size_t threads, const VectorsFn& finished) const override {
    const SingleThreadedOperators single_threaded;
    encode_side_by_side(
        batches, threads, [this](const PackedBatch& batch) { return transformer_.encode(batch); }, finished);
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
