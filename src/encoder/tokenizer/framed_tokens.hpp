// What every tokenizer does around its model: added tokens first, a special token before and one behind, cut to length.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
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

// `append_stretch(std::u32string_view, std::vector<std::int32_t>& ids)`: the model on a stretch between added tokens.
// REQUIRES: UTF-8, max_length >= 2.
template <class AppendStretch>
TokenizedText framed_tokens(std::string_view text, const AddedTokens& added, TokenFrame frame, std::size_t max_length,
                            const AppendStretch& append_stretch) {
  TokenizedText out;
  out.ids.push_back(frame.first);
  const std::u32string code_points = to_code_points(text);
  for (const auto& piece : added.split(code_points)) {
    if (piece.id >= 0) {
      out.ids.push_back(piece.id);
    } else {
      append_stretch(piece.text, out.ids);
    }
  }
  out.truncated = out.ids.size() + 1 > max_length;
  if (out.truncated) out.ids.resize(max_length - 1);
  out.ids.push_back(frame.last);
  return out;
}

}  // namespace persona4rec
