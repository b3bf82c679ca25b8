// The tokenizer files of a model folder, read into the specs that tokenizers are built from.
#pragma once

#include <filesystem>

#include "encoder/model_folder/model_json.hpp"
#include "encoder/tokenizer/unigram.hpp"
#include "encoder/tokenizer/wordpiece.hpp"

namespace persona4rec {

// `tokenizer`: a tokenizer.json with a WordPiece model; tokenizer_config.json has the last word on casing and accents,
// as it has in transformers. Throws Error kInput.
[[nodiscard]] WordPieceSpec read_wordpiece_json(const std::filesystem::path& folder, const ModelJson& tokenizer);

// vocab.txt with tokenizer_config.json and special_tokens_map.json. Throws Error kInput.
[[nodiscard]] WordPieceSpec read_wordpiece_vocabulary(const std::filesystem::path& folder);

// `tokenizer`: a tokenizer.json with a Unigram model. Throws Error kInput.
[[nodiscard]] UnigramSpec read_unigram_json(const ModelJson& tokenizer);

// A SentencePiece model with XLM-R's ids: <s> <pad> </s> <unk>, the pieces from the fourth on, <mask>.
// Throws Error kInput.
[[nodiscard]] UnigramSpec read_unigram_model(const std::filesystem::path& path);

}  // namespace persona4rec
