// SentencePiece's model file, a protocol buffer: as much of it as Unigram needs.
// https://github.com/google/sentencepiece/blob/v0.1.97/src/sentencepiece_model.proto
// Thread-safety: re-entrant.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "encoder/tokenizer/unigram.hpp"

namespace persona4rec {

struct SentencePieceModel {
  std::vector<UnigramPiece> pieces;
  std::string character_map;  // compiled
};

// Throws Error kInput: damaged, an LFS pointer, not a Unigram model.
[[nodiscard]] SentencePieceModel read_sentencepiece_model(const std::filesystem::path& path);

}  // namespace persona4rec
