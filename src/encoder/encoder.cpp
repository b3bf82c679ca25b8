#include "persona4rec/encoder.hpp"

#include "encoder/blocks/block_model.hpp"
#include "encoder/device_choice.hpp"
#include "encoder/dtype_choice.hpp"
#include "encoder/ranks/ranks.hpp"
#include "encoder/ranks/shared_encoder.hpp"
#include "encoder/sentence/sentence_encoder.hpp"
#include "encoder/store/lazy_encoder.hpp"
#include "encoder/store/stored_encoder.hpp"
#include "encoder/torch_models.hpp"
#include "persona4rec/error.hpp"

namespace persona4rec {
namespace {

// bf16 on a GPU unless f32 is asked for.
ComputeDtype dtype_on_device(EncoderDtype asked) {
  if (asked == EncoderDtype::kInt8) throw usage_error("--dtype int8 is computed by processors: say --device cpu");
  return asked == EncoderDtype::kF32 ? ComputeDtype::kF32 : ComputeDtype::kBf16;
}

}  // namespace

std::string to_string(EncoderDtype dtype) {
  if (dtype == EncoderDtype::kAuto) return "auto";
  if (dtype == EncoderDtype::kInt8) return "int8";
  return dtype == EncoderDtype::kF32 ? "f32" : "bf16";
}

std::unique_ptr<BatchEncoder> open_computing_encoder(const EncoderOptions& options, const OpenedModel& model) {
  const c10::Device device = choose_device(options.device);
  if (!device.is_cpu()) {
    const ComputeDtype dtype = dtype_on_device(options.dtype);
    return std::make_unique<SentenceEncoder>(
        options, model, open_device_model(model, dtype, options.device),
        model.fingerprint(name_of(dtype), c10::DeviceTypeName(device.type(), true)));
  }
  const ComputeDtype dtype = choose_dtype(options, model.config);
  if (computed_in_blocks(model.config, dtype)) return open_block_encoder(options, model, dtype);
  return std::make_unique<SentenceEncoder>(options, model, open_processor_model(model, dtype),
                                           model.fingerprint(name_of(dtype), ""));
}

std::unique_ptr<TextEncoder> open_text_encoder(const EncoderOptions& options) {
  auto encoder = open_computing_encoder(options, OpenedModel(options));
  if (options.shared) {
    if (auto ranks = Ranks::join(choose_device(options.device)); ranks->size() > 1)
      return std::make_unique<SharedEncoder>(std::move(encoder), options.text_store, std::move(ranks));
  }
  if (options.text_store.empty()) return encoder;
  return std::make_unique<StoredEncoder>(std::move(encoder), options.text_store);
}

}  // namespace persona4rec
