// Unigram, the tokenizer of XLM-R: added tokens, SentencePiece's normalisation, Metaspace, the most probable pieces.
// Semantics: the `tokenizers` library. (SentencePiece itself breaks ties, "........", in other ways.)
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "encoder/tokenizer/added_tokens.hpp"
#include "encoder/tokenizer/character_map.hpp"
#include "encoder/tokenizer/code_points.hpp"
#include "encoder/tokenizer/framed_tokens.hpp"
#include "encoder/tokenizer/tokenizer.hpp"

namespace persona4rec {

struct UnigramPiece {
  std::string text;  // UTF-8
  double score = 0;  // log probability
};

struct UnigramSpec {
  std::vector<UnigramPiece> pieces;  // a piece's id is its place
  CharacterMap character_map;
  bool strip_left = false;    // white space at the start of a text goes, after the character map
  bool strip_right = false;   // ... at its end
  std::string double_spaces;  // what runs of two and more spaces become, then; empty = they stay
  bool split_words = true;    // at white space, which goes; else only spaces divide, and count
  std::int32_t unknown = 0;
  TokenFrame frame;  // <s> and </s>
  std::vector<AddedToken> added;
  bool reconfigured = false;  // `added` is not what the vocabulary file alone says
};

class Unigram final : public Tokenizer {
 public:
  // REQUIRES: ids inside the vocabulary or >= 0 for added tokens; UTF-8 pieces. `source`: names what the spec was read
  // from, by its bytes.
  Unigram(UnigramSpec spec, const std::string& source);

  [[nodiscard]] TokenizedText tokenize(std::string_view text, std::size_t max_length) const override;
  [[nodiscard]] std::size_t id_count() const override { return id_count_; }
  [[nodiscard]] std::string fingerprint() const override { return fingerprint_; }

 private:
  [[nodiscard]] std::u32string normalize(std::u32string_view text) const;
  // `text`: normalised.
  void append_stretch(std::u32string_view text, std::vector<std::int32_t>& ids) const;
  void append_marked(std::u32string_view text, std::vector<std::int32_t>& ids) const;
  void append_word(std::u32string_view word, std::vector<std::int32_t>& ids) const;

  UnigramSpec spec_;
  AddedTokenSets added_;
  TokenIds ids_;
  std::size_t longest_ = 0;  // code points of the longest piece
  double unknown_score_ = 0;
  std::size_t id_count_ = 0;
  std::string fingerprint_;
};

}  // namespace persona4rec
