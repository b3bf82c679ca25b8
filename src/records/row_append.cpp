#include "records/row_append.hpp"

#include <algorithm>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "records/row_fields.hpp"
#include "records/row_json.hpp"

namespace persona4rec {
namespace {

// Digits that a parser reads as a 64-bit integer and writes as they are.
bool is_plain_integer(std::string_view text) {
  constexpr std::size_t kMostDigits = 18;
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  return !text.empty() && text.size() <= kMostDigits && (text.size() == 1 || text[0] != '0') &&
         std::ranges::all_of(text, is_digit);
}

// Keys of one object, which are few as a rule: those are found faster by looking through them.
class SeenKeys {
 public:
  // False where it was seen.
  bool add(std::string_view key) {
    constexpr std::size_t kFew = 16;
    if (!many_.empty()) return many_.insert(key).second;
    if (std::ranges::find(few_, key) != few_.end()) return false;
    few_.push_back(key);
    if (few_.size() > kFew) many_.insert(few_.begin(), few_.end());
    return true;
  }

 private:
  std::vector<std::string_view> few_;
  std::unordered_set<std::string_view> many_;
};

void append_object(std::string& text, simdjson::dom::object object) {
  text += '{';
  SeenKeys seen;
  bool first = true;
  for (const auto field : object) {
    if (!seen.add(field.key)) continue;
    if (!first) text += ',';
    first = false;
    append_json(text, field.key);
    text += ':';
    append_json(text, field.value);
  }
  text += '}';
}

// The personas of an item with many reviews stand on long lists of them.
void append_support(std::string& text, const Persona& persona) {
  text += R"("support":)";
  append_list(text, persona.support, [&](const auto& id) { append_json(text, id); });
}

// Rows with affinities, which most have not, are written by way of a Json.
bool has_affinities(const Persona& persona) {
  return !persona.affinities.empty() || !persona.affinity_counts.empty();
}

// A persona without affinities up to its support.
void append_texts(std::string& text, const Persona& persona) {
  append_field(text, R"({"ID":)", std::string_view(persona.id));
  append_field(text, R"(,"Name":)", std::string_view(persona.name));
  append_field(text, R"(,"Description":)", std::string_view(persona.description));
  append_field(text, R"(,"Preference_Rationale":)", std::string_view(persona.preference_rationale));
}

}  // namespace

void append_json(std::string& text, simdjson::dom::element element) {
  switch (element.type()) {
    case simdjson::dom::element_type::ARRAY:
      return append_list(text, element.get_array().value_unsafe(),
                         [&](const auto& child) { append_json(text, child); });
    case simdjson::dom::element_type::OBJECT:
      return append_object(text, element.get_object().value_unsafe());
    case simdjson::dom::element_type::INT64:
      text += std::to_string(element.get_int64().value_unsafe());
      return;
    case simdjson::dom::element_type::UINT64:
      text += std::to_string(element.get_uint64().value_unsafe());
      return;
    case simdjson::dom::element_type::DOUBLE:
      return append_json(text, element.get_double().value_unsafe());
    case simdjson::dom::element_type::STRING:
      return append_json(text, element.get_string().value_unsafe());
    case simdjson::dom::element_type::BOOL:
      text += element.get_bool().value_unsafe() ? "true" : "false";
      return;
    case simdjson::dom::element_type::NULL_VALUE:
      text += "null";
      return;
  }
}

void append_value(std::string& text, const Json& value) {
  if (value.is_string()) {
    append_json(text, std::string_view(value.get_ref<const std::string&>()));
  } else if (value.is_object()) {
    text += '{';
    for (auto member = value.begin(); member != value.end(); ++member) {
      if (member != value.begin()) text += ',';
      append_json(text, std::string_view(member.key()));
      text += ':';
      append_value(text, *member);
    }
    text += '}';
  } else if (value.is_array()) {
    append_list(text, value, [&](const Json& each) { append_value(text, each); });
  } else {
    text += value.dump();
  }
}

void append_json(std::string& text, const Timestamp& time) {
  if (time.is_string) return append_json(text, std::string_view(time.text));
  text += is_plain_integer(time.text) ? time.text : to_json(time).dump();
}

void append_json(std::string& text, const Rating& rating) {
  if (rating.is_none()) {
    text += "null";
  } else if (rating.is_integer) {
    text += std::to_string(static_cast<std::int64_t>(rating.value));
  } else {
    append_json(text, rating.value);
  }
}

void append_json(std::string& text, const AspectRow& row) {
  std::string aspects;
  append_value(aspects, row.extracted_aspects);
  append_json(text, row, aspects);
}

void append_json(std::string& text, const AspectRow& row, std::string_view aspects) {
  append_field(text, R"({"review_id":)", row.review_id);
  append_field(text, R"(,"item_id":)", row.item_id);
  append_field(text, R"(,"user_id":)", row.user_id);
  append_field(text, R"(,"rating":)", row.rating);
  append_field(text, R"(,"timestamp":)", row.timestamp);
  if (row.review_title) append_field(text, R"(,"review_title":)", std::string_view(*row.review_title));
  append_field(text, R"(,"review_text":)", std::string_view(row.review_text));
  if (row.raw_start) append_field(text, R"(,"raw_start":)", std::string_view(*row.raw_start));
  text += R"(,"extracted_aspects":)";
  text += aspects;
  append_field(text, R"(,"status":)", std::string_view(to_string(row.status)));
  text += '}';
}

void append_json(std::string& text, const GroundTruthRow& row) {
  append_field(text, R"({"user_id":)", row.user_id);
  append_field(text, R"(,"item_id":)", row.item_id);
  text += '}';
}

void append_json(std::string& text, const TargetRow& row) {
  append_field(text, R"({"user_id":)", row.user_id);
  append_field(text, R"(,"item_id":)", row.item_id);
  append_field(text, R"(,"review_id":)", row.review_id);
  append_field(text, R"(,"timestamp":)", row.timestamp);
  append_field(text, R"(,"split":)", std::string_view(to_string(row.split)));
  text += '}';
}

void append_json(std::string& text, const SummaryRow& row) {
  append_field(text, R"({"item_id":)", row.item_id);
  append_field(text, R"(,"item_title":)", std::string_view(row.item_title));
  append_field(text, R"(,"item_description":)", std::string_view(row.item_description));
  append_field(text, R"(,"item_summary":)", std::string_view(row.item_summary));
  text += '}';
}

void append_json(std::string& text, const PersonaRow& row) {
  if (std::ranges::any_of(row.personas, has_affinities)) {
    text += to_json(row).dump();
    return;
  }
  append_json(text, row.item);
  text.back() = ',';  // its brace
  text += R"("review_count":)" + std::to_string(row.review_count) + R"(,"personas":)";
  append_list(text, row.personas, [&](const Persona& persona) {
    append_texts(text, persona);
    text += ',';
    append_support(text, persona);
    text += '}';
  });
  text += R"(,"persona_count":)" + std::to_string(row.personas.size()) + '}';
}

void append_json(std::string& text, const PersonaEntry& entry) {
  if (has_affinities(entry.persona)) {
    text += to_json(entry).dump();
    return;
  }
  append_texts(text, entry.persona);
  append_field(text, R"(,"Item_Summary":)", std::string_view(entry.item_summary));
  append_field(text, R"(,"unique_persona_id":)", entry.unique_persona_id);
  text += '}';
}

void append_json(std::string& text, const PersonaWithSummaryRow& row) {
  append_field(text, R"({"item_id":)", row.item_id);
  text += R"(,"personas":)";
  append_list(text, row.personas, [&](const PersonaEntry& entry) {
    append_json(text, entry);
    text.back() = ',';  // its brace: the support comes behind
    append_support(text, entry.persona);
    text += '}';
  });
  text += '}';
}

}  // namespace persona4rec
