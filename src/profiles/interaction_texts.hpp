// The texts of the rows: vectors for the dense channels, term counts for the word channel.
//
// Rows are encoded in the order of who may use them, item side first, each group in windows of its own: a vector's last
// bits depend on the texts beside it in a batch, and so no held-out text can move even those of an item-side vector.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string_view>
#include <vector>

#include "lexical/vocabulary.hpp"
#include "persona4rec/progress.hpp"
#include "persona4rec/text_encoder.hpp"
#include "persona4rec/words.hpp"
#include "profiles/history.hpp"

namespace persona4rec {

struct InteractionTexts {
  TermCorpus corpus{WordTokenizer()};  // the docs
  std::vector<std::uint32_t> row_of_doc;
  std::vector<std::uint8_t> has_text_of_row;
  EncodeCounts counts;
};

// `vectors`: [rows, encoder.dimensions()] f32, zero, into which the texts' vectors go; a row without text stays zero.
// `words`: which tokens the corpus counts. Throws what the encoder throws, and Error kOutput where a text cannot be
// read back.
[[nodiscard]] InteractionTexts read_interaction_texts(const RowTexts& history, const WordOptions& words,
                                                      TextEncoder& encoder, std::span<float> vectors,
                                                      const ProgressFn& progress);

// Calls take(row, text) for every row that has a text, ascending; the text carries its prefix. Throws as above.
void for_each_interaction_text(const RowTexts& history,
                               const std::function<void(std::uint32_t, std::string_view)>& take);

}  // namespace persona4rec
