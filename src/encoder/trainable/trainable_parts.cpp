#include "encoder/trainable/trainable_parts.hpp"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>

#include "base/rng.hpp"
#include "persona4rec/error.hpp"

namespace persona4rec {
namespace {

std::int64_t as_size(std::size_t value) {
  return static_cast<std::int64_t>(value);
}

bool decays(const std::string& name) {
  return !name.ends_with(".bias") && name.find("LayerNorm") == std::string::npos;
}

// Copies the stored tensors and makes leaves of those that train.
class PartsBuilder {
 public:
  PartsBuilder(TrainableParts& parts, const ModelWeights& weights, const TrainableOptions& options)
      : parts_(parts), weights_(weights), options_(options) {}

  at::Tensor tensor(const std::string& name, bool trains) {
    const TensorView& view = weights_.tensor(name);
    const at::Tensor value = copy(view).to(options_.device);
    if (trains) add(name, value);
    parts_.tensors.emplace(name, value);
    return value;
  }
  TrainableNorm norm(const std::string& name, bool trains) {
    return {tensor(name + ".weight", trains), tensor(name + ".bias", trains)};
  }
  TrainableLinear linear(const std::string& name, bool trains) {
    const bool whole = trains && !options_.lora;
    TrainableLinear out{.weight = tensor(name + ".weight", whole), .bias = tensor(name + ".bias", whole)};
    if (trains && options_.lora && is_target(name, options_.lora->targets)) add_adapter(name, options_.lora->rank, out);
    return out;
  }

 private:
  static at::Tensor copy(const TensorView& view) {
    if (view.dtype == "F32") {
      return at::from_blob(const_cast<std::byte*>(view.bytes.data()), view.shape, at::kFloat).clone();
    }
    std::vector<float> values = to_f32(view);
    return at::from_blob(values.data(), view.shape, at::kFloat).clone();
  }

  void add(const std::string& name, const at::Tensor& value) {
    value.requires_grad_(true);
    parts_.parameters.push_back({.name = name, .value = value, .decays = decays(name)});
  }

  // PEFT: Kaiming uniform with a = sqrt(5), which is 1 / sqrt(in).
  void add_adapter(const std::string& name, std::size_t count, TrainableLinear& linear) {
    const std::int64_t rank = as_size(count);
    linear.a = at::empty({rank, linear.weight.size(1)}, at::kFloat);
    Rng rng(options_.seed, name);
    const double bound = 1 / std::sqrt(static_cast<double>(linear.weight.size(1)));
    auto* values = linear.a.mutable_data_ptr<float>();
    std::generate_n(values, linear.a.numel(), [&] { return static_cast<float>((2 * rng.uniform() - 1) * bound); });
    linear.a = linear.a.to(options_.device);
    linear.b = at::zeros({linear.weight.size(0), rank}, linear.a.options());
    add(name + ".lora_A.weight", linear.a);
    add(name + ".lora_B.weight", linear.b);
  }

  TrainableParts& parts_;
  const ModelWeights& weights_;
  const TrainableOptions& options_;
};

void check(const ModelConfig& model, const TrainableOptions& options) {
  if (options.freeze_layers > model.layers) {
    throw usage_error("cannot freeze " + std::to_string(options.freeze_layers) + " layers: the encoder has " +
                      std::to_string(model.layers));
  }
  if (options.freeze_layers == model.layers) throw usage_error("nothing is left to train: every layer is frozen");
  if (!options.lora) return;
  if (options.lora->rank == 0) throw usage_error("the rank of LoRA's adapters must be at least 1");
  for (const auto& target : options.lora->targets) {
    const bool known = std::ranges::any_of(layer_linears(), [&](const auto& linear) {
      return is_target("encoder.layer.0." + std::string(linear.name), {target}) || target.starts_with("encoder.layer.");
    });
    if (!known) throw usage_error("LoRA: no linear layer of the encoder is called \"" + target + "\"");
  }
}

}  // namespace

const std::vector<NamedLinear>& layer_linears() {
  static const std::vector<NamedLinear> kLinears = {
      {"attention.self.query", &TrainableLayer::query}, {"attention.self.key", &TrainableLayer::key},
      {"attention.self.value", &TrainableLayer::value}, {"attention.output.dense", &TrainableLayer::attention_output},
      {"intermediate.dense", &TrainableLayer::inner},   {"output.dense", &TrainableLayer::outer}};
  return kLinears;
}

bool is_target(const std::string& linear, const std::vector<std::string>& targets) {
  return std::ranges::any_of(targets, [&](const std::string& target) {
    return target == "all-linear" || target == linear || linear.ends_with("." + target);
  });
}

TrainableParts::TrainableParts(const ModelConfig& model, const ModelWeights& weights, const TrainableOptions& options) {
  check(model, options);
  PartsBuilder builder(*this, weights, options);
  const bool base_trains = !options.lora;
  const bool embeddings_train = base_trains && !options.freeze_embeddings && options.freeze_layers == 0;
  words = builder.tensor("embeddings.word_embeddings.weight", embeddings_train);
  positions = builder.tensor("embeddings.position_embeddings.weight", embeddings_train);
  types = builder.tensor("embeddings.token_type_embeddings.weight", embeddings_train);
  embedding_norm = builder.norm("embeddings.LayerNorm", embeddings_train);
  for (std::size_t i = 0; i < model.layers; ++i) {
    const bool trains = i >= options.freeze_layers;
    const std::string name = "encoder.layer." + std::to_string(i) + ".";
    auto layer = std::make_shared<TrainableLayer>();
    layer->query = builder.linear(name + "attention.self.query", trains);
    layer->key = builder.linear(name + "attention.self.key", trains);
    layer->value = builder.linear(name + "attention.self.value", trains);
    layer->attention_output = builder.linear(name + "attention.output.dense", trains);
    layer->attention_norm = builder.norm(name + "attention.output.LayerNorm", trains && base_trains);
    layer->inner = builder.linear(name + "intermediate.dense", trains);
    layer->outer = builder.linear(name + "output.dense", trains);
    layer->output_norm = builder.norm(name + "output.LayerNorm", trains && base_trains);
    layers.push_back(std::move(layer));
  }
  if (parameters.empty()) throw usage_error("nothing is left to train");
}

}  // namespace persona4rec
