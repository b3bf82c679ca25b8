#include "encoder/model_folder/model_config.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>
#include <vector>

#include "encoder/model_folder/model_json.hpp"
#include "persona4rec/error.hpp"

namespace persona4rec {
namespace {

namespace fs = std::filesystem;

// Sizes beyond these are damage, not models; they keep later arithmetic far from overflow.
constexpr std::size_t kMaxSize = 1U << 24U;
constexpr std::size_t kMaxLayers = 1024;

// Defaults of BertConfig and XLMRobertaConfig (transformers 5.24, the same in 4.57).
constexpr std::size_t kVocabulary = 30522;
constexpr std::size_t kHidden = 768;
constexpr std::size_t kLayers = 12;
constexpr std::size_t kHeads = 12;
constexpr std::size_t kIntermediate = 3072;
constexpr std::size_t kPositions = 512;
constexpr std::size_t kTokenTypes = 2;
constexpr double kLayerNormEps = 1e-12;
constexpr std::size_t kBertPadding = 0;
constexpr std::size_t kXlmRobertaPadding = 1;
constexpr double kDropout = 0.1;

struct Module {
  std::string kind;  // "Transformer", "Pooling", "Normalize", "Router"
  fs::path folder;
};

// "sentence_transformers.base.modules.router.Router" -> "Router".
std::string last_part(const std::string& type) {
  return type.substr(type.rfind('.') + 1);
}

std::vector<Module> read_modules(const fs::path& folder) {
  const fs::path path = folder / "modules.json";
  if (!fs::exists(path)) return {};
  const ModelJson file(path, R"({"modules": )" + read_model_text(path) + "}");  // the file holds a bare array
  std::vector<Module> modules;
  for (const auto& value : file.array("modules")) {
    const ModelJson entry(file, value, "modules");
    const fs::path inside = entry.text("path");
    if (inside.is_absolute() || std::ranges::find(inside, fs::path("..")) != inside.end()) {
      entry.fail("path", "expected a folder inside the model folder, got \"" + inside.string() + "\"");
    }
    modules.push_back({last_part(entry.text("type")), inside.empty() ? folder : folder / inside});
  }
  return modules;
}

std::size_t size_in(const ModelJson& json, std::string_view field, std::size_t otherwise, std::size_t max = kMaxSize) {
  const std::size_t value = json.count_or(field, otherwise);
  if (value == 0 || value > max) {
    json.fail(field, "expected an integer in 1 .. " + std::to_string(max) + ", got " + std::to_string(value));
  }
  return value;
}

double layer_norm_eps_in(const ModelJson& config) {
  const double eps = config.number_or("layer_norm_eps", kLayerNormEps);
  if (!(eps >= 0 && eps < 1)) config.fail("layer_norm_eps", "expected a number in 0 .. 1");
  return eps;
}

double dropout_in(const ModelJson& config, std::string_view field) {
  const double probability = config.number_or(field, kDropout);
  if (!(probability >= 0 && probability < 1)) config.fail(field, "expected a number in 0 .. 1");
  return probability;
}

std::size_t padding_token_in(const ModelJson& config, ModelFamily family) {
  const std::size_t padding =
      config.count_or("pad_token_id", family == ModelFamily::kXlmRoberta ? kXlmRobertaPadding : kBertPadding);
  if (padding > kMaxSize) config.fail("pad_token_id", "expected a token id, got " + std::to_string(padding));
  return padding;
}

ModelFamily family_of(const ModelJson& config) {
  const std::string type = config.text("model_type");
  if (type == "bert") return ModelFamily::kBert;
  if (type == "xlm-roberta") return ModelFamily::kXlmRoberta;
  config.fail("model_type", "expected bert or xlm-roberta, got \"" + type + "\"");
}

Activation activation_of(const ModelJson& config) {
  const std::string name = config.text_or("hidden_act", "gelu");
  if (name == "gelu") return Activation::kGelu;
  if (name == "gelu_new" || name == "gelu_pytorch_tanh") return Activation::kGeluTanh;
  if (name == "relu") return Activation::kRelu;
  config.fail("hidden_act", "expected gelu, gelu_new, gelu_pytorch_tanh or relu, got \"" + name + "\"");
}

void refuse_other_models(const ModelJson& config, const ModelConfig& model) {
  if (model.hidden % model.heads != 0) config.fail("num_attention_heads", "does not divide hidden_size");
  if (model.first_position + 2 > model.positions) config.fail("max_position_embeddings", "leaves no room for a text");
  const std::string positions = config.text_or("position_embedding_type", "absolute");
  if (positions != "absolute") config.fail("position_embedding_type", "expected absolute, got \"" + positions + "\"");
  if (config.flag_or("is_decoder", false))
    config.fail("is_decoder", "expected false: texts are read in both directions");
}

void read_transformer(ModelConfig& model) {
  const ModelJson config(model.transformer / "config.json");
  model.family = family_of(config);
  model.hidden = size_in(config, "hidden_size", kHidden);
  model.layers = size_in(config, "num_hidden_layers", kLayers, kMaxLayers);
  model.heads = size_in(config, "num_attention_heads", kHeads);
  model.intermediate = size_in(config, "intermediate_size", kIntermediate);
  model.vocabulary = size_in(config, "vocab_size", kVocabulary);
  model.positions = size_in(config, "max_position_embeddings", kPositions);
  model.token_types = size_in(config, "type_vocab_size", kTokenTypes);
  model.layer_norm_eps = layer_norm_eps_in(config);
  model.activation = activation_of(config);
  model.padding_token = padding_token_in(config, model.family);
  // XLM-R counts positions from behind the padding token's.
  model.first_position = model.family == ModelFamily::kXlmRoberta ? model.padding_token + 1 : 0;
  model.hidden_dropout = dropout_in(config, "hidden_dropout_prob");
  model.attention_dropout = dropout_in(config, "attention_probs_dropout_prob");
  refuse_other_models(config, model);
}

Pooling pooling_of(const ModelJson& config, const std::string& mode) {
  if (mode == "mean") return Pooling::kMean;
  if (mode == "cls") return Pooling::kCls;
  if (mode == "max") return Pooling::kMax;
  config.fail("pooling_mode", "expected mean, cls or max, got \"" + mode + "\"");
}

// Versions before 6 write one flag a mode, 6 the mode's name; several at once would join their vectors.
Pooling read_pooling(const ModelJson& config) {
  if (config.has("pooling_mode") && config.value()["pooling_mode"].is_string()) {
    return pooling_of(config, config.text("pooling_mode"));
  }
  std::vector<std::string> modes;
  for (const auto& [key, value] : config.value().items()) {
    if (key.starts_with("pooling_mode_") && value == true) modes.push_back(key.substr(13));
  }
  if (modes.size() != 1) config.fail("pooling_mode", "expected one pooling mode, got " + std::to_string(modes.size()));
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 3> kOldNames = {
      {{"mean_tokens", "mean"}, {"cls_token", "cls"}, {"max_tokens", "max"}}};
  const auto name = std::ranges::find(kOldNames, modes.front(), &std::pair<std::string_view, std::string_view>::first);
  return pooling_of(config, name == kOldNames.end() ? modes.front() : std::string(name->second));
}

// The modules may be Transformer, Pooling, Normalize and Router, in this order; the first two are a must.
void read_module_chain(const fs::path& folder, ModelConfig& model) {
  model.transformer = folder;
  static constexpr std::array<std::string_view, 4> kOrder = {"Transformer", "Pooling", "Normalize", "Router"};
  std::size_t next = 0;
  for (const auto& module : read_modules(folder)) {
    const auto place = std::find(kOrder.begin() + static_cast<std::ptrdiff_t>(next), kOrder.end(), module.kind);
    const auto index = static_cast<std::size_t>(place - kOrder.begin());
    if (place == kOrder.end() || (next < 2 && index != next)) {
      throw input_error({.file = (folder / "modules.json").string()},
                        "expected Transformer, Pooling, and then Normalize and Router or neither, got a module \"" +
                            module.kind + "\" in place " + std::to_string(next + 1));
    }
    if (module.kind == "Transformer") model.transformer = module.folder;
    if (module.kind == "Pooling") {
      const ModelJson config(module.folder / "config.json");
      model.pooling = read_pooling(config);
      model.pools_prompt = config.flag_or("include_prompt", true);
    }
    if (module.kind == "Normalize") model.normalize = true;
    if (module.kind == "Router") model.has_router = true;
    next = index + 1;
  }
}

// The tokenizer's own limit; some tokenizers say 1e30, which means none.
std::optional<std::size_t> model_max_length(const fs::path& folder) {
  const fs::path path = folder / "tokenizer_config.json";
  if (!fs::exists(path)) return std::nullopt;
  const ModelJson config(path);
  const double length = config.number_or("model_max_length", 1e30);
  if (length < 2) config.fail("model_max_length", "expected a number >= 2");
  if (length > static_cast<double>(kMaxSize)) return std::nullopt;
  return static_cast<std::size_t>(length);
}

// sentence-transformers' own settings of its Transformer, under the first of its names that is there.
fs::path transformer_settings(const fs::path& folder) {
  for (const char* family : {"bert", "roberta", "distilbert", "camembert", "albert", "xlm-roberta", "xlnet"}) {
    fs::path path = folder / ("sentence_" + std::string(family) + "_config.json");
    if (fs::exists(path)) return path;
  }
  return {};
}

void read_max_length(ModelConfig& model) {
  model.max_length = model.position_room();
  if (const fs::path path = transformer_settings(model.transformer); !path.empty()) {
    const ModelJson config(path);
    model.lower_case = config.flag_or("do_lower_case", false);
    if (const std::size_t length = config.count_or("max_seq_length", 0); length > 0) {
      if (length < 2) config.fail("max_seq_length", "expected an integer >= 2");
      model.max_length = std::min(model.max_length, length);
      return;
    }
  }
  model.max_length = std::min(model.max_length, model_max_length(model.transformer).value_or(model.max_length));
}

// What SentenceTransformer.encode() puts before a text.
std::string default_prompt(const fs::path& folder) {
  const fs::path path = folder / "config_sentence_transformers.json";
  if (!fs::exists(path)) return {};
  const ModelJson config(path);
  const std::string name = config.text_or("default_prompt_name", "");
  if (name.empty()) return {};
  const bool known = config.has("prompts") && config.object("prompts").value().contains(name);
  if (known) return config.object("prompts").text_or(name, "");
  if (name == "query" || name == "document") return {};  // these two are always there
  config.fail("default_prompt_name", "expected one of the prompts' names, got \"" + name + "\"");
}

}  // namespace

std::string to_string(ModelFamily family) {
  return family == ModelFamily::kBert ? "bert" : "xlm-roberta";
}

std::string to_string(Activation activation) {
  if (activation == Activation::kGelu) return "gelu";
  return activation == Activation::kGeluTanh ? "gelu_tanh" : "relu";
}

std::string to_string(Pooling pooling) {
  if (pooling == Pooling::kMean) return "mean";
  return pooling == Pooling::kCls ? "cls" : "max";
}

ModelConfig read_model_config(const fs::path& folder) {
  if (!fs::is_directory(folder)) throw input_error({.file = folder.string()}, "expected a model folder");
  ModelConfig model;
  read_module_chain(folder, model);
  if (!fs::exists(model.transformer / "config.json")) {
    throw input_error({.file = model.transformer.string()}, "not a model folder: it has no config.json");
  }
  read_transformer(model);
  read_max_length(model);
  model.default_prompt = default_prompt(folder);
  return model;
}

fs::path find_module(const fs::path& folder, const std::string& kind) {
  for (const auto& module : read_modules(folder)) {
    if (module.kind == kind) return module.folder;
  }
  return {};
}

}  // namespace persona4rec
