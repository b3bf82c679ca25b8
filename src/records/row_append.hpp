// Rows and their fields written straight into a string, byte for byte as to_json(row).dump() has them, without a Json
// in between: for artifacts of many rows. Thread-safe.
#pragma once

#include <simdjson.h>

#include <string>
#include <string_view>

#include "base/bulk/json_text.hpp"
#include "persona4rec/records.hpp"

namespace persona4rec {

// What row_view.hpp: to_json() makes of the element: of a key given twice the first counts.
void append_json(std::string& text, simdjson::dom::element element);

// Any value; texts, lists and objects of them sooner than dump(). REQUIRES: UTF-8.
void append_value(std::string& text, const Json& value);

template <class Tag>
void append_json(std::string& text, const Id<Tag>& id) {
  append_json_id(text, id.text(), id.is_integer());
}
void append_json(std::string& text, const Timestamp& time);
void append_json(std::string& text, const Rating& rating);

// `before`, the field's name with what stands around it, then its value.
template <class Value>
void append_field(std::string& text, std::string_view before, const Value& value) {
  text += before;
  append_json(text, value);
}

// append(value) for each, between brackets and commas.
template <class Values, class Append>
void append_list(std::string& text, const Values& values, const Append& append) {
  text += '[';
  const char* comma = "";
  for (const auto& value : values) {
    text += comma;
    append(value);
    comma = ",";
  }
  text += ']';
}

void append_json(std::string& text, const AspectRow& row);
// ... with these aspects, as JSON, instead of its own.
void append_json(std::string& text, const AspectRow& row, std::string_view aspects);
void append_json(std::string& text, const GroundTruthRow& row);
void append_json(std::string& text, const TargetRow& row);
void append_json(std::string& text, const SummaryRow& row);
void append_json(std::string& text, const PersonaRow& row);
void append_json(std::string& text, const PersonaEntry& entry);
void append_json(std::string& text, const PersonaWithSummaryRow& row);

}  // namespace persona4rec
