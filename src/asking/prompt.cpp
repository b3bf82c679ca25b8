#include "asking/prompt.hpp"

#include <cmath>
#include <fstream>
#include <sstream>
#include <utility>

#include "asking/answer_schema.hpp"
#include "base/hash.hpp"
#include "base/utf8.hpp"
#include "io/json_file.hpp"
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
  Json parsed = parse_json_or_discarded(schema);
  if (parsed.is_discarded()) throw usage_error(schema_path.string() + ": not JSON");
  check_answer_schema(parsed, schema_path.string());
  prompt.schema_ = std::make_shared<const Json>(std::move(parsed));
  prompt.fingerprint_ = sha256_hex(sha256_hex(text) + sha256_hex(schema));
  return prompt;
}

ChatRequest Prompt::request(Json facts, std::string label, const Sampling& sampling,
                            std::shared_ptr<const Json> schema) const {
  auto system = system_.render(facts);
  auto user = user_.render(facts);
  auto request = bare_request(std::move(facts), std::move(label), sampling, std::move(schema));
  request.system = std::move(system);
  request.user = std::move(user);
  return request;
}

ChatRequest Prompt::bare_request(Json facts, std::string label, const Sampling& sampling,
                                 std::shared_ptr<const Json> schema) const {
  ChatRequest request;
  request.stage = stage_;
  request.label = std::move(label);
  if (!schema) schema = schema_;
  request.schema = std::move(schema);
  request.sampling = sampling;
  request.facts = std::move(facts);
  return request;
}

void require_answer_fields(const Prompt& prompt, std::initializer_list<const char*> fields) {
  const Json properties = prompt.schema()->value("properties", Json::object());
  for (const auto* field : fields) {
    if (!properties.contains(field)) {
      throw usage_error(prompt.stage() + ".schema.json: the property \"" + field +
                        "\" is missing, which the stage reads");
    }
  }
}

Json stars(const Rating& rating) {
  if (rating.is_none()) return "unknown";
  const auto whole = std::round(rating.value);
  return whole == rating.value && std::abs(whole) < 1e15 ? Json(static_cast<std::int64_t>(whole)) : Json(rating.value);
}

}  // namespace persona4rec
