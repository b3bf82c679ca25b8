// The tokenizer files of a model folder with a Unigram model, read into its spec. Throws Error kInput naming file and
// field. Thread-safety: re-entrant.
#pragma once

#include <filesystem>

#include "encoder/model_folder/model_json.hpp"
#include "encoder/tokenizer/unigram.hpp"

namespace persona4rec {

// `tokenizer`: a tokenizer.json with a Unigram model.
[[nodiscard]] UnigramSpec read_unigram_json(const std::filesystem::path& folder, const ModelJson& tokenizer);

// folder / sentencepiece.bpe.model with XLM-R's ids: <s> <pad> </s> <unk>, the pieces from the fourth on, <mask>.
[[nodiscard]] UnigramSpec read_unigram_model(const std::filesystem::path& folder);

}  // namespace persona4rec
