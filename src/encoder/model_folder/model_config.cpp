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

std::size_t size_in(const ModelJson& json, std::string_view field) {
  const std::size_t value = json.count(field);
  if (value == 0 || value > kMaxSize) {
    json.fail(field, "expected an integer in 1 .. " + std::to_string(kMaxSize) + ", got " + std::to_string(value));
  }
  return value;
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

void read_transformer(const fs::path& folder, ModelConfig& model) {
  const ModelJson config(folder / "config.json");
  model.family = family_of(config);
  model.hidden = size_in(config, "hidden_size");
  model.layers = size_in(config, "num_hidden_layers");
  model.heads = size_in(config, "num_attention_heads");
  model.intermediate = size_in(config, "intermediate_size");
  model.vocabulary = size_in(config, "vocab_size");
  model.positions = size_in(config, "max_position_embeddings");
  model.token_types = size_in(config, "type_vocab_size");
  model.layer_norm_eps = config.number_or("layer_norm_eps", 1e-12);
  model.activation = activation_of(config);
  if (model.family == ModelFamily::kXlmRoberta) model.first_position = config.count_or("pad_token_id", 1) + 1;
  if (model.hidden % model.heads != 0) config.fail("num_attention_heads", "does not divide hidden_size");
  if (model.first_position + 2 > model.positions) config.fail("max_position_embeddings", "leaves no room for a text");
  const std::string positions = config.text_or("position_embedding_type", "absolute");
  if (positions != "absolute") config.fail("position_embedding_type", "expected absolute, got \"" + positions + "\"");
}

Pooling pooling_of(const ModelJson& config, const std::string& mode) {
  if (mode == "mean") return Pooling::kMean;
  if (mode == "cls") return Pooling::kCls;
  if (mode == "max") return Pooling::kMax;
  config.fail("pooling_mode", "expected mean, cls or max, got \"" + mode + "\"");
}

// Versions before 6 write one flag a mode, 6 the mode's name; several at once would join their vectors.
Pooling read_pooling(const fs::path& folder) {
  const ModelJson config(folder / "config.json");
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
    if (module.kind == "Pooling") model.pooling = read_pooling(module.folder);
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

void read_max_length(const fs::path& folder, ModelConfig& model) {
  model.max_length = model.position_room();
  const fs::path path = folder / "sentence_bert_config.json";
  if (fs::exists(path)) {
    const ModelJson config(path);
    model.lower_case = config.flag_or("do_lower_case", false);
    if (const std::size_t length = config.count_or("max_seq_length", 0); length > 0) {
      if (length < 2) config.fail("max_seq_length", "expected an integer >= 2");
      model.max_length = std::min(model.max_length, length);
      return;
    }
  }
  model.max_length = std::min(model.max_length, model_max_length(folder).value_or(model.max_length));
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
  if (!fs::exists(folder / "config.json")) {
    throw input_error({.file = folder.string()}, "not a model folder: it has no config.json");
  }
  ModelConfig model;
  read_transformer(folder, model);
  read_module_chain(folder, model);
  read_max_length(folder, model);
  return model;
}

fs::path find_module(const fs::path& folder, const std::string& kind) {
  for (const auto& module : read_modules(folder)) {
    if (module.kind == kind) return module.folder;
  }
  return {};
}

}  // namespace persona4rec
