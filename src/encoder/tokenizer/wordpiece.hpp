// WordPiece, the tokenizer of BERT: added tokens, BertNormalizer, BertPreTokenizer, greedy longest match.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "encoder/tokenizer/added_tokens.hpp"
#include "encoder/tokenizer/bert_normalizer.hpp"
#include "encoder/tokenizer/code_points.hpp"
#include "encoder/tokenizer/framed_tokens.hpp"
#include "encoder/tokenizer/tokenizer.hpp"

namespace persona4rec {

struct WordPieceSpec {
  std::vector<std::pair<std::string, std::int32_t>> vocabulary;  // UTF-8; of a token given twice the last counts
  std::string continuation = "##";                               // starts the tokens that go on inside a word
  std::size_t max_word_length = 100;                             // code points; a longer word is unknown
  std::int32_t unknown = 0;
  TokenFrame frame;  // [CLS] and [SEP]
  BertNormalizerOptions normalizer;
  std::vector<AddedToken> added;
};

class WordPiece final : public Tokenizer {
 public:
  // REQUIRES: ids >= 0, an UTF-8 vocabulary.
  explicit WordPiece(WordPieceSpec spec);

  [[nodiscard]] TokenizedText tokenize(std::string_view text, std::size_t max_length) const override;
  [[nodiscard]] std::size_t id_count() const override { return id_count_; }
  [[nodiscard]] std::string fingerprint() const override { return fingerprint_; }

 private:
  void append_word(std::u32string_view word, std::vector<std::int32_t>& ids) const;

  WordPieceSpec spec_;
  AddedTokenSets added_;
  TokenIds starts_;          // tokens that start a word
  TokenIds continuations_;   // tokens that go on inside one, without their mark
  std::size_t longest_ = 0;  // code points of the longest token that a word may hold
  std::size_t id_count_ = 0;
  std::string fingerprint_;
};

}  // namespace persona4rec
