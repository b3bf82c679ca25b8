// Which texts are computed together: sorted by token length, packed by token count, no padding.
// Thread-safety: pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "encoder/tokenizer/tokenizer.hpp"

namespace persona4rec {

// Token ids of some texts one behind the other.
struct PackedBatch {
  std::vector<std::int32_t> ids;    // [tokens]
  std::vector<std::size_t> begins;  // [texts + 1] text i = ids[begins[i] .. begins[i + 1]); shorter texts come first
  std::vector<std::size_t> rows;    // [texts] index of text i in what was packed

  [[nodiscard]] std::size_t texts() const { return rows.size(); }
  [[nodiscard]] std::size_t tokens() const { return ids.size(); }
  [[nodiscard]] std::size_t length(std::size_t i) const { return begins[i + 1] - begins[i]; }
};

// Every text in exactly one batch; a batch has at most `batch_tokens` tokens, or one text that is longer alone. The
// order is by length, ties by position, so that equal texts give equal batches.
[[nodiscard]] std::vector<PackedBatch> pack_batches(std::span<const TokenizedText> texts, std::size_t batch_tokens);

}  // namespace persona4rec
