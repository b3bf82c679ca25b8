#include "llm/http/server_error.hpp"

#include <algorithm>
#include <cstdint>

#include "base/utf8.hpp"
#include "io/json_file.hpp"

namespace persona4rec {
namespace {

constexpr std::size_t kMessageBytes = 400;

std::string field_dump(const Json& value) {
  return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

// One line, no control characters, short.
std::string one_line(std::string_view text) {
  std::string line;
  for (const char c : text) {
    const bool space = static_cast<unsigned char>(c) <= 0x20 || c == 0x7F;
    if (!space) line += c;
    if (space && !line.empty() && line.back() != ' ') line += ' ';
  }
  const auto cut = cut_utf8(trim(line), kMessageBytes);
  return find_bad_utf8(cut) ? "(not text)" : std::string(cut);
}

std::string without_tags(std::string_view html) {
  std::string text;
  bool in_tag = false;
  for (const char c : html) {
    if (c == '<') in_tag = true;
    if (!in_tag) text += c;
    if (c == '>') {
      in_tag = false;
      text += ' ';
    }
  }
  return text;
}

// vLLM and llama.cpp repeat the HTTP status as the code; OpenRouter says it there alone.
int status_in(const Json& object) {
  if (!object.is_object() || !object.contains("code") || !object["code"].is_number_integer()) return 0;
  const auto code = object["code"].get<std::int64_t>();
  return code >= 400 && code < 600 ? static_cast<int>(code) : 0;
}

}  // namespace

bool ServerError::mentions(std::initializer_list<const char*> words) const {
  const std::string text = lower_utf8(message + " " + code + " " + type);
  return std::any_of(words.begin(), words.end(),
                     [&](const char* word) { return text.find(word) != std::string::npos; });
}

bool ServerError::has_code(std::initializer_list<const char*> codes) const {
  return std::any_of(codes.begin(), codes.end(), [&](const char* each) { return code == each || type == each; });
}

ServerError read_error(const Json& body) {
  if (body.is_array() && !body.empty()) return read_error(body.front());  // Gemini
  ServerError error;
  const auto find = [](const Json& object, const char* key) {
    return object.is_object() && object.contains(key) ? &object[key] : nullptr;
  };
  const Json* inner = find(body, "error");
  const Json& object = inner != nullptr && inner->is_object() ? *inner : body;
  if (inner != nullptr && inner->is_string()) error.message = inner->get<std::string>();
  for (const char* key : {"message", "detail", "msg"}) {
    const Json* value = find(object, key);
    if (value != nullptr && error.message.empty())
      error.message = value->is_string() ? value->get<std::string>() : field_dump(*value);
  }
  const auto text = [&](const char* key) {
    const Json* value = find(object, key);
    return value != nullptr && value->is_string() ? one_line(value->get<std::string>()) : std::string();
  };
  error.code = text("code");
  error.type = text("type");
  if (error.code.empty()) error.code = error.type;
  error.status = status_in(object);
  if (error.message.empty()) error.message = field_dump(body);
  error.message = one_line(error.message);
  return error;
}

ServerError parse_error(std::string_view body) {
  const Json parsed = parse_json_or_discarded(body);
  if (parsed.is_structured()) return read_error(parsed);
  const auto text = trim(body);
  std::string line = one_line(text.starts_with('<') ? without_tags(text) : std::string(text));
  if (line.empty()) line = "(an empty reply)";
  return {.message = line, .code = {}};
}

}  // namespace persona4rec
