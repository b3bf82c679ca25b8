#include "encoder/model_folder/model_weights.hpp"

#include <algorithm>
#include <set>

#include "base/hash.hpp"
#include "encoder/model_folder/model_json.hpp"
#include "encoder/model_folder/torch_checkpoint.hpp"
#include "persona4rec/error.hpp"

namespace persona4rec {
namespace {

namespace fs = std::filesystem;

// The tensors of a folder under their stored names, and where each came from.
struct Stored {
  fs::path file;  // the weights file, or the index of the shards; for messages
  TensorViews tensors;
  std::vector<std::shared_ptr<const void>> files;

  template <class File>
  void add(const fs::path& path) {
    const auto opened = std::make_shared<const File>(path);
    tensors.insert(opened->tensors().begin(), opened->tensors().end());
    files.push_back(opened);
  }
};

template <class File>
void add_shards(const fs::path& folder, Stored& stored) {
  const ModelJson map = ModelJson(stored.file).object("weight_map");
  std::set<std::string> names;
  for (const auto& [tensor, file] : map.value().items()) names.insert(map.text(tensor));
  for (const auto& name : names) {
    if (name.empty() || fs::path(name).has_parent_path())
      throw input_error({.file = stored.file.string(), .field = "weight_map"},
                        "expected names of files in the folder, got \"" + name + "\"");
    stored.add<File>(folder / name);
  }
}

Stored read_stored(const fs::path& folder) {
  Stored stored;
  if (stored.file = folder / "model.safetensors"; fs::exists(stored.file)) {
    stored.add<SafetensorsFile>(stored.file);
  } else if (stored.file = folder / "model.safetensors.index.json"; fs::exists(stored.file)) {
    add_shards<SafetensorsFile>(folder, stored);
  } else if (stored.file = folder / "pytorch_model.bin"; fs::exists(stored.file)) {
    stored.add<TorchCheckpointFile>(stored.file);
  } else if (stored.file = folder / "pytorch_model.bin.index.json"; fs::exists(stored.file)) {
    add_shards<TorchCheckpointFile>(folder, stored);
  } else {
    throw input_error(
        {.file = folder.string()},
        "no weights: expected model.safetensors or pytorch_model.bin, or the .index.json of their shards");
  }
  return stored;
}

// What the file puts before "embeddings.word_embeddings.weight": "", "bert.", "roberta.", "model.", ...
std::string name_prefix(const Stored& stored, const std::string& known) {
  for (const auto& [name, tensor] : stored.tensors) {
    if (!name.ends_with(known)) continue;
    std::string prefix = name.substr(0, name.size() - known.size());
    if (prefix.empty() || prefix.ends_with('.')) return prefix;
  }
  throw input_error({.file = stored.file.string()}, "no tensor \"" + known + "\": these are not weights of an encoder");
}

void add_linear(std::vector<TensorSpec>& specs, const std::string& name, std::size_t out, std::size_t in) {
  specs.push_back({name + ".weight", {static_cast<std::int64_t>(out), static_cast<std::int64_t>(in)}});
  specs.push_back({name + ".bias", {static_cast<std::int64_t>(out)}});
}

void add_layer_norm(std::vector<TensorSpec>& specs, const std::string& name, std::size_t size) {
  specs.push_back({name + ".weight", {static_cast<std::int64_t>(size)}});
  specs.push_back({name + ".bias", {static_cast<std::int64_t>(size)}});
}

// The name that checkpoints converted from TensorFlow have: LayerNorm.gamma and LayerNorm.beta.
std::string old_name(std::string name) {
  constexpr std::pair<std::string_view, std::string_view> kOldNames[] = {{"LayerNorm.weight", "LayerNorm.gamma"},
                                                                         {"LayerNorm.bias", "LayerNorm.beta"}};
  for (const auto& [now, before] : kOldNames) {
    if (name.ends_with(now)) name.replace(name.size() - now.size(), now.size(), before);
  }
  return name;
}

const TensorView& checked(const Stored& stored, const std::string& name, const TensorSpec& spec) {
  auto found = stored.tensors.find(name);
  if (found == stored.tensors.end()) found = stored.tensors.find(old_name(name));
  if (found == stored.tensors.end()) throw input_error({.file = stored.file.string()}, "no tensor \"" + name + "\"");
  const TensorView& tensor = found->second;
  const Place place{.file = stored.file.string(), .field = name};
  if (tensor.shape != spec.shape) {
    throw input_error(place, "expected shape " + shape_text(spec.shape) +
                                 " as config.json (or its default) says, got " + shape_text(tensor.shape));
  }
  if (!is_float_dtype(tensor.dtype)) throw input_error(place, "expected F32, F16 or BF16, got " + tensor.dtype);
  if (!is_finite(tensor)) throw input_error(place, "expected finite numbers, got an infinite one or NaN");
  return tensor;
}

}  // namespace

std::vector<TensorSpec> encoder_tensors(const ModelConfig& model) {
  const auto rows = [&](std::size_t count) {
    return std::vector<std::int64_t>{static_cast<std::int64_t>(count), static_cast<std::int64_t>(model.hidden)};
  };
  std::vector<TensorSpec> specs = {{"embeddings.word_embeddings.weight", rows(model.vocabulary)},
                                   {"embeddings.position_embeddings.weight", rows(model.positions)},
                                   {"embeddings.token_type_embeddings.weight", rows(model.token_types)}};
  add_layer_norm(specs, "embeddings.LayerNorm", model.hidden);
  for (std::size_t i = 0; i < model.layers; ++i) {
    const std::string layer = "encoder.layer." + std::to_string(i) + ".";
    for (const char* part : {"query", "key", "value"}) {
      add_linear(specs, layer + "attention.self." + part, model.hidden, model.hidden);
    }
    add_linear(specs, layer + "attention.output.dense", model.hidden, model.hidden);
    add_layer_norm(specs, layer + "attention.output.LayerNorm", model.hidden);
    add_linear(specs, layer + "intermediate.dense", model.intermediate, model.hidden);
    add_linear(specs, layer + "output.dense", model.hidden, model.intermediate);
    add_layer_norm(specs, layer + "output.LayerNorm", model.hidden);
  }
  return specs;
}

ModelWeights::ModelWeights(const ModelConfig& model) {
  Stored stored = read_stored(model.transformer);
  const auto specs = encoder_tensors(model);
  const std::string prefix = name_prefix(stored, specs.front().name);
  for (const auto& spec : specs) tensors_.emplace(spec.name, checked(stored, prefix + spec.name, spec));
  files_ = std::move(stored.files);
}

ModelWeights::ModelWeights(const ModelConfig& model, const TensorViews& tensors, std::shared_ptr<const void> owner,
                           const std::string& origin)
    : files_{std::move(owner)} {
  const Stored stored{.file = origin, .tensors = tensors};
  for (const auto& spec : encoder_tensors(model)) tensors_.emplace(spec.name, checked(stored, spec.name, spec));
}

const TensorView& ModelWeights::tensor(const std::string& name) const {
  const auto found = tensors_.find(name);
  if (found == tensors_.end()) throw internal_error("no encoder tensor is called " + name);
  return found->second;
}

std::string ModelWeights::fingerprint() const {
  Sha256 hash;
  for (const auto& [name, tensor] : tensors_) {
    hash.update(name + " " + tensor.dtype + " " + shape_text(tensor.shape) + "\n");
    hash.update({reinterpret_cast<const char*>(tensor.bytes.data()), tensor.bytes.size()});
  }
  return hash.hex();
}

}  // namespace persona4rec
