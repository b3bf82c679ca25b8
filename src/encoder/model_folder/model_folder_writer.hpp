// Writes a model folder that sentence-transformers (5 and later) loads, and so do we.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>

#include "encoder/model_folder/safetensors.hpp"
#include "persona4rec/encoder_head.hpp"

namespace persona4rec {

// What stands before the texts of each side of the head: encode_query's and encode_document's.
struct SidePrompts {
  std::string query;
  std::string document;
};

struct ModelFolderParts {
  std::filesystem::path base;            // the folder that the model comes from: config and tokenizer files are copied
  const TensorViews* weights = nullptr;  // trained weights by encoder_tensors' names; null = the base's files, copied
  const EncoderHead* head = nullptr;     // becomes 3_Router {query, document}; null = none
  std::size_t max_length = 0;            // tokens, for sentence_bert_config.json; 0 = the base's
  // The folder's only prompts, none of them a default; none = the base's default prompt before the texts of both sides,
  // and no other.
  std::optional<SidePrompts> prompts;
};

// The folder appears as a whole. It may be `base` itself. Throws Error kInput (the base is not readable) and kOutput.
void write_model_folder(const std::filesystem::path& folder, const ModelFolderParts& parts);

}  // namespace persona4rec
