// Text -> token ids, as the `tokenizers` library makes them for the same folder.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace persona4rec {

struct TokenizedText {
  std::vector<std::int32_t> ids;  // special tokens included; never empty
  bool truncated = false;         // tokens were cut off
};

class Tokenizer {
 public:
  Tokenizer() = default;
  Tokenizer(const Tokenizer&) = delete;
  Tokenizer& operator=(const Tokenizer&) = delete;
  virtual ~Tokenizer() = default;

  // At most max_length ids, special ones included; of a longer text the first ones. Safe from any thread.
  // REQUIRES: UTF-8, max_length >= 2.
  [[nodiscard]] virtual TokenizedText tokenize(std::string_view text, std::size_t max_length) const = 0;

  // One more than the largest id.
  [[nodiscard]] virtual std::size_t id_count() const = 0;

  // Hex SHA-256 over everything that decides the ids.
  [[nodiscard]] virtual std::string fingerprint() const = 0;
};

// Chooses by the files in the folder, never by the model's type: tokenizer.json (WordPiece or Unigram), else vocab.txt
// (WordPiece), else sentencepiece.bpe.model (Unigram). Truncation and padding blocks of tokenizer.json are ignored.
// `lower_case`: put texts in lower case first, whatever these files say (sentence_bert_config.json's do_lower_case).
// Throws Error kInput naming file and field: none of them there, damaged, a tokenizer that is not supported.
[[nodiscard]] std::unique_ptr<Tokenizer> open_tokenizer(const std::filesystem::path& folder, bool lower_case);

}  // namespace persona4rec
