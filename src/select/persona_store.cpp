#include "select/persona_store.hpp"

#include <cstddef>
#include <utility>
#include <vector>

#include "io/rows/row_blocks.hpp"
#include "records/row_append.hpp"

namespace persona4rec {
namespace {

// A row on its way into the store.
struct ReadItem {
  PersonaWithSummaryRow row;
  std::vector<std::string> json;  // of each persona
};

ReadItem read_item(const RowView& view) {
  ReadItem item{.row = read_row<PersonaWithSummaryRow>(view, {}), .json = {}};
  for (const auto& entry : item.row.personas) append_json(item.json.emplace_back(), entry);
  return item;
}

[[noreturn]] void fail_twice(const Place& place, const ItemId& item) {
  throw input_error({.file = place.file, .line = place.line, .field = "item_id"},
                    "the item \"" + item.text() + "\" has a row already");
}

}  // namespace

std::string persona_words_text(const Persona& persona) {
  return persona.name + "\n" + persona.description + "\n" + persona.preference_rationale;
}

PersonaStore::PersonaStore(const std::filesystem::path& path, const std::filesystem::path& output,
                           std::uint64_t max_bad_rows, const std::optional<WordOptions>& words)
    : spool_(output) {
  RowBlocks<ReadItem> blocks(path, {.max_bad_rows = max_bad_rows}, 0);
  std::optional<VocabularyBuilder> counted;
  if (words) counted.emplace(WordTokenizer(StopWords::resolve(words->stop_words)));
  std::uint32_t next = 0;  // row of the spool
  const auto read = blocks.read(read_item, [&](ReadItem&& item, const Place& place) {
    const auto& personas = item.row.personas;
    const auto count = static_cast<std::uint32_t>(personas.size());
    if (!rows_.emplace(item.row.item_id, Rows{next, count}).second) fail_twice(place, item.row.item_id);
    next += count;
    for (const auto& json : item.json) spool_.append(std::string_view(json));
    for (const auto& entry : personas) {
      if (counted) counted->add(persona_words_text(entry.persona));
    }
  });
  spool_.finish();
  if (counted && words) vocabulary_ = counted->build(*words);
  bad_rows_ = read.bad_rows;
  sha256_ = read.sha256;
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
