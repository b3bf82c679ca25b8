#include "encoder/tokenizer/wordpiece_files.hpp"

#include <algorithm>
#include <utility>

#include "encoder/model_folder/model_json.hpp"
#include "encoder/tokenizer/code_points.hpp"
#include "encoder/tokenizer/tokenizer_json.hpp"
#include "persona4rec/error.hpp"

namespace persona4rec {
namespace {

namespace fs = std::filesystem;

void expect_type(const ModelJson& json, std::string_view part, std::string_view expected) {
  const std::string type = json.object(part).text("type");
  if (type == expected) return;
  json.fail(part, "expected " + std::string(expected) + " beside a WordPiece model, got " + type);
}

constexpr std::size_t kMaxVocabularyBytes = 16U << 20U;
constexpr std::size_t kMaxWordLength = 1000;  // tokenizers' own default is 100; the work grows with its square

// The tokenizer's class in transformers: tokenizer_config.json's, else config.json's, else that of the model's type.
std::string tokenizer_class(const fs::path& folder) {
  for (const char* file : {"tokenizer_config.json", "config.json"}) {
    if (!fs::exists(folder / file)) continue;
    const ModelJson json(folder / file);
    if (json.has("tokenizer_class")) return json.text("tokenizer_class");
  }
  return "BertTokenizer";
}

// BERT's classes (Bert, BertFast, DistilBert, Electra, ...) take casing, accents and ideographs from
// tokenizer_config.json, or have their own defaults, whatever tokenizer.json says: transformers 4 and 5 alike. Other
// classes take tokenizer.json's.
bool is_bert_class(const std::string& name) {
  return name.find("Bert") != std::string::npos || name.starts_with("Electra");
}

BertNormalizerOptions configured_normalizer(const fs::path& folder) {
  BertNormalizerOptions options;
  const fs::path path = folder / "tokenizer_config.json";
  if (fs::exists(path)) {
    const ModelJson config(path);
    options.lowercase = config.flag_or("do_lower_case", true);
    options.handle_chinese_chars = config.flag_or("tokenize_chinese_chars", true);
    options.strip_accents = config.flag_or("strip_accents", options.lowercase);
  }
  return options;
}

BertNormalizerOptions read_bert_normalizer(const fs::path& folder, const ModelJson& tokenizer) {
  expect_type(tokenizer, "normalizer", "BertNormalizer");
  const ModelJson json = tokenizer.object("normalizer");
  BertNormalizerOptions options;
  if (is_bert_class(tokenizer_class(folder))) {
    options = configured_normalizer(folder);
  } else {
    options.lowercase = json.flag_or("lowercase", true);
    options.handle_chinese_chars = json.flag_or("handle_chinese_chars", true);
    options.strip_accents = json.flag_or("strip_accents", options.lowercase);
  }
  options.clean_text = json.flag_or("clean_text", true);
  return options;
}

// Id of a token in the vocabulary; an error where it is not in it.
std::int32_t word_id(const WordPieceSpec& spec, const std::string& token, const fs::path& path) {
  const auto found = std::ranges::find(spec.vocabulary, token, &std::pair<std::string, std::int32_t>::first);
  if (found == spec.vocabulary.end()) {
    throw input_error({.file = path.string()}, "the vocabulary has no token \"" + token + "\"");
  }
  return found->second;
}

std::size_t read_max_word_length(const ModelJson& model) {
  const std::size_t length = model.count_or("max_input_chars_per_word", 100);
  if (length > 0 && length <= kMaxWordLength) return length;
  model.fail("max_input_chars_per_word",
             "expected an integer in 1 .. " + std::to_string(kMaxWordLength) + ", got " + std::to_string(length));
}

void read_vocabulary(const ModelJson& model, WordPieceSpec& spec) {
  const ModelJson vocabulary = model.object("vocab");
  for (const auto& [token, id] : vocabulary.value().items())
    spec.vocabulary.emplace_back(token, read_token_id(vocabulary, token));
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

std::vector<std::pair<std::string, std::int32_t>> read_vocabulary_lines(const fs::path& path) {
  const std::string text = read_model_text(path);
  if (text.size() > kMaxVocabularyBytes) {
    throw input_error({.file = path.string()}, "expected at most " + std::to_string(kMaxVocabularyBytes) +
                                                   " bytes, got " + std::to_string(text.size()));
  }
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
                     .max_word_length = read_max_word_length(model),
                     .normalizer = read_bert_normalizer(folder, tokenizer)};
  read_vocabulary(model, spec);
  const auto [first, last] = read_surrounding_tokens(tokenizer, {"[CLS]", "[SEP]"});
  spec.unknown = word_id(spec, model.text_or("unk_token", "[UNK]"), tokenizer.path());
  spec.frame.first = word_id(spec, first, tokenizer.path());
  spec.frame.last = word_id(spec, last, tokenizer.path());
  spec.added = read_added_tokens(tokenizer);
  add_configured_tokens(folder, spec.added);
  return spec;
}

WordPieceSpec read_wordpiece_vocabulary(const fs::path& folder) {
  const fs::path path = folder / "vocab.txt";
  WordPieceSpec spec{.vocabulary = read_vocabulary_lines(path)};
  spec.normalizer = configured_normalizer(folder);
  spec.unknown = word_id(spec, special_token(folder, "unk_token", "[UNK]"), path);
  spec.frame.first = word_id(spec, special_token(folder, "cls_token", "[CLS]"), path);
  spec.frame.last = word_id(spec, special_token(folder, "sep_token", "[SEP]"), path);
  const std::pair<const char*, const char*> roles[] = {{"pad_token", "[PAD]"},
                                                       {"unk_token", "[UNK]"},
                                                       {"cls_token", "[CLS]"},
                                                       {"sep_token", "[SEP]"},
                                                       {"mask_token", "[MASK]"}};
  for (const auto& [role, name] : roles) {
    const std::string token = special_token(folder, role, name);
    const auto found = std::ranges::find(spec.vocabulary, token, &std::pair<std::string, std::int32_t>::first);
    if (found != spec.vocabulary.end()) spec.added.push_back({.content = to_code_points(token), .id = found->second});
  }
  add_configured_tokens(folder, spec.added);
  add_old_tokens(folder, spec.added);
  return spec;
}

}  // namespace persona4rec
