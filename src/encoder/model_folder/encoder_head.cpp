#include "persona4rec/encoder_head.hpp"

#include <string_view>

#include "encoder/model_folder/model_config.hpp"
#include "encoder/model_folder/model_json.hpp"
#include "encoder/model_folder/safetensors.hpp"
#include "persona4rec/error.hpp"

namespace persona4rec {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kForm = "expected Dense(identity, bias), Normalize, Dense(map, no bias), Normalize";

// The folders of a route's modules, as router_config.json names them. Throws where they are not of our form.
std::vector<fs::path> route_modules(const ModelJson& config, const std::string& route) {
  static constexpr std::string_view kKinds[] = {"Dense", "Normalize", "Dense", "Normalize"};
  const ModelJson structure = config.object("structure");
  const ModelJson types = config.object("types");
  std::vector<fs::path> folders;
  for (const auto& value : structure.array(route)) {
    if (!value.is_string() || folders.size() == std::size(kKinds)) structure.fail(route, kForm);
    const auto id = value.get<std::string>();
    if (!types.text(id).ends_with("." + std::string(kKinds[folders.size()])) || fs::path(id).has_parent_path()) {
      structure.fail(route, kForm);
    }
    folders.push_back(config.path().parent_path() / id);
  }
  if (folders.size() != std::size(kKinds)) structure.fail(route, kForm);
  return folders;
}

struct Dense {
  std::size_t size = 0;
  std::vector<float> weight;  // [size, size]
  std::vector<float> bias;    // [size], empty without one
};

std::vector<float> read_tensor(const fs::path& path, const TensorViews& tensors, const std::string& name,
                               const std::vector<std::int64_t>& shape) {
  const auto found = tensors.find(name);
  if (found == tensors.end() || found->second.shape != shape || !is_float_dtype(found->second.dtype)) {
    throw input_error({.file = path.string(), .field = name}, "expected a float tensor of shape " + shape_text(shape));
  }
  if (!is_finite(found->second)) {
    throw input_error({.file = path.string(), .field = name}, "expected finite numbers, got an infinite one or NaN");
  }
  return to_f32(found->second);
}

Dense read_dense(const fs::path& folder) {
  const ModelJson config(folder / "config.json");
  Dense dense{.size = config.count("in_features")};
  if (config.count("out_features") != dense.size) config.fail("out_features", "expected a square map");
  if (!config.text("activation_function").ends_with(".Identity"))
    config.fail("activation_function", "expected Identity");
  const fs::path path = folder / "model.safetensors";
  const SafetensorsFile file(path);
  const auto d = static_cast<std::int64_t>(dense.size);
  dense.weight = read_tensor(path, file.tensors(), "linear.weight", {d, d});
  if (config.flag_or("bias", true)) dense.bias = read_tensor(path, file.tensors(), "linear.bias", {d});
  return dense;
}

bool is_identity(const Dense& dense) {
  for (std::size_t i = 0; i < dense.weight.size(); ++i) {
    if (dense.weight[i] != (i % (dense.size + 1) == 0 ? 1.0F : 0.0F)) return false;
  }
  return true;
}

struct Route {
  std::vector<float> map;   // [d, d]
  std::vector<float> mean;  // [d]
};

Route read_route(const ModelJson& config, const std::string& name, std::size_t dimensions) {
  const auto folders = route_modules(config, name);
  Dense shift = read_dense(folders[0]);
  Dense map = read_dense(folders[2]);
  const ModelJson structure = config.object("structure");
  if (!is_identity(shift) || shift.bias.empty() || !map.bias.empty()) structure.fail(name, kForm);
  if (shift.size != dimensions || map.size != dimensions) {
    structure.fail(name, "expected maps of " + std::to_string(dimensions) + " dimensions, as config.json says");
  }
  for (float& value : shift.bias) value = -value;
  return {.map = std::move(map.weight), .mean = std::move(shift.bias)};
}

}  // namespace

std::optional<EncoderHead> read_encoder_head(const fs::path& folder) {
  const ModelConfig model = read_model_config(folder);
  if (!model.has_router) return std::nullopt;
  const ModelJson config(find_module(folder, "Router") / "router_config.json");
  Route user = read_route(config, "query", model.hidden);
  Route persona = read_route(config, "document", model.hidden);
  return EncoderHead{.dimensions = model.hidden,
                     .user_map = std::move(user.map),
                     .persona_map = std::move(persona.map),
                     .user_mean = std::move(user.mean),
                     .persona_mean = std::move(persona.mean)};
}

}  // namespace persona4rec
