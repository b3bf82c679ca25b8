// What every tokenizer does around its model: added tokens first, those of the raw text and then those of the
// normalised one, a special token before and one behind, cut to length. Semantics: the `tokenizers` library.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "encoder/tokenizer/added_tokens.hpp"
#include "encoder/tokenizer/code_points.hpp"
#include "encoder/tokenizer/tokenizer.hpp"

namespace persona4rec {

// The special tokens put around every text: [CLS] and [SEP], <s> and </s>.
struct TokenFrame {
  std::int32_t first = 0;
  std::int32_t last = 0;
};

// `normalize(std::u32string_view) -> std::u32string`: the tokenizer's normalisation, which the contents of normalised
// tokens go through too.
template <class Normalize>
AddedTokenSets make_added_token_sets(const std::vector<AddedToken>& tokens, const Normalize& normalize) {
  std::vector<AddedToken> raw;
  std::vector<AddedToken> normalized;
  for (const auto& token : tokens) {
    if (token.normalized) {
      normalized.push_back(token);
      normalized.back().content = normalize(token.content);
    } else {
      raw.push_back(token);
    }
  }
  return {.raw = AddedTokens(std::move(raw)), .normalized = AddedTokens(std::move(normalized))};
}

// `append_stretch(std::u32string_view, std::vector<std::int32_t>& ids)`: the model on a normalised stretch between
// added tokens.
template <class Normalize, class AppendStretch>
std::vector<std::int32_t> model_tokens(std::string_view text, const AddedTokenSets& added, const Normalize& normalize,
                                       const AppendStretch& append_stretch) {
  std::vector<std::int32_t> ids;
  const std::u32string code_points = to_code_points(text);
  for (const auto& raw : added.raw.split(code_points)) {
    if (raw.id >= 0) {
      ids.push_back(raw.id);
      continue;
    }
    const std::u32string normalized = normalize(raw.text);
    for (const auto& piece : added.normalized.split(normalized)) {
      if (piece.id >= 0) {
        ids.push_back(piece.id);
      } else {
        append_stretch(piece.text, ids);
      }
    }
  }
  return ids;
}

// REQUIRES: max_length >= 2.
inline TokenizedText framed_tokens(std::vector<std::int32_t> ids, TokenFrame frame, std::size_t max_length) {
  TokenizedText out{.ids = std::move(ids)};
  out.truncated = out.ids.size() + 2 > max_length;
  if (out.truncated) out.ids.resize(max_length - 2);
  out.ids.insert(out.ids.begin(), frame.first);
  out.ids.push_back(frame.last);
  return out;
}

}  // namespace persona4rec
