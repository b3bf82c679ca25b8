// BertNormalizer and BertPreTokenizer of the `tokenizers` library, to the code point.
// Newer than the Unicode of utf8proc: unassigned here, so kept, cased and split as a letter of no case.
// Thread-safety: re-entrant.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace persona4rec {

struct BertNormalizerOptions {
  bool clean_text = true;            // drop controls, white space becomes a space
  bool handle_chinese_chars = true;  // spaces around CJK ideographs
  bool strip_accents = true;         // NFD minus Mn
  bool lowercase = true;             // after the accents
};

// The normalised text, as code points like all text in here.
[[nodiscard]] std::u32string bert_normalize(std::u32string_view text, const BertNormalizerOptions& options);

// Words: split at white space (dropped) and at punctuation (each mark a word). Views into `text`.
[[nodiscard]] std::vector<std::u32string_view> bert_words(std::u32string_view text);

// Unicode White_Space, as Rust's char::is_whitespace.
[[nodiscard]] bool is_white_space(char32_t code_point);

}  // namespace persona4rec
