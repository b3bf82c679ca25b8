// What WordPiece and Unigram have in common in tokenizer.json and tokenizer_config.json.
// Throws Error kInput naming file and field. Thread-safety: re-entrant.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "encoder/model_folder/model_json.hpp"
#include "encoder/tokenizer/added_tokens.hpp"

namespace persona4rec {

[[nodiscard]] std::int32_t read_token_id(const ModelJson& json, std::string_view field);

// added_tokens of a tokenizer.json.
[[nodiscard]] std::vector<AddedToken> read_added_tokens(const ModelJson& tokenizer);

// What a folder adds to the tokens of its vocabulary file: the added_tokens_decoder of tokenizer_config.json, which has
// the last word on the flags of tokens that are in `tokens` already. False: nothing changed.
bool add_configured_tokens(const std::filesystem::path& folder, std::vector<AddedToken>& tokens);
// Old folders without an added_tokens_decoder: added_tokens.json {content: id}.
void add_old_tokens(const std::filesystem::path& folder, std::vector<AddedToken>& tokens);

// The special tokens around a text: "[CLS]" and "[SEP]".
struct SurroundingTokens {
  std::string first;
  std::string last;
};
// From the post_processor: TemplateProcessing spells them out, BertProcessing and RobertaProcessing name both.
[[nodiscard]] SurroundingTokens read_surrounding_tokens(const ModelJson& tokenizer, const SurroundingTokens& otherwise);

}  // namespace persona4rec
