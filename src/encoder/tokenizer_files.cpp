#include "encoder/tokenizer_files.hpp"

#include <algorithm>
#include <limits>
#include <optional>
#include <utility>

#include "base/utf8.hpp"
#include "encoder/model_json.hpp"
#include "persona4rec/error.hpp"

namespace persona4rec {
namespace {

namespace fs = std::filesystem;

std::u32string decode(std::string_view text) {
  std::u32string out;
  for (std::size_t i = 0; i < text.size();) out += next_code_point(text, i);
  return out;
}

std::int32_t id_of(const ModelJson& json, std::string_view field) {
  const std::size_t id = json.count(field);
  if (id > static_cast<std::size_t>(std::numeric_limits<std::int32_t>::max()))
    json.fail(field, "too large for a token id");
  return static_cast<std::int32_t>(id);
}

void expect_type(const ModelJson& json, std::string_view part, std::string_view expected) {
  const std::string type = json.object(part).text("type");
  if (type == expected) return;
  json.fail(part, "expected " + std::string(expected) + " beside a WordPiece model, got " + type);
}

AddedToken added_token(const ModelJson& entry, std::int32_t id) {
  return {.content = decode(entry.text("content")),
          .id = id,
          .single_word = entry.flag_or("single_word", false),
          .strip_left = entry.flag_or("lstrip", false),
          .strip_right = entry.flag_or("rstrip", false),
          .normalized = entry.flag_or("normalized", false)};
}

// Casing, accents and ideographs as tokenizer_config.json says, which overrules where its class is one of BERT's.
void apply_tokenizer_config(const fs::path& folder, std::optional<bool>& strip_accents,
                            BertNormalizerOptions& options) {
  const fs::path path = folder / "tokenizer_config.json";
  if (fs::exists(path) && ModelJson(path).text_or("tokenizer_class", "Bert").find("Bert") != std::string::npos) {
    const ModelJson config(path);
    options.lowercase = config.flag_or("do_lower_case", options.lowercase);
    options.handle_chinese_chars = config.flag_or("tokenize_chinese_chars", options.handle_chinese_chars);
    if (config.has("strip_accents")) strip_accents = config.flag_or("strip_accents", false);
  }
  options.strip_accents = strip_accents.value_or(options.lowercase);
}

BertNormalizerOptions read_normalizer(const fs::path& folder, const ModelJson& tokenizer) {
  expect_type(tokenizer, "normalizer", "BertNormalizer");
  const ModelJson json = tokenizer.object("normalizer");
  BertNormalizerOptions options{.clean_text = json.flag_or("clean_text", true),
                                .handle_chinese_chars = json.flag_or("handle_chinese_chars", true),
                                .lowercase = json.flag_or("lowercase", true)};
  std::optional<bool> strip_accents;
  if (json.has("strip_accents")) strip_accents = json.flag_or("strip_accents", false);
  apply_tokenizer_config(folder, strip_accents, options);
  return options;
}

// Id of a token in the vocabulary; an error where it is not in it.
std::int32_t find_id(const WordPieceSpec& spec, const std::string& token, const fs::path& path) {
  const auto found = std::ranges::find(spec.vocabulary, token, &std::pair<std::string, std::int32_t>::first);
  if (found == spec.vocabulary.end()) {
    throw input_error({.file = path.string()}, "the vocabulary has no token \"" + token + "\"");
  }
  return found->second;
}

// [CLS] and [SEP] around a text: TemplateProcessing spells them out, BertProcessing names both.
std::pair<std::string, std::string> surrounding_tokens(const ModelJson& tokenizer) {
  if (!tokenizer.has("post_processor")) return {"[CLS]", "[SEP]"};
  const ModelJson json = tokenizer.object("post_processor");
  const auto unsupported = [&] { json.fail("single", "expected one special token, the text, one special token"); };
  if (json.text("type") == "BertProcessing") {
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

void read_vocabulary(const ModelJson& model, WordPieceSpec& spec) {
  const ModelJson vocabulary = model.object("vocab");
  for (const auto& [token, id] : vocabulary.value().items())
    spec.vocabulary.emplace_back(token, id_of(vocabulary, token));
  if (spec.vocabulary.empty()) model.fail("vocab", "is empty");
}

// A special token by its role: tokenizer_config.json, else special_tokens_map.json, else BERT's own name for it.
std::string special_token(const fs::path& folder, std::string_view role, const std::string& otherwise) {
  for (const char* file : {"tokenizer_config.json", "special_tokens_map.json"}) {
    if (!fs::exists(folder / file)) continue;
    const ModelJson json(folder / file);
    if (!json.has(role)) continue;
    return json.value().find(role)->is_object() ? json.object(role).text("content") : json.text(role);
  }
  return otherwise;
}

// Words that were added to the vocabulary later; ids are the keys.
void read_added_tokens_decoder(const fs::path& folder, WordPieceSpec& spec) {
  const fs::path path = folder / "tokenizer_config.json";
  if (!fs::exists(path) || !ModelJson(path).has("added_tokens_decoder")) return;
  const ModelJson map = ModelJson(path).object("added_tokens_decoder");
  for (const auto& [key, entry] : map.value().items()) {
    const bool is_id =
        !key.empty() && key.size() < 10 && std::ranges::all_of(key, [](char c) { return c >= '0' && c <= '9'; });
    if (!is_id) map.fail(key, "expected a token id");
    const std::int32_t id = std::stoi(key);
    if (std::ranges::find(spec.added, id, &AddedToken::id) == spec.added.end()) {
      spec.added.push_back(added_token(map.object(key), id));
    }
  }
}

std::vector<std::pair<std::string, std::int32_t>> read_vocabulary_lines(const fs::path& path) {
  const std::string text = read_model_text(path);
  std::vector<std::pair<std::string, std::int32_t>> vocabulary;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    std::string token = text.substr(begin, end - begin);
    if (token.ends_with('\r')) token.pop_back();
    vocabulary.emplace_back(std::move(token), static_cast<std::int32_t>(vocabulary.size()));
    begin = end + 1;
  }
  if (vocabulary.empty()) throw input_error({.file = path.string()}, "is empty");
  return vocabulary;
}

}  // namespace

WordPieceSpec read_wordpiece_json(const fs::path& folder, const ModelJson& tokenizer) {
  const ModelJson model = tokenizer.object("model");
  expect_type(tokenizer, "pre_tokenizer", "BertPreTokenizer");
  WordPieceSpec spec{.continuation = model.text_or("continuing_subword_prefix", "##"),
                     .max_word_length = model.count_or("max_input_chars_per_word", 100),
                     .normalizer = read_normalizer(folder, tokenizer)};
  read_vocabulary(model, spec);
  const auto [first, last] = surrounding_tokens(tokenizer);
  spec.unknown = find_id(spec, model.text_or("unk_token", "[UNK]"), tokenizer.path());
  spec.first = find_id(spec, first, tokenizer.path());
  spec.last = find_id(spec, last, tokenizer.path());
  if (tokenizer.has("added_tokens")) {
    for (const auto& value : tokenizer.array("added_tokens")) {
      const ModelJson entry(tokenizer, value, "added_tokens");
      spec.added.push_back(added_token(entry, id_of(entry, "id")));
    }
  }
  return spec;
}

WordPieceSpec read_wordpiece_vocabulary(const fs::path& folder) {
  const fs::path path = folder / "vocab.txt";
  WordPieceSpec spec{.vocabulary = read_vocabulary_lines(path)};
  std::optional<bool> strip_accents;
  apply_tokenizer_config(folder, strip_accents, spec.normalizer);
  spec.unknown = find_id(spec, special_token(folder, "unk_token", "[UNK]"), path);
  spec.first = find_id(spec, special_token(folder, "cls_token", "[CLS]"), path);
  spec.last = find_id(spec, special_token(folder, "sep_token", "[SEP]"), path);
  const std::pair<const char*, const char*> roles[] = {{"pad_token", "[PAD]"},
                                                       {"unk_token", "[UNK]"},
                                                       {"cls_token", "[CLS]"},
                                                       {"sep_token", "[SEP]"},
                                                       {"mask_token", "[MASK]"}};
  for (const auto& [role, name] : roles) {
    const std::string token = special_token(folder, role, name);
    const auto found = std::ranges::find(spec.vocabulary, token, &std::pair<std::string, std::int32_t>::first);
    if (found != spec.vocabulary.end()) spec.added.push_back({.content = decode(token), .id = found->second});
  }
  read_added_tokens_decoder(folder, spec);
  return spec;
}

std::unique_ptr<Tokenizer> open_tokenizer(const fs::path& folder, bool lower_case) {
  WordPieceSpec spec;
  if (fs::exists(folder / "tokenizer.json")) {
    const ModelJson tokenizer(folder / "tokenizer.json");
    const std::string type = tokenizer.object("model").text("type");
    if (type != "WordPiece") tokenizer.fail("model.type", "expected WordPiece, got " + type);
    spec = read_wordpiece_json(folder, tokenizer);
  } else if (fs::exists(folder / "vocab.txt")) {
    spec = read_wordpiece_vocabulary(folder);
  } else {
    throw input_error({.file = folder.string()}, "no tokenizer: expected tokenizer.json or vocab.txt");
  }
  if (lower_case) spec.normalizer.lowercase = true;
  return std::make_unique<WordPiece>(std::move(spec));
}

}  // namespace persona4rec
