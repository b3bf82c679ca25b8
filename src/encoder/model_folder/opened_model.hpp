// A model folder as far as it is known without computing with it: everything that decides a vector, and what is wrong
// with it. Thread-safety: const use from any thread.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "encoder/model_folder/model_config.hpp"
#include "encoder/model_folder/model_weights.hpp"
#include "encoder/tokenizer/tokenizer.hpp"
#include "persona4rec/encoder.hpp"

namespace persona4rec {

// The max length that the options ask for. Throws Error kUsage when the model has no room for it.
[[nodiscard]] std::size_t chosen_length(const EncoderOptions& options, const ModelConfig& model);

// What goes before every text: the folder's default prompt, or nothing. Throws Error kInput where texts have prompts
// that the folder leaves out of its pooling, which is not supported.
[[nodiscard]] std::string chosen_prompt(const EncoderOptions& options, const ModelConfig& model);

struct OpenedModel {
  // Reads and checks the whole folder. Throws as open_text_encoder.
  explicit OpenedModel(const EncoderOptions& options);

  // Hex SHA-256 over everything that decides a vector. `dtype`: the number type by its name, `device`: "" = processors.
  [[nodiscard]] std::string fingerprint(std::string_view dtype, std::string_view device) const;

  ModelConfig config;
  std::size_t max_length;
  std::string prompt;  // before every text
  std::shared_ptr<const Tokenizer> tokenizer;
  ModelWeights weights;
  std::string weights_fingerprint;
};

}  // namespace persona4rec
