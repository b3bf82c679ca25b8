#include "encoder/trainable/trainable_layer.hpp"

#include <ATen/ATen.h>
#include <ATen/core/Generator.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/custom_function.h>

#include <mutex>

#include "encoder/trainable/packed_attention.hpp"
#include "encoder/trainable/packed_dropout.hpp"

namespace persona4rec {
namespace {

// Places of dropout in a layer.
enum DropoutPlace : std::uint8_t {
  kAttention,
  kAttentionOutput,
  kOutput,
  kAdapters  // the first of six, in the order of TrainableLayer
};

at::Tensor product(const at::Tensor& input, const at::Tensor& weight, const at::Tensor& bias, bool bf16) {
  if (!bf16) return at::linear(input, weight, bias);
  const auto half = [](const at::Tensor& tensor) { return tensor.defined() ? tensor.to(at::kBFloat16) : tensor; };
  return at::linear(half(input), half(weight), half(bias));
}

// One layer's forward pass.
class LayerForward {
 public:
  LayerForward(const LayerRules& rules, const LayerPass& pass, const DropoutSite& site)
      : rules_(rules), pass_(pass), site_(site) {}

  [[nodiscard]] at::Tensor run(const TrainableLayer& layer, const at::Tensor& hidden) const {
    const at::Tensor context = attend({.query = linear(layer.query, hidden, 0),
                                       .key = linear(layer.key, hidden, 1),
                                       .value = linear(layer.value, hidden, 2),
                                       .heads = rules_.heads});
    const at::Tensor attended =
        add_and_norm(linear(layer.attention_output, context, 3), hidden, kAttentionOutput, layer.attention_norm);
    const at::Tensor inner = activate(linear(layer.inner, attended, 4));
    return add_and_norm(linear(layer.outer, inner, 5), attended, kOutput, layer.output_norm);
  }

 private:
  [[nodiscard]] DropoutSite site(unsigned place, double rate) const {
    DropoutSite found = site_.part(place);
    found.rate = pass_.training ? rate : 0;
    return found;
  }

  [[nodiscard]] at::Tensor linear(const TrainableLinear& linear, const at::Tensor& input, unsigned adapter) const {
    at::Tensor base = product(input, linear.weight, linear.bias, rules_.bf16);
    if (!linear.a.defined()) return base;
    const at::Tensor dropped =
        drop_and_add(input, {}, rules_, pass_, site(kAdapters + adapter, rules_.adapter_dropout));
    const at::Tensor low = product(dropped, linear.a, {}, rules_.bf16);
    return base + product(low, linear.b, {}, rules_.bf16) * rules_.adapter_scale;
  }

  [[nodiscard]] at::Tensor add_and_norm(const at::Tensor& values, const at::Tensor& before, DropoutPlace place,
                                        const TrainableNorm& norm) const {
    const at::Tensor sum = drop_and_add(values, before, rules_, pass_, site(place, rules_.hidden_dropout));
    return layer_norm(sum, norm, rules_.eps);
  }

  [[nodiscard]] at::Tensor activate(const at::Tensor& values) const {
    if (rules_.activation == Activation::kRelu) return at::relu(values);
    return at::gelu(values, rules_.activation == Activation::kGelu ? "none" : "tanh");
  }

  [[nodiscard]] at::Tensor attend(const AttentionInputs& inputs) const {
    const DropoutSite attention = site(kAttention, rules_.attention_dropout);
    if (!rules_.own_operators) return attend_padded(inputs, attention.rate);
    const auto f32 = [](const at::Tensor& tensor) { return tensor.to(at::kFloat); };
    return packed_attention({f32(inputs.query), f32(inputs.key), f32(inputs.value), inputs.heads}, pass_.layout,
                            attention);
  }

  // LibTorch's own, by runs of padded texts.
  [[nodiscard]] at::Tensor attend_padded(const AttentionInputs& inputs, double rate) const {
    std::vector<at::Tensor> outputs;
    for (const auto& run : *pass_.runs) {
      const auto heads_of = [&](const at::Tensor& rows) {  // [texts, heads, length, head size]
        return rows.index_select(0, run.rows).view({run.texts, run.length, inputs.heads, -1}).transpose(1, 2);
      };
      const std::optional<at::Tensor> mask =
          run.key_mask.defined() ? std::optional(run.key_mask) : std::optional<at::Tensor>();
      const at::Tensor output = at::scaled_dot_product_attention(heads_of(inputs.query), heads_of(inputs.key),
                                                                 heads_of(inputs.value), mask, rate);
      const at::Tensor rows = output.transpose(1, 2).reshape({run.texts * run.length, -1});
      outputs.push_back(run.places.defined() ? rows.index_select(0, run.places) : rows);
    }
    return outputs.size() == 1 ? outputs.front() : at::cat(outputs);
  }

  const LayerRules& rules_;
  const LayerPass& pass_;
  DropoutSite site_;
};

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

struct LayerCall : torch::CustomClassHolder {
  std::shared_ptr<const TrainableLayer> layer;
  std::size_t index = 0;
  LayerRules rules;
  LayerPass pass;
};

// The layer's trained tensors are inputs too: so their gradients come out of backward() as the engine expects them,
// also where the hidden states need none.
struct CheckpointedLayer : torch::autograd::Function<CheckpointedLayer> {
  static at::Tensor forward(AutogradContext* context, const at::Tensor& hidden, at::TensorList /*trained*/,
                            const c10::intrusive_ptr<LayerCall>& call) {
    context->save_for_backward({hidden});
    context->saved_data["call"] = c10::IValue::make_capsule(call);
    return layer_forward(*call->layer, call->index, call->rules, call->pass, hidden);
  }

  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    const auto call = c10::static_intrusive_pointer_cast<LayerCall>(context->saved_data["call"].toCapsule());
    const bool by_hidden = context->needs_input_grad(0);
    const at::Tensor hidden = context->get_saved_variables()[0].detach().requires_grad_(by_hidden);
    variable_list inputs = call->layer->trained();
    if (by_hidden) inputs.insert(inputs.begin(), hidden);
    variable_list found;
    {
      const c10::AutoGradMode enabled(true);
      const at::Tensor output = layer_forward(*call->layer, call->index, call->rules, call->pass, hidden);
      found = torch::autograd::grad({output}, inputs, {gradients[0]}, std::nullopt, false, true);
    }
    if (!by_hidden) found.insert(found.begin(), at::Tensor());
    found.emplace_back();  // of the call
    return found;
  }
};

}  // namespace

std::vector<at::Tensor> TrainableLayer::trained() const {
  std::vector<at::Tensor> out;
  const auto add = [&](const at::Tensor& tensor) {
    if (tensor.defined() && tensor.requires_grad()) out.push_back(tensor);
  };
  for (const auto* linear : {&query, &key, &value, &attention_output, &inner, &outer}) {
    for (const auto* tensor : {&linear->weight, &linear->bias, &linear->a, &linear->b}) add(*tensor);
  }
  for (const auto* norm : {&attention_norm, &output_norm}) {
    add(norm->weight);
    add(norm->bias);
  }
  return out;
}

at::Tensor layer_norm(const at::Tensor& values, const TrainableNorm& norm, double eps) {
  return at::layer_norm(values, norm.weight.sizes(), norm.weight, norm.bias, eps);
}

at::Tensor drop_and_add(const at::Tensor& values, const at::Tensor& add, const LayerRules& rules, const LayerPass& pass,
                        const DropoutSite& site) {
  if (site.rate <= 0) return add.defined() ? values + add : values;
  if (rules.own_operators) {
    return packed_dropout(values.to(at::kFloat), add.defined() ? std::optional(add) : std::nullopt, pass.layout, site);
  }
  const at::Tensor dropped = at::dropout(values, site.rate, true);
  return add.defined() ? dropped + add : dropped;
}

DropoutSite begin_layer(const LayerRules& rules, const LayerPass& pass, std::size_t layer, at::Device device) {
  const DropoutSite site = dropout_site(pass.seed, layer, 0);
  if (pass.training && !rules.own_operators) {
    at::Generator generator = at::globalContext().defaultGenerator(device);
    const std::scoped_lock lock(generator.mutex());
    generator.set_current_seed((std::uint64_t{site.key} << 32U) | mix32(site.key + 1));
  }
  return site;
}

at::Tensor layer_forward(const TrainableLayer& layer, std::size_t index, const LayerRules& rules, const LayerPass& pass,
                         const at::Tensor& hidden) {
  return LayerForward(rules, pass, begin_layer(rules, pass, index, hidden.device())).run(layer, hidden);
}

at::Tensor checkpointed_forward(const std::shared_ptr<const TrainableLayer>& layer, std::size_t index,
                                const LayerRules& rules, const LayerPass& pass, const at::Tensor& hidden) {
  auto call = c10::make_intrusive<LayerCall>();
  call->layer = layer;
  call->index = index;
  call->rules = rules;
  call->pass = pass;
  const variable_list trained = layer->trained();
  return CheckpointedLayer::apply(hidden, at::TensorList(trained), call);
}

}  // namespace persona4rec
