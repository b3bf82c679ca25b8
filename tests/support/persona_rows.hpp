// Rows of 3.5_persona_with_summary for tests.
#pragma once

#include <string>

#include "persona4rec/records.hpp"

namespace persona4rec::test {

// An item with personas P1 to P<count>.
inline PersonaWithSummaryRow item_personas(const std::string& item, int count) {
  PersonaWithSummaryRow row{.item_id = ItemId(item), .personas = {}};
  for (int k = 1; k <= count; ++k) {
    const auto id = "P" + std::to_string(k);
    row.personas.push_back({.persona = {id, "Name " + id, "Description of " + id, "Rationale " + id, {ReviewId("x")}},
                            .item_summary = "summary of " + item,
                            .unique_persona_id = PersonaId(item + "_" + id)});
  }
  return row;
}

}  // namespace persona4rec::test
