#include "encoder/transformer/transformer.hpp"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <c10/core/InferenceMode.h>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "encoder/blocks/buffer_pool.hpp"
#include "encoder/blocks/token_embeddings.hpp"
#include "encoder/sentence/pooling.hpp"
#include "encoder/transformer/attention_bf16.hpp"
#include "persona4rec/error.hpp"

namespace persona4rec {
namespace {

// Runs `body`; LibTorch's errors become ours, without its stack trace.
template <class Body>
auto guarded(const Body& body) {
  try {
    return body();
  } catch (const c10::Error& error) {
    throw internal_error("LibTorch: " + std::string(error.what_without_backtrace()));
  }
}

std::int64_t signed_size(std::size_t size) {
  return static_cast<std::int64_t>(size);
}

AttentionShape attention_shape(const ModelConfig& model) {
  return {.heads = model.heads, .head_size = model.hidden / model.heads};
}

// y = x W^T + b with W [out, in]; the transpose is laid out once.
struct Linear {
  at::Tensor weight;  // [in, out] compute dtype
  at::Tensor bias;    // [out] compute dtype
};

struct LayerNorm {
  at::Tensor weight;  // [hidden] f32
  at::Tensor bias;    // [hidden] f32
};

struct Layer {
  Linear qkv;     // [hidden, 3 * hidden]: query, key and value in one product
  Linear output;  // [hidden, hidden]
  LayerNorm attention_norm;
  Linear inner;  // [hidden, intermediate]
  Linear outer;  // [intermediate, hidden]
  LayerNorm output_norm;
};

// Reads weights by their name in the folder.
class WeightReader {
 public:
  WeightReader(const ModelWeights& weights, at::ScalarType dtype) : weights_(weights), dtype_(dtype) {}

  [[nodiscard]] at::Tensor f32(const std::string& name) const {
    const TensorView& view = weights_.tensor(name);
    std::vector<float> values = to_f32(view);
    return at::from_blob(values.data(), view.shape, at::kFloat).clone();
  }
  [[nodiscard]] Linear linear(const std::string& name) const { return joined({name}); }
  [[nodiscard]] Linear joined(const std::vector<std::string>& names) const {
    std::vector<at::Tensor> weights;
    std::vector<at::Tensor> biases;
    for (const auto& name : names) {
      weights.push_back(f32(name + ".weight"));
      biases.push_back(f32(name + ".bias"));
    }
    return {at::cat(weights).t().contiguous().to(dtype_), at::cat(biases).to(dtype_)};
  }
  [[nodiscard]] LayerNorm layer_norm(const std::string& name) const {
    return {f32(name + ".weight"), f32(name + ".bias")};
  }

  [[nodiscard]] Layer layer(std::size_t index) const {
    const std::string name = "encoder.layer." + std::to_string(index) + ".";
    const std::string self = name + "attention.self.";
    return {.qkv = joined({self + "query", self + "key", self + "value"}),
            .output = linear(name + "attention.output.dense"),
            .attention_norm = layer_norm(name + "attention.output.LayerNorm"),
            .inner = linear(name + "intermediate.dense"),
            .outer = linear(name + "output.dense"),
            .output_norm = layer_norm(name + "output.LayerNorm")};
  }

 private:
  const ModelWeights& weights_;
  at::ScalarType dtype_;
};

// Activations of one batch, [rows, width]; they grow to the largest batch and stay.
struct Buffers {
  void reserve(std::int64_t needed, const ModelConfig& model, at::ScalarType dtype) {
    if (needed <= rows) return;
    const auto zeros = [&](std::size_t width, at::ScalarType type) {
      return at::zeros({needed, signed_size(width)}, type);
    };
    hidden = zeros(model.hidden, dtype);
    qkv = zeros(3 * model.hidden, dtype);
    context = zeros(model.hidden, dtype);
    product = zeros(model.hidden, dtype);
    inner = zeros(model.intermediate, dtype);
    f32 = zeros(model.hidden, at::kFloat);
    rows = needed;
  }

  at::Tensor hidden;   // [rows, hidden] compute dtype
  at::Tensor qkv;      // [rows, 3 * hidden]
  at::Tensor context;  // [rows, hidden]
  at::Tensor product;  // [rows, hidden]
  at::Tensor inner;    // [rows, intermediate]
  at::Tensor f32;      // [rows, hidden] f32: embeddings, last hidden states
  std::int64_t rows = 0;
  AttentionScratch attention;
};

// The weights, read-only once they are loaded.
struct Weights {
  at::Tensor words;      // [vocabulary, hidden] f32
  at::Tensor positions;  // [positions, hidden] f32, the type's row added
  LayerNorm embedding_norm;
  std::vector<Layer> layers;
};

Weights read_weights(const ModelConfig& model, const ModelWeights& weights, at::ScalarType dtype) {
  const WeightReader reader(weights, dtype);
  Weights out{.words = reader.f32("embeddings.word_embeddings.weight"),
              // Every token is of type 0, so its row is part of every position's.
              .positions = reader.f32("embeddings.position_embeddings.weight") +
                           reader.f32("embeddings.token_type_embeddings.weight").select(0, 0),
              .embedding_norm = reader.layer_norm("embeddings.LayerNorm")};
  for (std::size_t i = 0; i < model.layers; ++i) out.layers.push_back(reader.layer(i));
  return out;
}

// One batch on its way through the model.
class Pass {
 public:
  Pass(const ModelConfig& model, const Weights& weights, const PackedBatch& batch, Buffers& buffers)
      : model_(model),
        weights_(weights),
        batch_(batch),
        buffers_(buffers),
        rows_(signed_size((batch.tokens() + kRowUnit - 1) / kRowUnit * kRowUnit)) {}

  // Hidden states into buffers.f32.
  void run(at::ScalarType dtype, bool fast_attention) {
    buffers_.reserve(rows_, model_, dtype);
    embed();
    at::Tensor hidden = part(buffers_.hidden);
    hidden.copy_(normed(part(buffers_.f32), weights_.embedding_norm));
    for (const auto& layer : weights_.layers) {
      at::Tensor qkv = part(buffers_.qkv);
      at::addmm_out(qkv, layer.qkv.bias, hidden, layer.qkv.weight);
      fast_attention ? attend_texts() : attend_by_length();
      add_and_norm(layer.output, part(buffers_.context), hidden, layer.attention_norm);
      at::Tensor inner = part(buffers_.inner);
      at::addmm_out(inner, layer.inner.bias, hidden, layer.inner.weight);
      activate(inner);
      add_and_norm(layer.outer, inner, hidden, layer.output_norm);
    }
    part(buffers_.f32).copy_(hidden);
  }

 private:
  [[nodiscard]] at::Tensor part(const at::Tensor& buffer) const { return buffer.narrow(0, 0, rows_); }

  // Word + position, f32; the rows behind the last token are zero.
  void embed() {
    float* out = buffers_.f32.mutable_data_ptr<float>();
    embed_tokens(
        model_,
        {.words = weights_.words.const_data_ptr<float>(), .positions = weights_.positions.const_data_ptr<float>()},
        batch_, out);
    std::fill(out + batch_.tokens() * model_.hidden, out + static_cast<std::size_t>(rows_) * model_.hidden, 0.0F);
  }

  [[nodiscard]] at::Tensor normed(const at::Tensor& values, const LayerNorm& norm) const {
    return at::layer_norm(values, {signed_size(model_.hidden)}, norm.weight, norm.bias, model_.layer_norm_eps);
  }

  // hidden = norm(hidden + (input W + b))
  void add_and_norm(const Linear& linear, const at::Tensor& input, at::Tensor& hidden, const LayerNorm& norm) {
    at::Tensor product = part(buffers_.product);
    at::addmm_out(product, linear.bias, input, linear.weight);
    hidden.copy_(normed(product.add_(hidden), norm));
  }

  void activate(at::Tensor& values) const {
    if (model_.activation == Activation::kRelu) {
      values.relu_();
    } else {
      at::gelu_(values, model_.activation == Activation::kGelu ? "none" : "tanh");
    }
  }

  // context = attention of qkv, in bf16
  void attend_texts() {
    const auto* qkv = reinterpret_cast<const Bf16*>(buffers_.qkv.const_data_ptr<at::BFloat16>());
    auto* context = reinterpret_cast<Bf16*>(buffers_.context.mutable_data_ptr<at::BFloat16>());
    const AttentionShape shape = attention_shape(model_);
    for (std::size_t text = 0; text < batch_.texts(); ++text) {
      const std::size_t first = batch_.begins[text] * model_.hidden;
      for (std::size_t head = 0; head < model_.heads; ++head) {
        attend(shape, head, batch_.length(text), qkv + 3 * first, context + first, buffers_.attention);
      }
    }
  }

  // LibTorch's own attention: one call for a run of texts of one length, so that no mask is needed.
  void attend_by_length() {
    for (std::size_t first = 0; first < batch_.texts();) {
      std::size_t last = first + 1;
      while (last < batch_.texts() && batch_.length(last) == batch_.length(first)) ++last;
      const auto texts = signed_size(last - first);
      const auto length = signed_size(batch_.length(first));
      const auto heads = signed_size(model_.heads);
      const auto rows = [&](const at::Tensor& buffer) {
        return buffer.narrow(0, signed_size(batch_.begins[first]), texts * length);
      };
      const auto parts = rows(buffers_.qkv).view({texts, length, 3, heads, -1}).permute({2, 0, 3, 1, 4}).unbind(0);
      const at::Tensor out = at::scaled_dot_product_attention(parts[0], parts[1], parts[2]);
      rows(buffers_.context).view({texts, length, heads, -1}).copy_(out.transpose(1, 2));
      first = last;
    }
  }

  const ModelConfig& model_;
  const Weights& weights_;
  const PackedBatch& batch_;
  Buffers& buffers_;
  std::int64_t rows_;
};

}  // namespace

struct Transformer::State {
  State(const ModelConfig& config, const ModelWeights& stored, const TransformerOptions& options)
      : model(config),
        dtype(options.dtype == ComputeDtype::kBf16 ? at::kBFloat16 : at::kFloat),
        fast_attention(options.fast_attention && dtype == at::kBFloat16 &&
                       has_fast_attention_bf16(attention_shape(config))),
        weights(read_weights(config, stored, dtype)) {}

  // Calls use(hidden states [tokens, hidden] f32).
  template <class Use>
  void run(const PackedBatch& batch, const Use& use) {
    at::set_num_threads(1);  // this thread's; SingleThreadedOperators takes it back
    const c10::InferenceMode inference;
    auto buffers = pool.take();
    Pass(model, weights, batch, *buffers).run(dtype, fast_attention);
    use(buffers->f32.const_data_ptr<float>());
    pool.give_back(std::move(buffers));
  }

  ModelConfig model;
  at::ScalarType dtype;
  bool fast_attention;
  Weights weights;
  BufferPool<Buffers> pool;
};

SingleThreadedOperators::SingleThreadedOperators() : before_(at::get_num_threads()) {
  at::set_num_threads(1);
}

SingleThreadedOperators::~SingleThreadedOperators() {
  at::set_num_threads(before_);
}

Transformer::Transformer(const ModelConfig& model, const ModelWeights& weights, const TransformerOptions& options) {
  const c10::InferenceMode inference;
  state_ = guarded([&] { return std::make_unique<State>(model, weights, options); });
}

Transformer::~Transformer() = default;

std::vector<float> Transformer::hidden_states(const PackedBatch& batch) const {
  std::vector<float> states;
  guarded([&] {
    state_->run(batch,
                [&](const float* hidden) { states.assign(hidden, hidden + batch.tokens() * state_->model.hidden); });
  });
  return states;
}

std::vector<float> Transformer::encode(const PackedBatch& batch) const {
  std::vector<float> vectors;
  guarded(
      [&] { state_->run(batch, [&](const float* hidden) { vectors = pool_texts(state_->model, batch, hidden); }); });
  return vectors;
}

}  // namespace persona4rec
