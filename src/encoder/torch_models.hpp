// Batches computed by LibTorch (none of it in this header): on processors where our own kernels do not serve, and on
// GPUs.
#pragma once

#include <memory>
#include <string>

#include "encoder/model_folder/opened_model.hpp"
#include "encoder/sentence/batch_model.hpp"
#include "encoder/store/dtype_file.hpp"

namespace persona4rec {

// Of kF32 or kBf16. Throws Error kInternal with LibTorch's message.
[[nodiscard]] std::unique_ptr<const BatchModel> open_processor_model(const OpenedModel& model, ComputeDtype dtype);

// `device`: as choose_device has it, a GPU. Throws as open_processor_model.
[[nodiscard]] std::unique_ptr<const BatchModel> open_device_model(const OpenedModel& model, ComputeDtype dtype,
                                                                  const std::string& device);

}  // namespace persona4rec
