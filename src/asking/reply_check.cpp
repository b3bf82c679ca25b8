#include "asking/reply_check.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "base/utf8.hpp"

namespace persona4rec {
namespace {

constexpr std::size_t kMaxProblems = 5;     // more would only lengthen the repair prompt
constexpr std::size_t kMaxCandidates = 64;  // bounds the work on replies that are all braces

std::string type_of(const Json& value) {
  if (value.is_null()) return "null";
  if (value.is_boolean()) return "a boolean";
  if (value.is_number_integer()) return "an integer";
  if (value.is_number()) return "a number";
  if (value.is_string()) return "a string";
  return value.is_array() ? "an array" : "an object";
}

std::string with_article(const std::string& type) {
  if (type == "null") return type;
  return (type == "integer" || type == "array" || type == "object" ? "an " : "a ") + type;
}

bool is_type(const Json& value, const std::string& type) {
  if (type == "null") return value.is_null();
  if (type == "boolean") return value.is_boolean();
  if (type == "string") return value.is_string();
  if (type == "number") return value.is_number();
  if (type == "array") return value.is_array();
  if (type == "object") return value.is_object();
  // JSON Schema: 3.0 is an integer.
  if (value.is_number_float()) return value.get<double>() == std::floor(value.get<double>());
  return value.is_number_integer();
}

// Collects the problems of one answer.
class Checker {
 public:
  void check(const Json& value, const Json& schema, const std::string& path) {
    if (problems_.size() >= kMaxProblems || !schema.is_object()) return;
    if (!check_type(value, schema, path) || !check_enum(value, schema, path)) return;
    if (value.is_string()) check_string(value, schema, path);
    if (value.is_array()) check_array(value, schema, path);
    if (value.is_object()) check_object(value, schema, path);
  }

  [[nodiscard]] std::string text() const {
    std::string joined;
    for (const auto& problem : problems_) joined += (joined.empty() ? "" : "; ") + problem;
    return joined;
  }

 private:
  void add(const std::string& path, const std::string& problem) {
    problems_.push_back((path.empty() ? "the answer" : path) + ": " + problem);
  }

  bool check_type(const Json& value, const Json& schema, const std::string& path) {
    const auto type = schema.find("type");
    if (type == schema.end()) return true;
    std::string expected;
    const auto fits = [&](const Json& each) {
      const auto& name = each.get_ref<const std::string&>();
      expected += (expected.empty() ? "" : " or ") + with_article(name);
      return is_type(value, name);
    };
    if (type->is_array() ? std::any_of(type->begin(), type->end(), fits) : fits(*type)) return true;
    add(path, "expected " + expected + ", got " + type_of(value));
    return false;
  }

  bool check_enum(const Json& value, const Json& schema, const std::string& path) {
    const auto allowed = schema.find("enum");
    if (allowed == schema.end() || std::find(allowed->begin(), allowed->end(), value) != allowed->end()) return true;
    const auto got = value.dump(-1, ' ', false, Json::error_handler_t::replace);
    add(path, "expected one of " + allowed->dump() + ", got " + std::string(cut_utf8(got, 80)));
    return false;
  }

  void check_string(const Json& value, const Json& schema, const std::string& path) {
    check_size(count_code_points(value.get_ref<const std::string&>()), schema, {"minLength", "maxLength", "characters"},
               path);
  }

  void check_array(const Json& value, const Json& schema, const std::string& path) {
    check_size(value.size(), schema, {"minItems", "maxItems", "elements"}, path);
    const auto items = schema.find("items");
    if (items == schema.end()) return;
    for (std::size_t i = 0; i < value.size(); ++i) check(value[i], *items, path + "[" + std::to_string(i) + "]");
  }

  void check_object(const Json& value, const Json& schema, const std::string& path) {
    if (const auto required = schema.find("required"); required != schema.end())
      for (const auto& name : *required)
        if (!value.contains(name)) add(join(path, name.get_ref<const std::string&>()), "is missing");
    const auto properties = schema.find("properties");
    const auto more = schema.find("additionalProperties");
    const bool open = more == schema.end() || *more != Json(false);
    for (const auto& [key, member] : value.items()) {
      const bool known = properties != schema.end() && properties->contains(key);
      if (known) check(member, (*properties)[key], join(path, key));
      if (!known && !open) add(join(path, std::string(cut_utf8(key, 80))), "is no field of the answer");
    }
  }

  struct SizeRule {
    const char* min_key;
    const char* max_key;
    const char* unit;
  };

  void check_size(std::size_t size, const Json& schema, const SizeRule& rule, const std::string& path) {
    const auto say = [&](const char* bound, const Json& limit) {
      add(path,
          std::string("expected ") + bound + " " + limit.dump() + " " + rule.unit + ", got " + std::to_string(size));
    };
    const auto least = schema.find(rule.min_key);
    const auto most = schema.find(rule.max_key);
    if (least != schema.end() && size < least->get<std::size_t>()) say("at least", *least);
    if (most != schema.end() && size > most->get<std::size_t>()) say("at most", *most);
  }

  static std::string join(const std::string& path, const std::string& key) {
    return path.empty() ? key : path + "." + key;
  }

  std::vector<std::string> problems_;
};

std::optional<Json> parse(std::string_view text, std::string& problem) {
  try {
    return Json::parse(text);
  } catch (const Json::parse_error& error) {
    // "[json.exception.parse_error.101] parse error at line 1, ...": the tag helps nobody.
    const std::string_view what = error.what();
    problem = "the reply is not JSON: " + std::string(what.substr(std::min(what.find("] ") + 2, what.size())));
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

std::string_view without_reasoning(std::string_view reply) {
  const auto end = reply.rfind("</think>");
  return trim(end == std::string_view::npos ? reply : reply.substr(end + 8));
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

}  // namespace

std::string check_schema(const Json& answer, const Json& schema) {
  Checker checker;
  checker.check(answer, schema, "");
  return checker.text();
}

std::optional<Json> recover_json(std::string_view reply, const Json& schema, std::string& problem) {
  const auto text = without_reasoning(reply);
  if (text.empty()) {
    problem = "the reply is empty";
    return std::nullopt;
  }
  if (auto whole = parse(text, problem)) return whole;
  auto values = embedded_values(text);
  for (auto& value : values)
    if (check_schema(value, schema).empty()) return std::move(value);
  // What lies inside an answer that was cut off is not the answer.
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
  problem = check_answer(*answer, request);
  return problem.empty() ? std::move(answer) : std::nullopt;
}

}  // namespace persona4rec
