#include "persona4rec/encoder.hpp"
#include "encoder/device_choice.hpp"
#include "encoder/ranks/ranks.hpp"
#include "encoder/ranks/shared_encoder.hpp"
#include "encoder/sentence_encoder.hpp"
#include "encoder/stored_encoder.hpp"

namespace persona4rec {

std::string to_string(EncoderDtype dtype) {
  if (dtype == EncoderDtype::kAuto) return "auto";
  if (dtype == EncoderDtype::kInt8) return "int8";
  return dtype == EncoderDtype::kF32 ? "f32" : "bf16";
}

EncoderFolderInfo read_encoder_folder(const std::filesystem::path& folder) {
  const ModelConfig model = read_model_config(folder);
  return {.family = to_string(model.family),
          .dimensions = model.hidden,
          .layers = model.layers,
          .max_length = model.max_length,
          .pooling = to_string(model.pooling),
          .normalized = model.normalize,
          .default_prompt = model.default_prompt,
          .has_head = model.has_router};
}

TokenizeFn open_text_tokenizer(const EncoderOptions& options) {
  const ModelConfig model = read_model_config(options.folder);
  const std::size_t max_length = chosen_length(options, model);
  const std::string prompt = chosen_prompt(options, model);
  const std::shared_ptr<const Tokenizer> tokenizer = open_tokenizer(model.transformer, model.lower_case);
  return [=](const std::string& text) { return tokenizer->tokenize(prompt + text, max_length).ids; };
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
