#include "io/json_file.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>

namespace persona4rec {
namespace {

constexpr std::uintmax_t kMaxFileBytes = std::uintmax_t{1} << 30U;

std::string_view expected_text(JsonKind kind) {
  switch (kind) {
    case JsonKind::kText:
      return "a string";
    case JsonKind::kCount:
      return "an integer >= 0";
    case JsonKind::kNumber:
      return "a number";
    case JsonKind::kFlag:
      return "true or false";
    case JsonKind::kObject:
      return "an object";
    case JsonKind::kTexts:
      return "an object of strings";
    case JsonKind::kTextArrays:
      return "an object of arrays of strings";
  }
  return "";
}

bool all_texts(const Json& value) {
  for (const auto& element : value) {
    if (!element.is_string()) return false;
  }
  return true;
}

bool is_of(const Json& value, JsonKind kind) {
  switch (kind) {
    case JsonKind::kText:
      return value.is_string();
    case JsonKind::kCount:
      return value.is_number_unsigned();
    case JsonKind::kNumber:
      return value.is_number();
    case JsonKind::kFlag:
      return value.is_boolean();
    case JsonKind::kObject:
      return value.is_object();
    case JsonKind::kTexts:
      return value.is_object() && all_texts(value);
    case JsonKind::kTextArrays:
      break;
  }
  if (!value.is_object()) return false;
  for (const auto& element : value) {
    if (!element.is_array() || !all_texts(element)) return false;
  }
  return true;
}

// The value at "options.build"; null when there is none, the objects on the way being objects.
const Json* find_path(const Json& object, std::string_view path) {
  const Json* at = &object;
  while (!path.empty()) {
    const auto dot = path.find('.');
    if (!at->is_object()) return nullptr;
    const auto found = at->find(std::string(path.substr(0, dot)));
    if (found == at->end()) return nullptr;
    at = &*found;
    path = dot == std::string_view::npos ? std::string_view() : path.substr(dot + 1);
  }
  return at;
}

std::string excerpt_of(const Json& value) {
  if (value.is_structured()) return value.is_object() ? "an object" : "an array";
  const std::string text = value.dump(-1, ' ', false, Json::error_handler_t::replace);
  return text.size() > 40 ? std::string("a long ") + value.type_name() : text;
}

}  // namespace

bool is_too_deep(std::string_view text) {
  std::size_t depth = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\') ++i;
      if (c == '"') in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '{' || c == '[') {
      if (++depth > kMaxJsonDepth) return true;
    } else if ((c == '}' || c == ']') && depth > 0) {
      --depth;
    }
  }
  return false;
}

template <class Value>
Value parse_json(std::string_view text, const Place& place) {
  if (is_too_deep(text)) {
    throw input_error(place, "JSON nested more than " + std::to_string(kMaxJsonDepth) + " levels deep");
  }
  try {
    return Value::parse(text);
  } catch (const typename Value::parse_error& error) {
    throw input_error(place, "expected one JSON object, got broken JSON (at byte " + std::to_string(error.byte) + ")");
  } catch (const typename Value::out_of_range&) {
    throw input_error(place, "holds a number beyond what a double can be");
  }
}

template Json parse_json<Json>(std::string_view, const Place&);
template nlohmann::json parse_json<nlohmann::json>(std::string_view, const Place&);

Json parse_json_or_discarded(std::string_view text) {
  return is_too_deep(text) ? Json(Json::value_t::discarded) : Json::parse(text, nullptr, false);
}

std::string read_text_file(const std::filesystem::path& path) {
  const Place place{.file = path.string()};
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) throw input_error(place, "is a directory, expected a file");
  std::ifstream in(path, std::ios::binary);
  if (!in) throw input_error(place, std::string("cannot be opened: ") + std::strerror(errno));
  std::string text;
  std::array<char, 1U << 16U> chunk{};
  while (in.read(chunk.data(), chunk.size()), in.gcount() > 0) {
    text.append(chunk.data(), static_cast<std::size_t>(in.gcount()));
    if (text.size() > kMaxFileBytes) throw input_error(place, "is larger than 1 GiB, expected a small file");
  }
  if (in.bad()) throw input_error(place, std::string("cannot be read: ") + std::strerror(errno));
  return text;
}

Json read_json_file(const std::filesystem::path& path) {
  const Place place{.file = path.string()};
  Json value = parse_json(read_text_file(path), place);
  if (!value.is_object()) throw input_error(place, "expected one JSON object");
  return value;
}

void check_fields(const Json& object, const Place& file, std::span<const JsonField> fields) {
  for (const auto& field : fields) {
    const Json* value = find_path(object, field.name);
    if (value == nullptr || is_of(*value, field.kind)) continue;
    throw input_error({.file = file.file, .line = file.line, .field = std::string(field.name)},
                      "expected " + std::string(expected_text(field.kind)) + ", got " + excerpt_of(*value));
  }
}

std::string string_at(const Json& object, std::string_view field) {
  if (!object.is_object()) return {};
  const auto found = object.find(std::string(field));
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

}  // namespace persona4rec
