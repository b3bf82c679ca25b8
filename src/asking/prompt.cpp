#include "asking/prompt.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <sstream>
#include <utility>

#include "base/hash.hpp"
#include "base/utf8.hpp"
#include "persona4rec/error.hpp"

namespace persona4rec {
namespace {

std::string read_text(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::stringstream text;
  if (!in || !(text << in.rdbuf())) throw usage_error(path.string() + ": the prompt file cannot be read");
  if (find_bad_utf8(text.str())) throw usage_error(path.string() + ": the prompt file is not UTF-8");
  return text.str();
}

// {system part, user part}
std::pair<std::string, std::string> split_parts(const std::string& text, const std::string& source) {
  constexpr std::string_view kSystem = "[system]\n";
  constexpr std::string_view kUser = "\n[user]\n";
  const auto user = text.find(kUser);
  if (!text.starts_with(kSystem) || user == std::string::npos) {
    throw usage_error(source + ": expected a part that begins with the line [system], then one with the line [user]");
  }
  return {std::string(trim(std::string_view(text).substr(kSystem.size(), user - kSystem.size()))),
          std::string(trim(std::string_view(text).substr(user + kUser.size())))};
}

[[noreturn]] void fail_schema(const std::string& source, const std::string& at, const std::string& message) {
  throw usage_error(source + ": at \"" + at + "\": " + message);
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
    check_portable(value, source, at + "." + key);
  }
}

}  // namespace

Prompt Prompt::load(const std::filesystem::path& folder, const std::string& stage) {
  const auto text_path = folder / (stage + ".txt");
  const auto schema_path = folder / (stage + ".schema.json");
  const std::string text = read_text(text_path);
  const std::string schema = read_text(schema_path);
  Prompt prompt;
  prompt.stage_ = stage;
  const auto [system, user] = split_parts(text, text_path.string());
  prompt.system_ = TextTemplate::parse(system, text_path.string());
  prompt.user_ = TextTemplate::parse(user, text_path.string());
  Json parsed = Json::parse(schema, nullptr, false);
  if (parsed.is_discarded()) throw usage_error(schema_path.string() + ": not JSON");
  check_portable(parsed, schema_path.string(), "$");
  prompt.schema_ = std::make_shared<const Json>(std::move(parsed));
  prompt.fingerprint_ = sha256_hex(sha256_hex(text) + sha256_hex(schema));
  return prompt;
}

ChatRequest Prompt::request(Json facts, std::string label, const Sampling& sampling,
                            std::shared_ptr<const Json> schema) const {
  ChatRequest request;
  request.stage = stage_;
  request.label = std::move(label);
  request.system = system_.render(facts);
  request.user = user_.render(facts);
  request.schema = schema ? std::move(schema) : schema_;
  request.sampling = sampling;
  request.facts = std::move(facts);
  return request;
}

}  // namespace persona4rec
