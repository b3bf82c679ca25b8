#include "encoder/tokenizer/tokenizer_json.hpp"

#include <limits>

#include "encoder/tokenizer/code_points.hpp"

namespace persona4rec {

std::int32_t read_token_id(const ModelJson& json, std::string_view field) {
  const std::size_t id = json.count(field);
  if (id > static_cast<std::size_t>(std::numeric_limits<std::int32_t>::max()))
    json.fail(field, "too large for a token id");
  return static_cast<std::int32_t>(id);
}

AddedToken read_added_token(const ModelJson& entry, std::int32_t id) {
  return {.content = to_code_points(entry.text("content")),
          .id = id,
          .single_word = entry.flag_or("single_word", false),
          .strip_left = entry.flag_or("lstrip", false),
          .strip_right = entry.flag_or("rstrip", false),
          .normalized = entry.flag_or("normalized", false)};
}

std::vector<AddedToken> read_added_tokens(const ModelJson& tokenizer) {
  std::vector<AddedToken> tokens;
  if (!tokenizer.has("added_tokens")) return tokens;
  for (const auto& value : tokenizer.array("added_tokens")) {
    const ModelJson entry(tokenizer, value, "added_tokens");
    tokens.push_back(read_added_token(entry, read_token_id(entry, "id")));
  }
  return tokens;
}

SurroundingTokens read_surrounding_tokens(const ModelJson& tokenizer, const SurroundingTokens& otherwise) {
  if (!tokenizer.has("post_processor")) return otherwise;
  const ModelJson json = tokenizer.object("post_processor");
  const auto unsupported = [&] { json.fail("single", "expected one special token, the text, one special token"); };
  if (json.text("type") == "BertProcessing" || json.text("type") == "RobertaProcessing") {
    const ModelJson::Value& first = json.array("cls");
    const ModelJson::Value& last = json.array("sep");
    if (first.empty() || !first[0].is_string() || last.empty() || !last[0].is_string()) unsupported();
    return {first[0].get<std::string>(), last[0].get<std::string>()};
  }
  const ModelJson::Value& parts = json.array("single");
  const auto special = [&](std::size_t i) {
    const ModelJson part(json, parts[i], "post_processor.single");
    return part.object("SpecialToken").text("id");
  };
  if (parts.size() != 3 || !parts[1].contains("Sequence")) unsupported();
  return {special(0), special(2)};
}

}  // namespace persona4rec
