// Rows of 4_selected_personas whose persona stands there as JSON already: its bytes are taken over, not made again.
#pragma once

#include <string>
#include <string_view>

#include "persona4rec/records.hpp"

namespace persona4rec {

struct SelectedText {
  const TargetRow& target;
  const Persona& persona;      // its id and name
  std::string_view entry;      // to_json() of its PersonaEntry
  std::string_view reasoning;  // UTF-8
};

// As to_json(SelectedPersonaRow) has it. Thread-safety: re-entrant.
void append_selected(std::string& text, const SelectedText& row);

}  // namespace persona4rec
