#include "encoder/trainable/peft_adapter.hpp"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <algorithm>
#include <array>
#include <set>
#include <string_view>
#include <vector>

#include "encoder/model_folder/model_json.hpp"
#include "encoder/trainable/trainable_parts.hpp"
#include "io/json_file.hpp"
#include "io/output_file.hpp"
#include "persona4rec/error.hpp"
#include "persona4rec/json.hpp"

namespace persona4rec {
namespace {

namespace fs = std::filesystem;

constexpr const char* kConfig = "adapter_config.json";
constexpr const char* kWeights = "adapter_model.safetensors";
constexpr std::string_view kPrefix = "base_model.model.";  // PeftModel's and LoraModel's, before the model's own names
constexpr std::string_view kDown = ".lora_A.weight";
constexpr std::string_view kUp = ".lora_B.weight";

// "all-linear" means more to PEFT where the model has a pooler.
Json target_modules(const std::vector<std::string>& targets) {
  if (std::ranges::find(targets, "all-linear") == targets.end()) return targets;
  Json all = Json::array();
  for (const auto& linear : layer_linears()) all.push_back(linear.name);
  return all;
}

Json adapter_config(const LoraOptions& lora, const std::string& base) {
  return {{"base_model_name_or_path", base.empty() ? Json() : Json(base)},
          {"bias", "none"},
          {"fan_in_fan_out", false},
          {"inference_mode", true},
          {"init_lora_weights", true},
          {"lora_alpha", lora.alpha},
          {"lora_dropout", lora.dropout},
          {"modules_to_save", Json()},
          {"peft_type", "LORA"},
          {"r", lora.rank},
          {"target_modules", target_modules(lora.targets)},
          {"task_type", "FEATURE_EXTRACTION"},
          {"use_dora", false},
          {"use_rslora", false}};
}

// Kinds of LoRA that compute something else.
void refuse_other_kinds(const ModelJson& config) {
  if (const std::string type = config.text("peft_type"); type != "LORA") {
    config.fail("peft_type", "expected LORA, got \"" + type + "\"");
  }
  for (const char* flag : {"use_dora", "use_rslora", "fan_in_fan_out", "lora_bias", "use_bdlora"}) {
    const auto found = config.value().find(flag);
    if (found != config.value().end() && *found == true) config.fail(flag, "expected false: this is not supported");
  }
  if (const std::string bias = config.text_or("bias", "none"); bias != "none") {
    config.fail("bias", "expected none, got \"" + bias + "\"");
  }
  for (const char* field : {"rank_pattern", "alpha_pattern", "modules_to_save", "layer_replication"}) {
    const auto found = config.value().find(field);
    if (found != config.value().end() && !found->empty()) config.fail(field, "expected none: this is not supported");
  }
}

// The tensors under our names.
std::map<std::string, TensorView> own_names(const fs::path& path, const SafetensorsFile& file) {
  std::map<std::string, TensorView> out;
  for (const auto& [name, tensor] : file.tensors()) {
    const Place place{.file = path.string(), .field = name};
    if (!name.starts_with(kPrefix)) throw input_error(place, "expected a name that starts with base_model.model.");
    std::string_view own = std::string_view(name).substr(kPrefix.size());
    own = own.substr(std::min(own.find("encoder.layer."), own.size()));
    if (name.find(".pooler.") != std::string::npos) continue;  // behind the states that are pooled
    if (!own.ends_with(kDown) && !own.ends_with(kUp)) {
      throw input_error(place, "expected an adapter of a linear layer of the encoder");
    }
    if (!is_float_dtype(tensor.dtype)) throw input_error(place, "expected F32, F16 or BF16, got " + tensor.dtype);
    if (!is_finite(tensor)) throw input_error(place, "expected finite numbers, got an infinite one or NaN");
    out.emplace(own, tensor);
  }
  if (out.empty()) throw input_error({.file = path.string()}, "no adapter in it");
  return out;
}

// "encoder.layer.3.output.dense" -> "output.dense"
std::string part_of(const std::string& linear) {
  constexpr std::string_view kLayers = "encoder.layer.";
  if (!linear.starts_with(kLayers)) return linear;
  return linear.substr(linear.find('.', kLayers.size()) + 1);
}

std::string layer_of(const std::string& linear) {
  return linear.substr(0, linear.size() - part_of(linear).size());
}

// The parts, where every layer that has adapters has them at these; else whole names.
std::vector<std::string> targets_of(const std::set<std::string>& linears, std::size_t layers_before) {
  std::set<std::string> parts;
  std::set<std::string> layers;
  for (const auto& linear : linears) {
    parts.insert(part_of(linear));
    layers.insert(layer_of(linear));
  }
  std::vector<std::string> short_names(parts.begin(), parts.end());
  std::set<std::string> matched;
  for (const auto& layer : layers) {
    for (const auto& linear : layer_linears()) {
      if (is_target(layer + linear.name, short_names)) matched.insert(layer + linear.name);
    }
  }
  if (matched == linears && layers.size() == layers_before) return short_names;
  return {linears.begin(), linears.end()};
}

}  // namespace

void write_peft_adapter(const fs::path& folder, const TrainableTransformer& encoder, const std::string& base) {
  const auto& lora = encoder.options().lora;
  if (!lora) throw internal_error("an encoder without LoRA has no adapters to write");
  OutputFolder out(folder);
  std::map<std::string, at::Tensor> tensors;
  for (const auto& parameter : encoder.parameters()) {
    tensors.emplace(std::string(kPrefix) + parameter.name, parameter.value.detach().to(at::kCPU).contiguous());
  }
  write_safetensors(out.path() / kWeights, tensor_views(tensors));
  write_file(out.path() / kConfig, adapter_config(*lora, base).dump(2) + "\n");
  out.commit();
}

LoraOptions read_peft_options(const fs::path& folder) {
  const ModelJson config(folder / kConfig);
  refuse_other_kinds(config);
  LoraOptions lora{.rank = config.count("r"),
                   .alpha = config.number_or("lora_alpha", 8),
                   .dropout = config.number_or("lora_dropout", 0)};
  if (lora.rank == 0) config.fail("r", "expected an integer >= 1");
  if (!(lora.dropout >= 0 && lora.dropout < 1)) config.fail("lora_dropout", "expected a number in 0 .. 1");
  const SafetensorsFile file(folder / kWeights);
  std::set<std::string> linears;
  std::size_t last_layer = 0;
  for (const auto& [name, tensor] : own_names(folder / kWeights, file)) {
    const std::string linear = name.substr(0, name.size() - kDown.size());
    linears.insert(linear);
    const auto known =
        std::ranges::any_of(layer_linears(), [&](const auto& each) { return part_of(linear) == each.name; });
    if (!known) throw input_error({.file = (folder / kWeights).string(), .field = name}, "not a linear of the encoder");
    last_layer = std::max(last_layer, std::stoul(layer_of(linear).substr(std::string_view("encoder.layer.").size())));
  }
  lora.targets = targets_of(linears, last_layer + 1);
  return lora;
}

void read_peft_adapter(const fs::path& folder, const TrainableTransformer& encoder) {
  const fs::path path = folder / kWeights;
  const SafetensorsFile file(path);
  const auto tensors = own_names(path, file);
  const c10::AutoGradMode without(false);
  std::size_t used = 0;
  for (const auto& parameter : encoder.parameters()) {
    const auto found = tensors.find(parameter.name);
    if (found == tensors.end()) throw input_error({.file = path.string()}, "no adapter \"" + parameter.name + "\"");
    const auto& [name, view] = *found;
    const auto expected = parameter.value.sizes();
    if (view.shape != expected.vec()) {
      throw input_error({.file = path.string(), .field = name},
                        "expected shape " + shape_text(expected.vec()) + ", got " + shape_text(view.shape));
    }
    std::vector<float> values = to_f32(view);
    parameter.value.copy_(at::from_blob(values.data(), view.shape, at::kFloat));
    ++used;
  }
  if (used != tensors.size()) {
    throw input_error({.file = path.string()}, "it holds adapters of " + std::to_string((tensors.size() - used) / 2) +
                                                   " linear layers that do not train here");
  }
}

}  // namespace persona4rec
