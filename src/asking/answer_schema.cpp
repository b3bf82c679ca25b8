#include "asking/answer_schema.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "base/utf8.hpp"
#include "persona4rec/error.hpp"

namespace persona4rec {
namespace {

constexpr std::size_t kMaxProblems = 5;  // more would only lengthen the repair prompt
constexpr std::size_t kShortEnum = 16;   // is searched as it stands
constexpr std::size_t kShownValues = 1000;

[[noreturn]] void fail_schema(const std::string& source, const std::string& at, const std::string& message) {
  throw usage_error(source + ": at \"" + at + "\": " + message);
}

bool is_type_name(const Json& value) {
  static constexpr std::array<std::string_view, 7> kTypes{"null",    "boolean", "string", "number",
                                                          "integer", "array",   "object"};
  return value.is_string() &&
         std::find(kTypes.begin(), kTypes.end(), value.get_ref<const std::string&>()) != kTypes.end();
}

bool is_string(const Json& value) {
  return value.is_string();
}

bool is_size(const Json& value) {
  return value.is_number_unsigned();
}

// A list of these, or with `one` a single one too.
bool are(const Json& value, bool (*fits)(const Json&), bool one) {
  return value.is_array() ? !value.empty() && std::all_of(value.begin(), value.end(), fits) : one && fits(value);
}

// Each keyword's value is of the kind that everything behind relies on.
void check_keyword(const std::string& key, const Json& value, const std::string& source, const std::string& at) {
  const auto expect = [&](bool holds, const char* what) {
    if (!holds) fail_schema(source, at, "\"" + key + "\": expected " + what);
  };
  if (key == "type") expect(are(value, is_type_name, true), "a type of JSON schema, or a list of them");
  if (key == "enum") expect(value.is_array() && !value.empty(), "a list of values");
  if (key == "properties") expect(value.is_object(), "an object");
  if (key == "required") expect(value.is_array() && (value.empty() || are(value, is_string, false)), "a list of names");
  if (key == "additionalProperties") expect(value.is_boolean(), "true or false");
  if (key.starts_with("min") || key.starts_with("max")) expect(is_size(value), "a whole number of 0 or more");
  if (key == "pattern" || key == "description" || key == "title" || key == "$schema")
    expect(value.is_string(), "a string");
}

void check_portable(const Json& schema, const std::string& source, const std::string& at) {
  static constexpr std::array<std::string_view, 14> kKnown{
      "type",        "enum",     "properties", "required",  "additionalProperties",
      "items",       "minItems", "maxItems",   "minLength", "maxLength",
      "description", "title",    "$schema",    "pattern"};
  if (!schema.is_object()) fail_schema(source, at, "expected an object");
  for (const auto& [key, value] : schema.items()) {
    if (std::find(kKnown.begin(), kKnown.end(), key) == kKnown.end()) {
      fail_schema(source, at, "\"" + key + "\" is outside the portable subset of JSON schema");
    }
    check_keyword(key, value, source, at);
  }
  if (!schema.contains("type") && !schema.contains("enum")) fail_schema(source, at, "expected a type");
  if (schema.contains("items")) check_portable(schema["items"], source, at + "[]");
  if (!schema.contains("properties")) return;
  if (schema.value("additionalProperties", Json(true)) != Json(false)) {
    fail_schema(source, at, "expected additionalProperties false");
  }
  const Json required = schema.value("required", Json::array());
  for (const auto& [key, value] : schema["properties"].items()) {
    if (std::find(required.begin(), required.end(), Json(key)) == required.end()) {
      fail_schema(source, at, "the property \"" + key + "\" must be in required (allow null instead)");
    }
    check_portable(value, source, std::string(at).append(".").append(key));
  }
}

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

// The values of an enum, the first of a long one alone.
std::string enum_text(const Json& allowed) {
  if (allowed.size() <= kShownValues) return allowed.dump();
  const Json first(Json::array_t(allowed.begin(), allowed.begin() + static_cast<std::ptrdiff_t>(kShownValues)));
  return first.dump() + " and " + std::to_string(allowed.size() - kShownValues) + " more";
}

// Collects the problems of one answer. REQUIRES: the schema outlives the object.
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
    const auto fits = [&](const Json& each) { return is_type(value, each.get_ref<const std::string&>()); };
    if (type->is_array() ? std::any_of(type->begin(), type->end(), fits) : fits(*type)) return true;
    std::string expected;
    const auto expect = [&](const Json& each) {
      expected += (expected.empty() ? "" : " or ") + with_article(each.get_ref<const std::string&>());
    };
    if (type->is_array()) {
      std::ranges::for_each(*type, expect);
    } else {
      expect(*type);
    }
    add(path, "expected " + expected + ", got " + type_of(value));
    return false;
  }

  bool check_enum(const Json& value, const Json& schema, const std::string& path) {
    const auto allowed = schema.find("enum");
    if (allowed == schema.end() || is_allowed(value, *allowed)) return true;
    const auto got = value.dump(-1, ' ', false, Json::error_handler_t::replace);
    add(path, "expected one of " + enum_text(*allowed) + ", got " + std::string(cut_utf8(got, 80)));
    return false;
  }

  // Each value is looked up at once, however many are allowed: an item may have 170,000 reviews.
  bool is_allowed(const Json& value, const Json& allowed) {
    if (allowed.size() <= kShortEnum || !value.is_string())
      return std::find(allowed.begin(), allowed.end(), value) != allowed.end();
    const auto [known, is_new] = strings_of_.try_emplace(&allowed);
    for (const auto& each : allowed) {
      if (!is_new) break;
      if (each.is_string()) known->second.insert(each.get_ref<const std::string&>());
    }
    return known->second.contains(value.get_ref<const std::string&>());
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
  std::unordered_map<const Json*, std::unordered_set<std::string_view>> strings_of_;  // by enum
};

}  // namespace

void check_answer_schema(const Json& schema, const std::string& source) {
  check_portable(schema, source, "$");
}

std::string check_schema(const Json& answer, const Json& schema) {
  Checker checker;
  checker.check(answer, schema, "");
  return checker.text();
}

}  // namespace persona4rec
