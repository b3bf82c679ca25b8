// The texts of the rows: vectors for the dense channels, term counts for the word channel.
//
// Rows are encoded in the order of who may use them, item side first, each group in windows of its own: a vector's last
// bits depend on the texts beside it in a batch, and so no held-out text can move even those of an item-side vector.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "io/input_file.hpp"
#include "lexical/vocabulary.hpp"
#include "persona4rec/dataset.hpp"
#include "persona4rec/progress.hpp"
#include "persona4rec/text_encoder.hpp"
#include "persona4rec/words.hpp"
#include "profiles/interaction_rows.hpp"
#include "records/profile_text.hpp"

namespace persona4rec {

struct InteractionTextsOptions {
  InputFile history;               // 3.5_history.jsonl, repeatable
  TimeFormat time;                 // how numbers in `timestamp` are read
  std::uint64_t max_bad_rows = 0;  // as the rows were read with
  WordOptions words;               // which tokens the corpus counts
  ProgressFn progress;
};

struct InteractionTexts {
  TermCorpus corpus{WordTokenizer()};  // the docs
  std::vector<std::uint32_t> row_of_doc;
  std::vector<std::uint8_t> has_text_of_row;
  EncodeCounts counts;
};

// Reads options.history once for every access that occurs. `vectors`: [rows, encoder.dimensions()] f32, zero, into
// which the texts' vectors go; a row without text stays zero. REQUIRES: `rows` was read from the history. Throws Error
// kInput.
[[nodiscard]] InteractionTexts read_interaction_texts(const InteractionTextsOptions& options,
                                                      const InteractionRows& rows, const ProfileText& texts,
                                                      TextEncoder& encoder, std::span<float> vectors);

// Calls take(row, text) for every row that has a text, ascending; the text carries its prefix. Reads options.history
// once. REQUIRES and throws as above.
void for_each_interaction_text(const InteractionTextsOptions& options, const InteractionRows& rows,
                               const ProfileText& texts, const std::function<void(std::uint32_t, std::string&&)>& take);

}  // namespace persona4rec
