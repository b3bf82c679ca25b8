// One parsed JSONL object with its place, so that every error says file:line, field, expected and got.
// Of a key given twice the first counts. A field whose name has dots ("author.id") and that the object lacks is looked
// for in the objects that it holds. Thread-safety: a view lives as long as its line; one thread.
#pragma once

#include <simdjson.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "persona4rec/error.hpp"
#include "persona4rec/ids.hpp"
#include "persona4rec/json.hpp"

namespace persona4rec {

class RowView {
 public:
  // REQUIRES: `place` outlives the view. `path` is the field path of a nested object ("results[3]"), empty for a line.
  // Throws Error kInput when the element is no object.
  RowView(simdjson::dom::element element, const Place& place, std::string path = {});

  // Required fields: missing, null or of another type is an Error kInput.
  [[nodiscard]] std::string_view string(std::string_view field) const;
  [[nodiscard]] double number(std::string_view field) const;  // finite
  [[nodiscard]] std::uint64_t unsigned_number(std::string_view field) const;
  [[nodiscard]] simdjson::dom::array array(std::string_view field) const;
  [[nodiscard]] RowView object(std::string_view field) const;
  template <class IdType>
  [[nodiscard]] IdType id(std::string_view field) const {  // string or integer, not empty
    auto [text, is_integer] = id_text(field);
    return IdType(std::move(text), is_integer);
  }

  // Optional fields: missing or null is nothing; another type is an error.
  [[nodiscard]] std::optional<std::string_view> maybe_string(std::string_view field) const;
  [[nodiscard]] std::optional<double> maybe_number(std::string_view field) const;
  [[nodiscard]] std::optional<simdjson::dom::element> maybe(std::string_view field) const;
  [[nodiscard]] bool has(std::string_view field) const { return maybe(field).has_value(); }
  [[nodiscard]] bool is_null(std::string_view field) const;  // there, and null

  // Any value as Json; missing = null.
  [[nodiscard]] Json json(std::string_view field) const;

  // An element of an array field as an object: REQUIRES that `element` came from array(field).
  [[nodiscard]] RowView element(std::string_view field, std::size_t index, simdjson::dom::element element) const;

  // "field "rating": expected a number, got a string" at this row's place.
  [[noreturn]] void fail(std::string_view field, std::string_view message) const;

 private:
  [[nodiscard]] std::pair<std::string, bool> id_text(std::string_view field) const;
  [[nodiscard]] simdjson::dom::element required(std::string_view field, std::string_view expected) const;
  [[nodiscard]] bool find(std::string_view field, simdjson::dom::element& element) const;

  simdjson::dom::object object_;
  const Place* place_;
  std::string path_;
};

// "a string", "a number", "null", ... for messages.
[[nodiscard]] std::string_view type_name(simdjson::dom::element element);
[[nodiscard]] Json to_json(simdjson::dom::element element);

// Id of an element (string or integer); nothing for other types.
[[nodiscard]] std::optional<std::pair<std::string, bool>> id_text_of(simdjson::dom::element element);

}  // namespace persona4rec
