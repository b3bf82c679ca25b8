#include "profiles/persona_table.hpp"

#include <algorithm>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>

namespace persona4rec {
namespace {

// Review id -> interactions, 12 bytes each: by hash, the ids themselves are compared in `data`.
class ReviewIndex {
 public:
  explicit ReviewIndex(const Interactions& data) : data_(data) {
    for (std::uint32_t i = 0; i < data.size(); ++i) {
      const auto review = data.review_text(i);
      if (!review.empty()) entries_.emplace_back(std::hash<std::string_view>{}(review), i);
    }
    std::sort(entries_.begin(), entries_.end());
  }

  // The item's interaction with that review id; kNoRow when there is none.
  [[nodiscard]] std::uint32_t find(const ReviewId& review, std::uint32_t item) const {
    const auto hash = std::hash<std::string_view>{}(review.text());
    auto entry = std::lower_bound(entries_.begin(), entries_.end(), std::pair(hash, std::uint32_t{0}));
    for (; entry != entries_.end() && entry->first == hash; ++entry) {
      if (data_.review_text(entry->second) == review.text() && data_[entry->second].item == item) return entry->second;
    }
    return kNoRow;
  }

 private:
  const Interactions& data_;
  std::vector<std::pair<std::size_t, std::uint32_t>> entries_;
};

class TableReader {
 public:
  TableReader(JsonlReader& reader, const InteractionRows& rows) : reader_(reader), rows_(rows), reviews_(rows.data) {
    table_.items = rows.data.items();
    table_.personas_of_item.resize(table_.items.size());
  }

  PersonaTable read() {
    for (PersonaWithSummaryRow row; reader_.next(row); row = {}) {
      const auto item = item_index(row.item_id);
      table_.item_of_line.push_back(item);
      table_.personas_of_item[item] = {.first = static_cast<std::uint32_t>(table_.size()),
                                       .count = static_cast<std::uint32_t>(row.personas.size())};
      for (auto& entry : row.personas) add(std::move(entry), item);
    }
    return std::move(table_);
  }

 private:
  [[noreturn]] void fail(const char* field, const std::string& message) const {
    throw input_error({reader_.place().file, reader_.place().line, field}, message);
  }

  std::uint32_t item_index(const ItemId& id) {
    if (!seen_items_.insert(id).second) fail("item_id", "the item \"" + id.text() + "\" has a row already");
    if (const auto known = rows_.data.find_item(id)) return *known;
    table_.items.push_back(id);
    table_.personas_of_item.emplace_back();
    return static_cast<std::uint32_t>(table_.items.size() - 1);
  }

  void add(PersonaEntry&& entry, std::uint32_t item) {
    if (!seen_personas_.insert(entry.unique_persona_id).second) {
      fail("unique_persona_id", "the persona \"" + entry.unique_persona_id.text() + "\" stands there twice");
    }
    table_.ids.push_back(std::move(entry.unique_persona_id));
    table_.names.push_back(std::move(entry.persona.name));
    table_.item_of_persona.push_back(item);
    table_.support.append(support_rows(entry.persona.support, item));
  }

  std::vector<std::uint32_t> support_rows(const std::vector<ReviewId>& support, std::uint32_t item) {
    std::vector<std::uint32_t> found;
    for (const auto& review : support) {
      const auto i = reviews_.find(review, item);
      if (i == kNoRow) {
        ++table_.support_unknown;
      } else if (!rows_.split.item_side(i)) {
        ++table_.support_not_item_side;
      } else if (std::find(found.begin(), found.end(), rows_.row_of_interaction[i]) == found.end()) {
        found.push_back(rows_.row_of_interaction[i]);
      }
    }
    return found;
  }

  JsonlReader& reader_;
  const InteractionRows& rows_;
  ReviewIndex reviews_;
  PersonaTable table_;
  std::unordered_set<ItemId> seen_items_;
  std::unordered_set<PersonaId> seen_personas_;
};

}  // namespace

PersonaTable read_persona_table(JsonlReader& personas, const InteractionRows& rows) {
  return TableReader(personas, rows).read();
}

void for_each_persona_text(JsonlReader& personas, const ProfileText& texts,
                           const std::function<void(std::size_t, std::string&&)>& take) {
  std::size_t index = 0;
  for (PersonaWithSummaryRow row; personas.next(row); row = {}) {
    for (const auto& entry : row.personas) take(index++, texts.persona(entry));
  }
}

}  // namespace persona4rec
