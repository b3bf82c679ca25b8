#include "records/selected_text.hpp"

#include "records/row_append.hpp"

namespace persona4rec {

void append_selected(std::string& text, const SelectedText& row) {
  const auto& [target, persona, entry, reasoning] = row;
  append_field(text, R"({"user_id":)", target.user_id);
  append_field(text, R"(,"target_item_id":)", target.item_id);
  append_field(text, R"(,"selected_persona_id":)", std::string_view(persona.id));
  append_field(text, R"(,"selected_persona_name":)", std::string_view(persona.name));
  text += R"(,"selected_persona":)";
  text += entry;
  append_field(text, R"(,"selection_reasoning":)", reasoning);
  append_field(text, R"(,"split":)", std::string_view(to_string(target.split)));
  text += '}';
}

}  // namespace persona4rec
