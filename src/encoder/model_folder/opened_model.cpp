#include "encoder/model_folder/opened_model.hpp"

#include "base/hash.hpp"
#include "persona4rec/error.hpp"

namespace persona4rec {
namespace {

void check_vocabulary(const EncoderOptions& options, const ModelConfig& model, const Tokenizer& tokenizer) {
  if (tokenizer.id_count() <= model.vocabulary) return;
  throw input_error({.file = options.folder.string()},
                    "the tokenizer makes ids up to " + std::to_string(tokenizer.id_count() - 1) +
                        ", config.json says vocab_size " + std::to_string(model.vocabulary));
}

std::shared_ptr<const Tokenizer> open_checked(const EncoderOptions& options, const ModelConfig& model) {
  std::shared_ptr<const Tokenizer> tokenizer = open_tokenizer(model.transformer, model.lower_case);
  check_vocabulary(options, model, *tokenizer);
  return tokenizer;
}

}  // namespace

std::size_t chosen_length(const EncoderOptions& options, const ModelConfig& model) {
  if (options.max_length == 0) return model.max_length;
  if (options.max_length < 2 || options.max_length > model.position_room()) {
    throw usage_error("max length " + std::to_string(options.max_length) + ": expected 2 .. " +
                      std::to_string(model.position_room()) + ", the positions of " + options.folder.string());
  }
  return options.max_length;
}

std::string chosen_prompt(const EncoderOptions& options, const ModelConfig& model) {
  const std::string prompt = options.has_own_prompts ? "" : model.default_prompt;
  if (!model.pools_prompt && (options.has_own_prompts || !prompt.empty())) {
    throw input_error(
        {.file = options.folder.string()},
        "its pooling leaves prompts out (include_prompt is false), which is not supported: texts must come "
        "without a prompt");
  }
  return prompt;
}

OpenedModel::OpenedModel(const EncoderOptions& options)
    : config(read_model_config(options.folder)),
      max_length(chosen_length(options, config)),
      prompt(chosen_prompt(options, config)),
      tokenizer(open_checked(options, config)),
      weights(config),
      weights_fingerprint(weights.fingerprint()) {}

std::string OpenedModel::fingerprint(std::string_view dtype, std::string_view device) const {
  Sha256 hash;
  const auto add = [&](const std::string& part) { hash.update(part + "\n"); };
  add("encoder 1 " + to_string(config.family) + " " + to_string(config.activation) + " " + to_string(config.pooling));
  for (const std::size_t number : {config.hidden, config.layers, config.heads, config.intermediate,
                                   config.first_position, std::size_t{config.normalize}, max_length}) {
    add(std::to_string(number));
  }
  add(std::to_string(config.layer_norm_eps * 1e12));
  add(std::string(dtype));
  add(tokenizer->fingerprint());
  add(weights_fingerprint);
  std::string fingerprint = hash.hex();
  if (!device.empty()) fingerprint = sha256_hex(fingerprint + "\ndevice " + std::string(device));
  if (!prompt.empty()) fingerprint = sha256_hex(fingerprint + "\nprompt " + prompt);
  return fingerprint;
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

}  // namespace persona4rec
