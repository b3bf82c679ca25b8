// What the persona-words channel reads of items (docs/method.md, 3.2 Words): the texts of their personas, and of items
// without personas their metadata. Counted once, turned into vectors over any vocabulary. Thread-safety: const use from
// any thread.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "io/jsonl_reader.hpp"
#include "lexical/vocabulary.hpp"
#include "persona4rec/words.hpp"
#include "profiles/persona_table.hpp"

namespace persona4rec {

// Name, description, rationale, affinities and the item's summary, a line each; whatever the encoder is given of them.
[[nodiscard]] std::string persona_channel_text(const PersonaEntry& entry);

// `persona_of_doc` of a text that is an item's metadata.
inline constexpr std::uint32_t kMetadata = UINT32_MAX;

struct PersonaWordTexts {
  TermCorpus corpus{WordTokenizer()};
  std::vector<std::uint32_t> item_of_doc;
  std::vector<std::uint32_t> persona_of_doc;  // or kMetadata
};

// `personas` is a second pass over the file that `table` was read from. `summaries` may be null: then items without
// personas have no words here.
[[nodiscard]] PersonaWordTexts read_persona_words(JsonlReader& personas, JsonlReader* summaries,
                                                  const PersonaTable& table, const WordOptions& options);

}  // namespace persona4rec
