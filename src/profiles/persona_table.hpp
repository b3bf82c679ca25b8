// The personas of 3.5_persona_with_summary, in file order, tied to items and to the interaction rows that support them.
// Thread-safety: const use from any thread.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "io/jsonl_reader.hpp"
#include "matching/grouped_rows.hpp"
#include "matching/persona_score.hpp"
#include "persona4rec/ids.hpp"
#include "profiles/interaction_rows.hpp"
#include "records/profile_text.hpp"

namespace persona4rec {

struct PersonaTable {
  std::vector<ItemId> items;  // of the interactions, in their numbering, then items that only personas know
  std::vector<std::uint32_t> item_of_line;     // of the file, also items without personas
  std::vector<PersonaRange> personas_of_item;  // count 0 = the item has none
  std::vector<PersonaId> ids;                  // [personas]
  std::vector<std::string> names;              // [personas]
  std::vector<std::uint32_t> item_of_persona;
  GroupedRows support;  // [personas] item-side rows, in the order given
  std::uint64_t support_unknown = 0;
  std::uint64_t support_not_item_side = 0;

  [[nodiscard]] std::size_t size() const { return ids.size(); }
};

// Reads the file to its end. Throws Error kInput: a persona id or an item twice.
[[nodiscard]] PersonaTable read_persona_table(JsonlReader& personas, const InteractionRows& rows);

// Calls take(persona index, rendered text) in file order. A second pass over the same file.
void for_each_persona_text(JsonlReader& personas, const ProfileText& texts,
                           const std::function<void(std::size_t, std::string&&)>& take);

}  // namespace persona4rec
