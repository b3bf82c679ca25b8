#include "records/selected_text.hpp"

#include "base/bulk/json_text.hpp"

namespace persona4rec {

void append_selected(std::string& text, const SelectedText& row) {
  const auto& [target, persona, entry, reasoning] = row;
  text += R"({"user_id":)";
  append_json_id(text, target.user_id.text(), target.user_id.is_integer());
  text += R"(,"target_item_id":)";
  append_json_id(text, target.item_id.text(), target.item_id.is_integer());
  text += R"(,"selected_persona_id":)";
  append_json(text, std::string_view(persona.id));
  text += R"(,"selected_persona_name":)";
  append_json(text, std::string_view(persona.name));
  text += R"(,"selected_persona":)";
  text += entry;
  text += R"(,"selection_reasoning":)";
  append_json(text, reasoning);
  text += R"(,"split":)";
  append_json(text, std::string_view(to_string(target.split)));
  text += '}';
}

}  // namespace persona4rec
