// The tokenizer files of a model folder with a WordPiece model, read into its spec. Throws Error kInput naming file and
// field. Thread-safety: re-entrant.
#pragma once

#include <filesystem>

#include "encoder/model_folder/model_json.hpp"
#include "encoder/tokenizer/wordpiece.hpp"

namespace persona4rec {

// `tokenizer`: a tokenizer.json with a WordPiece model; tokenizer_config.json has the last word on casing and accents,
// as it has in transformers.
[[nodiscard]] WordPieceSpec read_wordpiece_json(const std::filesystem::path& folder, const ModelJson& tokenizer);

// vocab.txt with tokenizer_config.json and special_tokens_map.json.
[[nodiscard]] WordPieceSpec read_wordpiece_vocabulary(const std::filesystem::path& folder);

}  // namespace persona4rec
