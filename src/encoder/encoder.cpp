#include "persona4rec/encoder.hpp"
#include "encoder/device_choice.hpp"
#include "encoder/ranks/ranks.hpp"
#include "encoder/ranks/shared_encoder.hpp"
#include "encoder/sentence_encoder.hpp"
#include "encoder/store/lazy_encoder.hpp"
#include "encoder/store/stored_encoder.hpp"

namespace persona4rec {

std::string to_string(EncoderDtype dtype) {
  if (dtype == EncoderDtype::kAuto) return "auto";
  if (dtype == EncoderDtype::kInt8) return "int8";
  return dtype == EncoderDtype::kF32 ? "f32" : "bf16";
}

std::unique_ptr<BatchEncoder> open_computing_encoder(const EncoderOptions& options, const OpenedModel& model) {
  return std::make_unique<SentenceEncoder>(options, model);
}

std::unique_ptr<TextEncoder> open_text_encoder(const EncoderOptions& options) {
  auto encoder = std::make_unique<SentenceEncoder>(options);
  if (options.shared) {
    if (auto ranks = Ranks::join(choose_device(options.device)); ranks->size() > 1)
      return std::make_unique<SharedEncoder>(std::move(encoder), options.text_store, std::move(ranks));
  }
  if (options.text_store.empty()) return encoder;
  return std::make_unique<StoredEncoder>(std::move(encoder), options.text_store);
}

}  // namespace persona4rec
