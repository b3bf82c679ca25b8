#include "select/persona_store.hpp"

namespace persona4rec {

std::string persona_words_text(const PersonaEntry& entry) {
  return entry.persona.name + "\n" + entry.persona.description + "\n" + entry.persona.preference_rationale;
}

PersonaStore::PersonaStore(const std::filesystem::path& path, const std::filesystem::path& output,
                           std::uint64_t max_bad_rows, const std::optional<WordOptions>& words)
    : spool_(output) {
  JsonlReader reader(path, {.max_bad_rows = max_bad_rows});
  std::optional<VocabularyBuilder> counted;
  if (words) counted.emplace(WordTokenizer(StopWords::resolve(words->stop_words)));
  for (PersonaWithSummaryRow row; reader.next(row); row = {}) {
    const Rows rows{static_cast<std::uint32_t>(spool_.size()), static_cast<std::uint32_t>(row.personas.size())};
    if (!rows_.emplace(row.item_id, rows).second) {
      throw input_error({.file = reader.place().file, .line = reader.place().line, .field = "item_id"},
                        "the item \"" + row.item_id.text() + "\" has a row already");
    }
    for (const auto& entry : row.personas) {
      spool_.append(to_json(entry));
      if (counted) counted->add(persona_words_text(entry));
    }
  }
  spool_.finish();
  if (counted) vocabulary_ = counted->build(*words);
  bad_rows_ = reader.bad_rows();
  sha256_ = reader.sha256();
}

void PersonaStore::for_each_persona(const ItemId& item,
                                    const std::function<void(const PersonaEntry&, std::string_view json)>& take) const {
  const auto found = rows_.find(item);
  if (found == rows_.end()) return;
  SpoolReader reader(spool_);
  for (std::uint32_t i = 0; i < found->second.count; ++i) {
    const auto entry = reader.row<PersonaEntry>(found->second.first + i);
    take(entry, reader.line());
  }
}

}  // namespace persona4rec
