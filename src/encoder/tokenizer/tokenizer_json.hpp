// What WordPiece and Unigram have in common in tokenizer.json.
// Throws Error kInput naming file and field. Thread-safety: re-entrant.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "encoder/model_folder/model_json.hpp"
#include "encoder/tokenizer/added_tokens.hpp"

namespace persona4rec {

[[nodiscard]] std::int32_t read_token_id(const ModelJson& json, std::string_view field);

// One entry of added_tokens or added_tokens_decoder.
[[nodiscard]] AddedToken read_added_token(const ModelJson& entry, std::int32_t id);
[[nodiscard]] std::vector<AddedToken> read_added_tokens(const ModelJson& tokenizer);

// The special tokens around a text: "[CLS]" and "[SEP]".
struct SurroundingTokens {
  std::string first;
  std::string last;
};
// From the post_processor: TemplateProcessing spells them out, BertProcessing and RobertaProcessing name both.
[[nodiscard]] SurroundingTokens read_surrounding_tokens(const ModelJson& tokenizer, const SurroundingTokens& otherwise);

}  // namespace persona4rec
