#include "encoder/trainable/trainable_transformer.hpp"

#include <ATen/ATen.h>
#include <ATen/Context.h>
#include <c10/core/GradMode.h>

#include <utility>

#include "encoder/trainable/batch_layout.hpp"
#include "encoder/trainable/trainable_layer.hpp"
#include "encoder/trainable/trainable_parts.hpp"
#include "persona4rec/error.hpp"

namespace persona4rec {
namespace {

// Runs `body`; LibTorch's errors become ours, without its stack trace.
template <class Body>
auto with_our_errors(const Body& body) {
  try {
    return body();
  } catch (const c10::Error& error) {
    throw internal_error("LibTorch: " + std::string(error.what_without_backtrace()));
  }
}

LayerRules layer_rules(const ModelConfig& model, const TrainableOptions& options) {
  return {.heads = static_cast<std::int64_t>(model.heads),
          .eps = model.layer_norm_eps,
          .activation = model.activation,
          .hidden_dropout = options.dropout.value_or(model.hidden_dropout),
          .attention_dropout = options.dropout.value_or(model.attention_dropout),
          .adapter_dropout = options.lora ? options.lora->dropout : 0,
          .adapter_scale = options.lora ? options.lora->alpha / static_cast<double>(options.lora->rank) : 0,
          .bf16 = options.bf16,
          .own_operators = options.own_attention && options.device.is_cpu()};
}

// Padded lengths of LibTorch's attention: none on a CPU, where a mask takes its slow path.
constexpr std::int64_t kPaddingUnit = 32;

}  // namespace

struct TrainableTransformer::State {
  State(const ModelConfig& config, const ModelWeights& weights, const TrainableOptions& given)
      : model(config), options(given), rules(layer_rules(config, given)), parts(config, weights, given) {
    // LibTorch prefers cuDNN's attention in bf16, which makes a plan for every new shape (5 ms each on an H200), and
    // texts come in all shapes: nine tenths of a step. Its other fused kernels need none.
    if (given.device.is_cuda()) at::globalContext().setSDPUseCuDNN(false);
  }

  [[nodiscard]] bool embeddings_are_frozen() const { return options.freeze_embeddings || options.freeze_layers > 0; }

  [[nodiscard]] LayerPass layer_pass(const PackedBatch& batch, const EncodePass& pass) const {
    auto layout = std::make_shared<const BatchLayout>(model, batch, options.device);
    LayerPass out{.layout = layout, .seed = pass.seed, .training = pass.training};
    if (!rules.own_operators) {
      const std::int64_t unit = options.device.is_cpu() ? 1 : kPaddingUnit;
      out.runs = std::make_shared<const std::vector<PaddedRun>>(layout->padded_runs(unit));
    }
    return out;
  }

  // [tokens, hidden] before dropout.
  [[nodiscard]] at::Tensor embed(const BatchLayout& layout) const {
    const auto padding = static_cast<std::int64_t>(model.padding_token);
    const std::int64_t no_padding = -1;
    const at::Tensor sum =
        at::embedding(parts.words, layout.ids, padding) +
        at::embedding(parts.positions, layout.positions, model.first_position > 0 ? padding : no_padding) +
        parts.types.select(0, 0);  // every token is of type 0
    return layer_norm(sum, parts.embedding_norm, model.layer_norm_eps);
  }

  // No gradient, no dropout.
  [[nodiscard]] at::Tensor frozen(LayerPass pass) const {
    const c10::AutoGradMode without(false);
    pass.training = false;
    at::Tensor hidden = embed(*pass.layout);
    for (std::size_t i = 0; i < options.freeze_layers; ++i) {
      hidden = layer_forward(*parts.layers[i], i, rules, pass, hidden);
    }
    return hidden;
  }

  // From the embeddings or frozen_states() on.
  [[nodiscard]] at::Tensor rest(at::Tensor hidden, const LayerPass& pass) const {
    if (!embeddings_are_frozen()) {
      DropoutSite site = begin_layer(rules, pass, kEmbeddingLayer, options.device);
      site.rate = pass.training ? rules.hidden_dropout : 0;
      hidden = drop_and_add(hidden, {}, rules, pass, site);
    }
    for (std::size_t i = options.freeze_layers; i < parts.layers.size(); ++i) {
      hidden = options.checkpoint_layers ? checkpointed_forward(parts.layers[i], i, rules, pass, hidden)
                                         : layer_forward(*parts.layers[i], i, rules, pass, hidden);
    }
    return pool(hidden.to(at::kFloat), *pass.layout);
  }

  [[nodiscard]] at::Tensor pool(const at::Tensor& hidden, const BatchLayout& layout) const {
    at::Tensor vectors;
    if (model.pooling == Pooling::kCls) {
      vectors = hidden.index_select(0, layout.lengths.cumsum(0) - layout.lengths);
    } else {
      const char* how = model.pooling == Pooling::kMean ? "mean" : "max";
      vectors = at::segment_reduce(hidden, how, layout.lengths, {}, {}, 0, true);
    }
    if (!model.normalize) return vectors;
    return vectors / vectors.norm(2, 1, true).clamp_min(1e-12);
  }

  ModelConfig model;
  TrainableOptions options;
  LayerRules rules;
  TrainableParts parts;
};

TrainableTransformer::TrainableTransformer(const ModelConfig& model, const ModelWeights& weights,
                                           const TrainableOptions& options)
    : state_(with_our_errors([&] { return std::make_unique<State>(model, weights, options); })) {}
TrainableTransformer::TrainableTransformer(TrainableTransformer&&) noexcept = default;
TrainableTransformer& TrainableTransformer::operator=(TrainableTransformer&&) noexcept = default;
TrainableTransformer::~TrainableTransformer() = default;

const ModelConfig& TrainableTransformer::model() const {
  return state_->model;
}
const TrainableOptions& TrainableTransformer::options() const {
  return state_->options;
}
const std::vector<TrainableParameter>& TrainableTransformer::parameters() const {
  return state_->parts.parameters;
}

bool TrainableTransformer::has_frozen_states() const {
  return state_->options.lora.has_value() || state_->embeddings_are_frozen();
}

at::Tensor TrainableTransformer::encode(const PackedBatch& batch, const EncodePass& pass) const {
  return with_our_errors([&] {
    const LayerPass layers = state_->layer_pass(batch, pass);
    return state_->rest(has_frozen_states() ? state_->frozen(layers) : state_->embed(*layers.layout), layers);
  });
}

at::Tensor TrainableTransformer::frozen_states(const PackedBatch& batch) const {
  if (!has_frozen_states()) throw internal_error("the embeddings train: there are no frozen states");
  return with_our_errors([&] { return state_->frozen(state_->layer_pass(batch, {})); });
}

at::Tensor TrainableTransformer::encode_from(const at::Tensor& states, const PackedBatch& batch,
                                             const EncodePass& pass) const {
  return with_our_errors([&] { return state_->rest(states, state_->layer_pass(batch, pass)); });
}

std::map<std::string, at::Tensor> TrainableTransformer::merged_tensors() const {
  return with_our_errors([&] {
    const c10::AutoGradMode without(false);
    std::map<std::string, at::Tensor> out;
    for (const auto& [name, tensor] : state_->parts.tensors) {
      at::Tensor value = tensor.detach().to(at::kCPU);
      out.emplace(name, tensor.requires_grad() && value.is_alias_of(tensor) ? value.clone() : value);
    }
    for (std::size_t i = 0; i < state_->parts.layers.size(); ++i) {
      for (const auto& [name, member] : layer_linears()) {
        const TrainableLinear& linear = (*state_->parts.layers[i]).*member;
        if (!linear.a.defined()) continue;
        const at::Tensor merged = linear.weight + linear.b.mm(linear.a) * state_->rules.adapter_scale;
        out["encoder.layer." + std::to_string(i) + "." + name + ".weight"] = merged.to(at::kCPU);
      }
    }
    return out;
  });
}

TensorViews tensor_views(const std::map<std::string, at::Tensor>& tensors) {
  TensorViews views;
  for (const auto& [name, tensor] : tensors) {
    TORCH_INTERNAL_ASSERT(tensor.is_contiguous() && tensor.scalar_type() == at::kFloat && tensor.is_cpu());
    const std::span<const float> values(tensor.const_data_ptr<float>(), static_cast<std::size_t>(tensor.numel()));
    views.emplace(name, TensorView{.dtype = "F32", .shape = tensor.sizes().vec(), .bytes = std::as_bytes(values)});
  }
  return views;
}

ModelWeights model_weights(const ModelConfig& model, std::map<std::string, at::Tensor> tensors) {
  const auto owner = std::make_shared<const std::map<std::string, at::Tensor>>(std::move(tensors));
  return {model, tensor_views(*owner), owner, "the weights under training"};
}

}  // namespace persona4rec
