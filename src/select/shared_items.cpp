#include "select/shared_items.hpp"

#include <utility>

#include "base/excerpt.hpp"
#include "io/rows/row_parser.hpp"
#include "lexical/term_vector.hpp"
#include "records/row_json.hpp"

namespace persona4rec {
namespace {

// What a prompt shows of each text: with 6 reviews and 7 personas about 4,000 tokens at most.
constexpr std::size_t kMaxItemSummaryBytes = 800;
constexpr std::size_t kMaxNameBytes = 200;
constexpr std::size_t kMaxDescriptionBytes = 900;
constexpr std::size_t kMaxRationaleBytes = 500;

Persona as_shown(const Persona& persona) {
  return {.id = persona.id,
          .name = excerpt(persona.name, kMaxNameBytes),
          .description = excerpt(persona.description, kMaxDescriptionBytes),
          .preference_rationale = excerpt(persona.preference_rationale, kMaxRationaleBytes)};
}

Json option_facts(Persona&& shown) {
  return {{"id", std::move(shown.id)},
          {"name", std::move(shown.name)},
          {"description", std::move(shown.description)},
          {"rationale", std::move(shown.preference_rationale)}};
}

}  // namespace

const std::vector<std::uint32_t>& SharedItem::terms(const Vocabulary& vocabulary) const {
  std::call_once(once_, [&] {
    const Place place{.file = "row of a temporary file"};
    RowParser parser;
    std::vector<std::string> texts;
    texts.reserve(rows.size());
    for (auto row : rows) {
      texts.push_back(persona_words_text(read_row<PersonaEntry>(parser.parse(row, place, false), {}).persona));
    }
    terms_ = terms_in(vocabulary, texts);
  });
  return terms_;
}

std::size_t SharedItem::bytes() const {
  constexpr std::size_t kBytesPerPersona = 1024;  // around the texts
  std::size_t bytes = sizeof(SharedItem) + summary.size();
  for (const auto& row : rows) {
    // Texts stand in the facts once more, or terms of 4 bytes for words of about twice as many.
    bytes += kBytesPerPersona + row.size() + (facts.empty() ? row.size() / 2 : row.size());
  }
  for (const auto& vector : vectors) bytes += vector.size() * (sizeof(std::uint32_t) + sizeof(float));
  return bytes;
}

std::shared_ptr<const SharedItem> SharedItems::find(const ItemId& item) {
  if (auto known = remembered(item)) return known;
  auto loaded = load(item);  // beside other threads: twice is no harm
  remember(item, loaded);
  return loaded;
}

std::shared_ptr<const SharedItem> SharedItems::load(const ItemId& item) const {
  auto made = std::make_shared<SharedItem>();
  store_.for_each_persona(item, [&](const PersonaEntry& entry, std::string_view row) {
    made->personas.push_back({.id = entry.persona.id, .name = entry.persona.name});
    made->rows.emplace_back(row);
    auto shown = as_shown(entry.persona);
    if (rendered_) {
      if (made->facts.empty()) made->summary = excerpt(entry.item_summary, kMaxItemSummaryBytes);
      made->facts.push_back(option_facts(std::move(shown)));
      return;
    }
    made->vectors.push_back(term_vector(store_.vocabulary(), persona_words_text(shown)));
  });
  return made;
}

std::shared_ptr<const SharedItem> SharedItems::remembered(const ItemId& item) {
  const std::lock_guard lock(mutex_);
  const auto known = by_id_.find(item);
  if (known == by_id_.end()) return nullptr;
  newest_first_.splice(newest_first_.begin(), newest_first_, known->second);
  return known->second->item;
}

void SharedItems::remember(const ItemId& id, const std::shared_ptr<const SharedItem>& item) {
  const std::lock_guard lock(mutex_);
  const auto [known, is_new] = by_id_.try_emplace(id);
  if (!is_new) return;
  newest_first_.push_front({id, item});
  known->second = newest_first_.begin();
  bytes_ += item->bytes();
  while (bytes_ > most_bytes_) {
    bytes_ -= newest_first_.back().item->bytes();
    by_id_.erase(newest_first_.back().id);
    newest_first_.pop_back();
  }
}

}  // namespace persona4rec
