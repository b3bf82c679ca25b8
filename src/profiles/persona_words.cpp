#include "profiles/persona_words.hpp"

#include <unordered_map>

namespace persona4rec {
namespace {

void add(PersonaWordTexts& texts, std::uint32_t item, std::uint32_t persona, const std::string& text) {
  texts.corpus.add(text);
  texts.item_of_doc.push_back(item);
  texts.persona_of_doc.push_back(persona);
}

void add_metadata(JsonlReader& summaries, const PersonaTable& table, PersonaWordTexts& texts) {
  std::unordered_map<ItemId, std::uint32_t> bare;  // items without personas
  for (std::uint32_t item = 0; item < table.items.size(); ++item) {
    if (table.personas_of_item[item].count == 0) bare.emplace(table.items[item], item);
  }
  for (SummaryRow row; !bare.empty() && summaries.next(row); row = {}) {
    const auto item = bare.find(row.item_id);
    if (item == bare.end()) continue;
    add(texts, item->second, kMetadata, row.item_title + "\n" + row.item_description + "\n" + row.item_summary);
  }
}

}  // namespace

std::string persona_channel_text(const PersonaEntry& entry) {
  const auto& persona = entry.persona;
  std::string text = persona.name + "\n" + persona.description + "\n" + persona.preference_rationale + "\n";
  for (const auto& name : persona.affinities) text += name + "\n";
  return text + entry.item_summary;
}

PersonaWordTexts read_persona_words(JsonlReader& personas, JsonlReader* summaries, const PersonaTable& table,
                                    const WordOptions& options) {
  PersonaWordTexts texts{.corpus = TermCorpus(WordTokenizer(StopWords::resolve(options.stop_words))),
                         .item_of_doc = {},
                         .persona_of_doc = {}};
  std::uint32_t persona = 0;
  for (PersonaWithSummaryRow row; personas.next(row); row = {}) {
    for (const auto& entry : row.personas) {
      add(texts, table.item_of_persona[persona], persona, persona_channel_text(entry));
      ++persona;
    }
  }
  if (summaries != nullptr) add_metadata(*summaries, table, texts);
  return texts;
}

}  // namespace persona4rec
