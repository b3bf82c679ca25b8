#include "encoder/model_folder/model_folder_writer.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include "encoder/model_folder/model_config.hpp"
#include "io/json_file.hpp"
#include "io/output_file.hpp"
#include "persona4rec/error.hpp"
#include "persona4rec/json.hpp"

namespace persona4rec {
namespace {

namespace fs = std::filesystem;

// Old names of the classes: sentence-transformers 5 and 6 both know them.
constexpr const char* kTypes = "sentence_transformers.models.";

void write_json(const fs::path& path, const Json& value) {
  write_file(path, value.dump(2) + "\n");
}

void copy_if_there(const fs::path& from, const fs::path& to, const std::string& name) {
  if (!fs::exists(from / name)) return;
  std::error_code error;
  fs::copy_file(from / name, to / name, error);
  if (error) throw output_error((to / name).string(), error.message());
}

// The base's settings with these prompts alone. A file that says so already is copied byte for byte.
void write_prompts(const ModelFolderParts& parts, const ModelConfig& model, const fs::path& folder) {
  const char* name = "config_sentence_transformers.json";
  const fs::path path = parts.base / name;
  const Json base = fs::exists(path) ? read_json_file(path) : Json::object();
  Json config = base;
  const bool has_default = !parts.prompts && !model.default_prompt.empty();
  const SidePrompts prompts = parts.prompts.value_or(SidePrompts{model.default_prompt, model.default_prompt});
  if (!prompts.query.empty() || !prompts.document.empty() || config.contains("prompts")) {
    config["prompts"] = {{"document", prompts.document}, {"query", prompts.query}};
  }
  if (has_default) {
    config["prompts"][config.at("default_prompt_name").get<std::string>()] = model.default_prompt;
  } else if (config.contains("default_prompt_name")) {
    config["default_prompt_name"] = nullptr;
  }
  if (config == base) {
    copy_if_there(parts.base, folder, name);
  } else {
    write_json(folder / name, config);
  }
}

void copy_weights(const fs::path& from, const fs::path& to) {
  for (const char* name :
       {"model.safetensors", "model.safetensors.index.json", "pytorch_model.bin", "pytorch_model.bin.index.json"}) {
    copy_if_there(from, to, name);
    if (std::string_view(name) == "model.safetensors" && fs::exists(to / name)) return;
  }
  for (const auto& entry : fs::directory_iterator(from)) {  // shards
    const std::string name = entry.path().filename().string();
    if ((name.starts_with("model-") && name.ends_with(".safetensors")) ||
        (name.starts_with("pytorch_model-") && name.ends_with(".bin"))) {
      copy_if_there(from, to, name);
    }
  }
}

Json module_entry(std::size_t index, const std::string& path, const std::string& type) {
  return {{"idx", index}, {"name", std::to_string(index)}, {"path", path}, {"type", kTypes + type}};
}

void write_modules(const fs::path& folder, const ModelConfig& model, bool has_head) {
  Json modules = Json::array({module_entry(0, "", "Transformer"), module_entry(1, "1_Pooling", "Pooling")});
  if (model.normalize) modules.push_back(module_entry(2, "2_Normalize", "Normalize"));
  if (has_head) modules.push_back(module_entry(modules.size(), "3_Router", "Router"));
  write_json(folder / "modules.json", modules);
  write_json(folder / "1_Pooling" / "config.json", {{"word_embedding_dimension", model.hidden},
                                                    {"pooling_mode_cls_token", model.pooling == Pooling::kCls},
                                                    {"pooling_mode_mean_tokens", model.pooling == Pooling::kMean},
                                                    {"pooling_mode_max_tokens", model.pooling == Pooling::kMax},
                                                    {"pooling_mode_mean_sqrt_len_tokens", false}});
}

TensorView view_of(std::span<const float> values, std::vector<std::int64_t> shape) {
  return {.dtype = "F32", .shape = std::move(shape), .bytes = std::as_bytes(values)};
}

void write_dense(const fs::path& folder, std::size_t size, std::span<const float> weight, std::span<const float> bias) {
  write_json(folder / "config.json", {{"in_features", size},
                                      {"out_features", size},
                                      {"bias", !bias.empty()},
                                      {"activation_function", "torch.nn.modules.linear.Identity"}});
  const auto d = static_cast<std::int64_t>(size);
  TensorViews tensors = {{"linear.weight", view_of(weight, {d, d})}};
  if (!bias.empty()) tensors.emplace("linear.bias", view_of(bias, {d}));
  write_safetensors(folder / "model.safetensors", tensors);
}

// norm(map norm(x - mean)) as modules.
void write_route(const fs::path& router, const std::string& route, std::span<const float> map,
                 std::span<const float> mean, Json& config) {
  const std::size_t d = mean.size();
  std::vector<float> identity(d * d, 0.0F);
  for (std::size_t i = 0; i < d; ++i) identity[i * (d + 1)] = 1.0F;
  std::vector<float> bias(d);
  std::ranges::transform(mean, bias.begin(), [](float value) { return -value; });
  write_dense(router / (route + "_0_Dense"), d, identity, bias);
  write_dense(router / (route + "_2_Dense"), d, map, {});
  for (const char* module : {"0_Dense", "1_Normalize", "2_Dense", "3_Normalize"}) {
    const std::string id = route + "_" + module;
    config["types"][id] = kTypes + std::string(module + 2);
    config["structure"][route].push_back(id);
    if (std::string_view(module).ends_with("Normalize")) write_json(router / id / "config.json", Json::object());
  }
}

void write_router(const fs::path& router, const EncoderHead& head) {
  Json config = {{"types", Json::object()},
                 {"structure", Json::object()},
                 {"parameters", {{"default_route", "document"}, {"allow_empty_key", true}}}};
  write_route(router, "query", head.user_map, head.user_mean, config);
  write_route(router, "document", head.persona_map, head.persona_mean, config);
  write_json(router / "router_config.json", config);
}

}  // namespace

void write_model_folder(const fs::path& folder, const ModelFolderParts& parts) {
  const ModelConfig model = read_model_config(parts.base);
  OutputFolder out(folder);
  for (const char* name : {"config.json", "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json",
                           "added_tokens.json", "vocab.txt", "sentencepiece.bpe.model"}) {
    copy_if_there(model.transformer, out.path(), name);
  }
  write_prompts(parts, model, out.path());
  if (parts.weights == nullptr) {
    copy_weights(model.transformer, out.path());
  } else {
    write_safetensors(out.path() / "model.safetensors", *parts.weights);
  }
  const std::size_t max_length = parts.max_length == 0 ? model.max_length : parts.max_length;
  write_json(out.path() / "sentence_bert_config.json",
             {{"max_seq_length", max_length}, {"do_lower_case", model.lower_case}});
  write_modules(out.path(), model, parts.head != nullptr);
  if (parts.head != nullptr) write_router(out.path() / "3_Router", *parts.head);
  out.commit();
}

}  // namespace persona4rec
