#include "asking/reply_check.hpp"

#include <algorithm>
#include <vector>

#include "asking/answer_schema.hpp"
#include "base/ascii.hpp"
#include "base/utf8.hpp"
#include "io/json_file.hpp"

namespace persona4rec {
namespace {

constexpr std::size_t kMaxCandidates = 64;  // bounds the work on replies that are all braces

std::optional<Json> parse(std::string_view text, std::string& problem) {
  if (is_too_deep(text)) {
    problem = "the reply is JSON nested too deeply";
    return std::nullopt;
  }
  try {
    return Json::parse(text);
  } catch (const Json::out_of_range&) {
    problem = "the reply holds a number beyond what a double can be";
    return std::nullopt;
  } catch (const Json::parse_error& error) {
    // "[json.exception.parse_error.101] parse error at line 1, ...": the tag helps nobody.
    const std::string_view what = error.what();
    problem = "the reply is not JSON: " + valid_utf8(what.substr(std::min(what.find("] ") + 2, what.size())));
    return std::nullopt;
  }
}

// One past the bracket that closes the one at `begin`, strings respected; npos when it is never closed.
std::size_t balanced_end(std::string_view text, std::size_t begin) {
  std::size_t depth = 0;
  bool in_string = false;
  for (std::size_t i = begin; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\') ++i;
      if (c == '"') in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '{' || c == '[') {
      ++depth;
    } else if ((c == '}' || c == ']') && --depth == 0) {
      return i + 1;
    }
  }
  return std::string_view::npos;
}

constexpr std::string_view kThinkEnd = "</think>";

// The reply's possible beginnings of an answer: all of it, and what follows each end of reasoning (an answer may speak
// of "</think>" itself).
std::vector<std::string_view> possible_answers(std::string_view reply) {
  std::vector<std::string_view> found{trim(reply)};
  for (auto at = reply.find(kThinkEnd); at != std::string_view::npos && found.size() < kMaxCandidates;
       at = reply.find(kThinkEnd, at + 1))
    found.push_back(trim(reply.substr(at + kThinkEnd.size())));
  return found;
}

// JSON objects and arrays embedded in other text.
std::vector<Json> embedded_values(std::string_view text) {
  std::vector<Json> found;
  std::string ignored;
  std::size_t at = 0;
  for (std::size_t tried = 0; tried < kMaxCandidates; ++tried) {
    at = text.find_first_of("{[", at);
    if (at == std::string_view::npos) break;
    const auto end = balanced_end(text, at);
    auto value = end == std::string_view::npos ? std::nullopt : parse(text.substr(at, end - at), ignored);
    at = value ? end : at + 1;
    if (value) found.push_back(*std::move(value));
  }
  return found;
}

bool takes_null(const Json& schema) {
  const auto type = schema.find("type");
  if (type == schema.end()) return false;
  if (const auto allowed = schema.find("enum"); allowed != schema.end())
    if (std::find(allowed->begin(), allowed->end(), Json()) == allowed->end()) return false;
  return type->is_array() ? std::find(type->begin(), type->end(), Json("null")) != type->end() : *type == "null";
}

bool says_null(const Json& value) {
  if (!value.is_string()) return false;
  const auto word = ascii_lower(trim(value.get_ref<const std::string&>()));
  return word == "null" || word == "none" || word == "n/a";
}

// Models write the word where the schema means the value.
void put_nulls(Json& value, const Json& schema) {
  if (!schema.is_object()) return;
  if (takes_null(schema) && says_null(value)) value = nullptr;
  if (value.is_array() && schema.contains("items"))
    for (auto& member : value) put_nulls(member, schema["items"]);
  const auto properties = schema.find("properties");
  if (!value.is_object() || properties == schema.end() || !properties->is_object()) return;
  for (auto& [key, member] : value.items())
    if (properties->contains(key)) put_nulls(member, (*properties)[key]);
}

}  // namespace

std::string_view without_reasoning(std::string_view reply) {
  const auto end = reply.rfind(kThinkEnd);
  if (end != std::string_view::npos) return trim(reply.substr(end + kThinkEnd.size()));
  reply = trim(reply);
  return reply.starts_with("<think>") ? std::string_view() : reply;
}

std::optional<Json> recover_json(std::string_view reply, const Json& schema, std::string& problem) {
  const auto possible = possible_answers(reply);
  if (possible.back().empty()) {
    problem = "the reply is empty";
    return std::nullopt;
  }
  for (const auto text : possible)
    if (auto whole = parse(text, problem)) return whole;
  auto values = embedded_values(possible.back());
  for (auto& value : values)
    if (check_schema(value, schema).empty()) return std::move(value);
  if (possible.size() > 2)  // the last end of reasoning may stand in the answer
    for (auto& value : embedded_values(possible[1]))
      if (check_schema(value, schema).empty()) return std::move(value);
  // What lies inside an answer that was cut off is not the answer.
  const auto text = possible.back();
  if (values.empty() || balanced_end(text, text.find_first_of("{[")) == std::string_view::npos) return std::nullopt;
  return std::move(values.front());
}

std::string check_answer(const Json& answer, const ChatRequest& request) {
  auto problem = check_schema(answer, *request.schema);
  if (problem.empty() && request.check) problem = request.check(answer);
  return problem;
}

std::optional<Json> check_reply(std::string_view reply, const ChatRequest& request, std::string& problem) {
  auto answer = recover_json(reply, *request.schema, problem);
  if (!answer) return std::nullopt;
  put_nulls(*answer, *request.schema);
  problem = check_answer(*answer, request);
  return problem.empty() ? std::move(answer) : std::nullopt;
}

}  // namespace persona4rec
