#include "io/lists/user_map.hpp"

#include <utility>

#include "records/row_view.hpp"

namespace persona4rec {

UserMap::UserMap(LineSource source, std::uint64_t max_bad_rows)
    : elements_(std::move(source)), place_{.file = elements_.source().name()}, max_bad_rows_(max_bad_rows) {}

bool UserMap::next(CandidateRow& list) {
  while (elements_.next()) {
    place_.line = elements_.line();
    try {
      read(list);
      ++rows_;
      return true;
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::kInput || bad_rows_ >= max_bad_rows_) throw;
      ++bad_rows_;
    }
  }
  place_.line = 0;
  if (rows_ + bad_rows_ == 0) throw input_error(place_, "expected lists, got an empty object");
  if (sha256_.empty()) sha256_ = elements_.source().sha256();
  return false;
}

simdjson::dom::element UserMap::parse(std::string& json) {
  json.reserve(json.size() + simdjson::SIMDJSON_PADDING);
  simdjson::dom::element element;
  if (const auto code = parser_.parse(json.data(), json.size(), false).get(element); code != simdjson::SUCCESS)
    throw input_error(place_, "expected JSON, got broken JSON (" + std::string(simdjson::error_message(code)) + ")");
  return element;
}

void UserMap::read(CandidateRow& list) {
  std::string key = elements_.key();
  list = {.user_id = UserId(std::string(parse(key).get_string().value_unsafe()))};
  if (list.user_id.empty()) throw input_error(place_, "expected a user's id, got an empty key");
  place_.field = list.user_id.text();
  const auto value = parse(elements_.text());
  if (value.is_object()) {
    const simdjson::dom::object items = value.get_object().value_unsafe();
    for (const auto item : items)
      list.results.push_back({.item_id = ItemId(std::string(item.key)), .score = score(item.value)});
  } else if (value.is_array()) {
    const simdjson::dom::array items = value.get_array().value_unsafe();
    for (const auto item : items) list.results.push_back(candidate(item));
  } else {
    throw input_error(place_, "expected {item: score, ..} or [item, ..], got " + std::string(type_name(value)));
  }
  place_.field.clear();
}

Candidate UserMap::candidate(simdjson::dom::element element) const {
  std::optional<double> own_score;
  if (element.is_array() && element.get_array().value_unsafe().size() == 2) {
    const auto pair = element.get_array().value_unsafe();
    own_score = score(pair.at(1).value_unsafe());
    element = pair.at(0).value_unsafe();
  }
  auto id = id_text_of(element);
  if (!id) throw input_error(place_, "expected an item or [item, score], got " + std::string(type_name(element)));
  return {.item_id = ItemId(std::move(id->first), id->second), .score = own_score};
}

double UserMap::score(simdjson::dom::element element) const {
  double value = 0;
  if (element.get(value) != simdjson::SUCCESS)
    throw input_error(place_, "expected a number as score, got " + std::string(type_name(element)));
  return value;
}

}  // namespace persona4rec
