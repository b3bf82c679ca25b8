#include "encoder/tokenizer/tokenizer_json.hpp"

#include <algorithm>
#include <limits>

#include "encoder/tokenizer/code_points.hpp"

namespace persona4rec {
namespace {

namespace fs = std::filesystem;

// One entry of added_tokens or added_tokens_decoder; the defaults are those of tokenizers' AddedToken.
AddedToken read_added_token(const ModelJson& entry, std::int32_t id) {
  return {.content = to_code_points(entry.text("content")),
          .id = id,
          .single_word = entry.flag_or("single_word", false),
          .strip_left = entry.flag_or("lstrip", false),
          .strip_right = entry.flag_or("rstrip", false),
          .normalized = entry.flag_or("normalized", !entry.flag_or("special", false))};
}

std::int32_t id_of_key(const ModelJson& map, const std::string& key) {
  const bool is_id =
      !key.empty() && key.size() < 10 && std::ranges::all_of(key, [](char c) { return c >= '0' && c <= '9'; });
  if (!is_id) map.fail(key, "expected a token id");
  return std::stoi(key);
}

bool has_decoder(const fs::path& folder) {
  const fs::path path = folder / "tokenizer_config.json";
  return fs::exists(path) && ModelJson(path).has("added_tokens_decoder");
}

// Puts tokens to those that are there.
class TokenPatch {
 public:
  explicit TokenPatch(std::vector<AddedToken>& tokens) : tokens_(tokens) {
    std::int32_t next = 0;
    for (const auto& token : tokens) places_.try_emplace(token.content, next++);
  }
  [[nodiscard]] bool changed() const { return changed_; }
  // A token that is there keeps its id.
  void put(AddedToken token) {
    const auto [found, is_new] = places_.try_emplace(token.content, static_cast<std::int32_t>(tokens_.size()));
    if (is_new) {
      tokens_.push_back(std::move(token));
    } else {
      AddedToken& known = tokens_[static_cast<std::size_t>(found->second)];
      token.id = known.id;
      if (known == token) return;
      known = std::move(token);
    }
    changed_ = true;
  }
  [[nodiscard]] bool has(const std::u32string& content) const { return places_.contains(content); }

 private:
  std::vector<AddedToken>& tokens_;
  TokenIds places_;
  bool changed_ = false;
};

}  // namespace

std::int32_t read_token_id(const ModelJson& json, std::string_view field) {
  const std::size_t id = json.count(field);
  if (id > static_cast<std::size_t>(std::numeric_limits<std::int32_t>::max()))
    json.fail(field, "too large for a token id");
  return static_cast<std::int32_t>(id);
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

bool add_configured_tokens(const fs::path& folder, std::vector<AddedToken>& tokens) {
  if (!has_decoder(folder)) return false;
  const ModelJson map = ModelJson(folder / "tokenizer_config.json").object("added_tokens_decoder");
  TokenPatch patch(tokens);
  for (const auto& [key, entry] : map.value().items())
    patch.put(read_added_token(map.object(key), id_of_key(map, key)));
  return patch.changed();
}

void add_old_tokens(const fs::path& folder, std::vector<AddedToken>& tokens) {
  const fs::path path = folder / "added_tokens.json";
  if (has_decoder(folder) || !fs::exists(path)) return;
  const ModelJson map(path);
  TokenPatch patch(tokens);
  for (const auto& [content, id] : map.value().items()) {
    const std::u32string code_points = to_code_points(content);
    if (patch.has(code_points)) continue;  // a special token
    patch.put({.content = code_points, .id = read_token_id(map, content), .normalized = true});
  }
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
