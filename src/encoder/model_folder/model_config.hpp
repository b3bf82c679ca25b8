// What a model folder says about its model: config.json, modules.json, 1_Pooling/config.json,
// sentence_bert_config.json, config_sentence_transformers.json, tokenizer_config.json. Layout: Hugging Face /
// sentence-transformers, as their versions 2 to 6 write it. A key of config.json that is absent or null has the default
// of transformers' class (BertConfig, XLMRobertaConfig).
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>

namespace persona4rec {

enum class ModelFamily : std::uint8_t { kBert, kXlmRoberta };
enum class Activation : std::uint8_t { kGelu, kGeluTanh, kRelu };
enum class Pooling : std::uint8_t { kMean, kCls, kMax };

[[nodiscard]] std::string to_string(ModelFamily family);
[[nodiscard]] std::string to_string(Activation activation);
[[nodiscard]] std::string to_string(Pooling pooling);

struct ModelConfig {
  std::filesystem::path transformer;  // the folder of config.json, weights and tokenizer, as modules.json names it
  ModelFamily family = ModelFamily::kBert;
  std::size_t hidden = 0;  // also the dimensions of a vector
  std::size_t layers = 0;
  std::size_t heads = 0;
  std::size_t intermediate = 0;
  std::size_t vocabulary = 0;
  std::size_t positions = 0;       // rows of the position table
  std::size_t first_position = 0;  // of a text's first token: 0 (BERT), pad + 1 (XLM-R)
  std::size_t token_types = 0;
  std::size_t padding_token = 0;  // pad_token_id: its rows of the tables are not trained
  double layer_norm_eps = 1e-12;
  double hidden_dropout = 0.1;     // of training: hidden_dropout_prob
  double attention_dropout = 0.1;  // ... attention_probs_dropout_prob
  Activation activation = Activation::kGelu;
  Pooling pooling = Pooling::kMean;
  bool normalize = false;
  bool lower_case = false;     // sentence_bert_config.json asks for lower case, whatever the tokenizer does
  std::size_t max_length = 0;  // tokens, special ones included: sentence_bert_config, else min(model_max_length, room)
  bool has_router = false;     // modules.json names one; not part of the encoder itself
  std::string default_prompt;  // put before every text that comes without a prompt of its own; empty = none
  bool pools_prompt = true;    // false: a prompt's tokens are left out of the pooling, which is not supported

  // The longest text that the position table can hold.
  [[nodiscard]] std::size_t position_room() const { return positions - first_position; }
};

// Throws Error kInput naming file and field: not a model folder, a model or module that is not supported, a value out
// of range.
[[nodiscard]] ModelConfig read_model_config(const std::filesystem::path& folder);

// Folder of the module of this kind ("Pooling", "Router") as modules.json names it; empty when it names none.
[[nodiscard]] std::filesystem::path find_module(const std::filesystem::path& folder, const std::string& kind);

}  // namespace persona4rec
