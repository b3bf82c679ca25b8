#include "records/row_view.hpp"

#include <cmath>
#include <utility>

#include "records/json_object.hpp"

namespace persona4rec {

std::string_view type_name(simdjson::dom::element element) {
  switch (element.type()) {
    case simdjson::dom::element_type::ARRAY:
      return "an array";
    case simdjson::dom::element_type::OBJECT:
      return "an object";
    case simdjson::dom::element_type::INT64:
    case simdjson::dom::element_type::UINT64:
    case simdjson::dom::element_type::DOUBLE:
      return "a number";
    case simdjson::dom::element_type::STRING:
      return "a string";
    case simdjson::dom::element_type::BOOL:
      return "a boolean";
    case simdjson::dom::element_type::NULL_VALUE:
      return "null";
  }
  return "something unknown";
}

std::optional<std::pair<std::string, bool>> id_text_of(simdjson::dom::element element) {
  switch (element.type()) {
    case simdjson::dom::element_type::STRING:
      return std::pair{std::string(element.get_string().value_unsafe()), false};
    case simdjson::dom::element_type::INT64:
      return std::pair{std::to_string(element.get_int64().value_unsafe()), true};
    case simdjson::dom::element_type::UINT64:
      return std::pair{std::to_string(element.get_uint64().value_unsafe()), true};
    default:
      return std::nullopt;
  }
}

namespace {

// A key as it stands, else one of the object that stands under a part of it, up to a dot.
bool find_path(simdjson::dom::object object, std::string_view field, simdjson::dom::element& element) {
  if (object.at_key(field).get(element) == simdjson::SUCCESS) return true;
  for (auto dot = field.find('.'); dot != std::string_view::npos; dot = field.find('.', dot + 1)) {
    simdjson::dom::object inner;
    if (object.at_key(field.substr(0, dot)).get(inner) != simdjson::SUCCESS) continue;
    if (find_path(inner, field.substr(dot + 1), element)) return true;
  }
  return false;
}

Json object_to_json(simdjson::dom::object object) {
  JsonObject out;
  for (const auto field : object) out.add(std::string(field.key), to_json(field.value));
  return out.take();
}

}  // namespace

Json to_json(simdjson::dom::element element) {
  switch (element.type()) {
    case simdjson::dom::element_type::ARRAY: {
      Json out = Json::array();
      const simdjson::dom::array array = element.get_array().value_unsafe();
      for (const auto child : array) out.push_back(to_json(child));
      return out;
    }
    case simdjson::dom::element_type::OBJECT:
      return object_to_json(element.get_object().value_unsafe());
    case simdjson::dom::element_type::INT64:
      return element.get_int64().value_unsafe();
    case simdjson::dom::element_type::UINT64:
      return element.get_uint64().value_unsafe();
    case simdjson::dom::element_type::DOUBLE:
      return element.get_double().value_unsafe();
    case simdjson::dom::element_type::STRING:
      return std::string(element.get_string().value_unsafe());
    case simdjson::dom::element_type::BOOL:
      return element.get_bool().value_unsafe();
    case simdjson::dom::element_type::NULL_VALUE:
      return nullptr;
  }
  return nullptr;
}

RowView::RowView(simdjson::dom::element element, const Place& place, std::string path)
    : place_(&place), path_(std::move(path)) {
  if (element.get(object_) != simdjson::SUCCESS) {
    Place at = place;
    at.field = path_;
    throw input_error(at, "expected an object, got " + std::string(type_name(element)));
  }
}

void RowView::fail(std::string_view field, std::string_view message) const {
  Place at = *place_;
  at.field = path_;
  if (!at.field.empty() && !field.empty()) at.field += ".";
  at.field += field;
  throw input_error(at, message);
}

bool RowView::find(std::string_view field, simdjson::dom::element& element) const {
  return find_path(object_, field, element);
}

simdjson::dom::element RowView::required(std::string_view field, std::string_view expected) const {
  simdjson::dom::element element;
  if (!find(field, element)) {
    fail(field, "expected " + std::string(expected) + ", got no such field");
  }
  return element;
}

std::string_view RowView::string(std::string_view field) const {
  const auto element = required(field, "a string");
  std::string_view value;
  if (element.get(value) != simdjson::SUCCESS) fail(field, "expected a string, got " + std::string(type_name(element)));
  return value;
}

double RowView::number(std::string_view field) const {
  const auto element = required(field, "a number");
  double value = 0;
  if (element.get(value) != simdjson::SUCCESS) fail(field, "expected a number, got " + std::string(type_name(element)));
  return value;
}

std::uint64_t RowView::unsigned_number(std::string_view field) const {
  const auto element = required(field, "a whole number");
  std::uint64_t value = 0;
  if (element.get(value) != simdjson::SUCCESS) {
    fail(field, "expected a whole number >= 0, got " + std::string(type_name(element)));
  }
  return value;
}

simdjson::dom::array RowView::array(std::string_view field) const {
  const auto element = required(field, "an array");
  simdjson::dom::array value;
  if (element.get(value) != simdjson::SUCCESS) fail(field, "expected an array, got " + std::string(type_name(element)));
  return value;
}

RowView RowView::object(std::string_view field) const {
  return element(field, SIZE_MAX, required(field, "an object"));
}

RowView RowView::element(std::string_view field, std::size_t index, simdjson::dom::element element) const {
  std::string path = path_.empty() ? std::string(field) : path_ + "." + std::string(field);
  if (index != SIZE_MAX) path += "[" + std::to_string(index) + "]";
  return {element, *place_, std::move(path)};
}

std::optional<simdjson::dom::element> RowView::maybe(std::string_view field) const {
  simdjson::dom::element element;
  if (!find(field, element) || element.is_null()) return std::nullopt;
  return element;
}

bool RowView::is_null(std::string_view field) const {
  simdjson::dom::element element;
  return find(field, element) && element.is_null();
}

std::optional<std::string_view> RowView::maybe_string(std::string_view field) const {
  if (!maybe(field)) return std::nullopt;
  return string(field);
}

std::optional<double> RowView::maybe_number(std::string_view field) const {
  if (!maybe(field)) return std::nullopt;
  return number(field);
}

Json RowView::json(std::string_view field) const {
  const auto element = maybe(field);
  return element ? to_json(*element) : Json(nullptr);
}

std::pair<std::string, bool> RowView::id_text(std::string_view field) const {
  const auto element = required(field, "a string or an integer");
  auto text = id_text_of(element);
  if (!text) fail(field, "expected a string or an integer, got " + std::string(type_name(element)));
  if (text->first.empty()) fail(field, "expected an id, got an empty string");
  return *std::move(text);
}

}  // namespace persona4rec
