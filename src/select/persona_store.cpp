#include "select/persona_store.hpp"

#include <cstddef>
#include <utility>
#include <vector>

#include "asking/unit_pipeline.hpp"

namespace persona4rec {
namespace {

// A row on its way into the store.
struct ReadItem {
  std::vector<PersonaEntry> entries;
  std::vector<std::string> json;  // of each

  // Bytes, about.
  [[nodiscard]] std::size_t weight() const {
    constexpr std::size_t kTextBytes = 4096;
    std::size_t bytes = 0;
    for (const auto& entry : entries) bytes += kTextBytes + entry.persona.support.size() * sizeof(ReviewId);
    return bytes;
  }
};

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
  JsonlReader reader(path, {.max_bad_rows = max_bad_rows});
  std::optional<VocabularyBuilder> counted;
  if (words) counted.emplace(WordTokenizer(StopWords::resolve(words->stop_words)));
  std::uint32_t next = 0;  // row of the spool
  run_in_order<ReadItem>(
      {},
      [&](ReadItem& item) {
        PersonaWithSummaryRow row;
        if (!reader.next(row)) return false;
        const auto count = static_cast<std::uint32_t>(row.personas.size());
        if (!rows_.emplace(row.item_id, Rows{next, count}).second) fail_twice(reader.place(), row.item_id);
        next += count;
        item.entries = std::move(row.personas);
        return true;
      },
      [](const ReadItem& item) { return item.weight(); },
      [](ReadItem& item) {
        for (const auto& entry : item.entries) item.json.push_back(to_json(entry).dump());
      },
      [&](ReadItem& item) {
        for (const auto& json : item.json) spool_.append(std::string_view(json));
        for (const auto& entry : item.entries) {
          if (counted) counted->add(persona_words_text(entry.persona));
        }
      });
  spool_.finish();
  if (counted && words) vocabulary_ = counted->build(*words);
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
