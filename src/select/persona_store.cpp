#include "select/persona_store.hpp"

#include <utility>

namespace persona4rec {

std::string persona_words_text(const PersonaEntry& entry) {
  return entry.persona.name + "\n" + entry.persona.description + "\n" + entry.persona.preference_rationale;
}

PersonaStore::PersonaStore(const std::filesystem::path& path, const std::filesystem::path& output,
                           std::uint64_t max_bad_rows)
    : spool_(output) {
  JsonlReader reader(path, {.max_bad_rows = max_bad_rows});
  for (PersonaWithSummaryRow row; reader.next(row); row = {}) {
    if (!rows_.emplace(row.item_id, static_cast<std::uint32_t>(spool_.size())).second) {
      throw input_error({.file = reader.place().file, .line = reader.place().line, .field = "item_id"},
                        "the item \"" + row.item_id.text() + "\" has a row already");
    }
    spool_.append(to_json(row));
  }
  bad_rows_ = reader.bad_rows();
  sha256_ = reader.sha256();
}

std::optional<PersonaWithSummaryRow> PersonaStore::find(const ItemId& item) {
  const auto row = rows_.find(item);
  if (row == rows_.end()) return std::nullopt;
  return spool_.row<PersonaWithSummaryRow>(row->second);
}

Vocabulary PersonaStore::vocabulary(const WordOptions& options) {
  VocabularyBuilder words{WordTokenizer(StopWords::resolve(options.stop_words))};
  for (std::size_t i = 0; i < spool_.size(); ++i) {
    for (const auto& entry : spool_.row<PersonaWithSummaryRow>(i).personas) words.add(persona_words_text(entry));
  }
  return words.build(options);
}

}  // namespace persona4rec
