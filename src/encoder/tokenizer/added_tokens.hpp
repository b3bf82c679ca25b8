// Tokens that are found in a text before any tokenizer model runs: "[SEP]", "<mask>", words added by hand.
// Semantics: AddedVocabulary of the `tokenizers` library (leftmost, of those the longest).
// Thread-safety: const access from any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "encoder/tokenizer/code_points.hpp"

namespace persona4rec {

struct AddedToken {
  std::u32string content;
  std::int32_t id = 0;
  bool single_word = false;  // only where no word character touches it
  bool strip_left = false;   // takes the white space before it
  bool strip_right = false;  // ... behind it
  bool normalized = false;   // looked for in the normalised text

  bool operator==(const AddedToken&) const = default;
};

// One line each, for fingerprints.
[[nodiscard]] std::string to_text(const std::vector<AddedToken>& tokens);

struct TextPiece {
  std::u32string_view text;  // a stretch between added tokens
  std::int32_t id = -1;      // >= 0: an added token instead
};

class AddedTokens {
 public:
  AddedTokens() = default;
  // Tokens without content are left out; of two with one content the first counts.
  explicit AddedTokens(std::vector<AddedToken> tokens);

  // The pieces of a text in order, empty stretches left out. Views into `text`.
  [[nodiscard]] std::vector<TextPiece> split(std::u32string_view text) const;

 private:
  [[nodiscard]] const AddedToken* longest_at(std::u32string_view text, std::size_t at) const;

  std::vector<AddedToken> tokens_;
  TokenIds places_;                   // content -> its place in tokens_
  std::vector<std::size_t> lengths_;  // of contents, the longest first
  std::u32string first_;              // their first code points
};

// Those that are looked for in the text as it came, and those looked for in the normalised stretches between them.
struct AddedTokenSets {
  AddedTokens raw;
  AddedTokens normalized;
};

}  // namespace persona4rec
