#include "encoder/transformer.hpp"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <c10/core/InferenceMode.h>

#include <algorithm>
#include <string>
#include <utility>

#include "base/parallel.hpp"
#include "encoder/attention.hpp"
#include "encoder/pooling.hpp"
#include "persona4rec/error.hpp"

namespace persona4rec {
namespace {

// Rows of a matrix product come in multiples of this: libraries keep one kernel a shape, so few shapes.
constexpr std::size_t kRowUnit = 64;

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
  at::Tensor hidden;   // [rows, hidden] compute dtype
  at::Tensor qkv;      // [rows, 3 * hidden]
  at::Tensor context;  // [rows, hidden]
  at::Tensor product;  // [rows, hidden]
  at::Tensor inner;    // [rows, intermediate]
  at::Tensor f32;      // [rows, hidden] f32: embeddings, last hidden states
  std::int64_t rows = 0;
};

}  // namespace

struct Transformer::State {
  State(const ModelConfig& config, const ModelWeights& weights, const TransformerOptions& options)
      : model(config),
        dtype(options.dtype == ComputeDtype::kBf16 ? at::kBFloat16 : at::kFloat),
        attention{.heads = config.heads, .head_size = config.hidden / config.heads} {
    const WeightReader reader(weights, dtype);
    words = reader.f32("embeddings.word_embeddings.weight");
    // Every token is of type 0, so its row is part of every position's.
    positions = reader.f32("embeddings.position_embeddings.weight") +
                reader.f32("embeddings.token_type_embeddings.weight").select(0, 0);
    embedding_norm = reader.layer_norm("embeddings.LayerNorm");
    for (std::size_t i = 0; i < config.layers; ++i) layers.push_back(reader.layer(i));
    fast_attention = options.fast_attention &&
                     (dtype == at::kFloat ? has_fast_attention_f32(attention) : has_fast_attention_bf16(attention));
  }

  // hidden_states() in buffers.f32, valid until the next call.
  const float* run(const PackedBatch& batch) {
    const auto rows = signed_size((batch.tokens() + kRowUnit - 1) / kRowUnit * kRowUnit);
    reserve(rows);
    const auto part = [&](const at::Tensor& buffer) { return buffer.narrow(0, 0, rows); };
    at::Tensor hidden = part(buffers.hidden);
    embed(batch, rows);
    hidden.copy_(normed(part(buffers.f32), embedding_norm));
    for (const auto& layer : layers) {
      run_attention(layer, batch, rows);
      add_and_norm(layer.output, part(buffers.context), hidden, layer.attention_norm);
      at::Tensor inner = part(buffers.inner);
      at::addmm_out(inner, layer.inner.bias, hidden, layer.inner.weight);
      activate(inner);
      add_and_norm(layer.outer, inner, hidden, layer.output_norm);
    }
    part(buffers.f32).copy_(hidden);
    return buffers.f32.const_data_ptr<float>();
  }

  void reserve(std::int64_t rows) {
    if (rows <= buffers.rows) return;
    const auto zeros = [&](std::size_t width, at::ScalarType type) {
      return at::zeros({rows, signed_size(width)}, type);
    };
    buffers = {.hidden = zeros(model.hidden, dtype),
               .qkv = zeros(3 * model.hidden, dtype),
               .context = zeros(model.hidden, dtype),
               .product = zeros(model.hidden, dtype),
               .inner = zeros(model.intermediate, dtype),
               .f32 = zeros(model.hidden, at::kFloat),
               .rows = rows};
  }

  // Word + position + type, f32; the rows behind the last token are zero.
  void embed(const PackedBatch& batch, std::int64_t rows) {
    const std::size_t width = model.hidden;
    const float* word_table = words.const_data_ptr<float>();
    const float* position_table = positions.const_data_ptr<float>() + model.first_position * width;
    float* out = buffers.f32.mutable_data_ptr<float>();
    for (std::size_t text = 0; text < batch.texts(); ++text) {
      for (std::size_t i = 0; i < batch.length(text); ++i) {
        const std::size_t token = batch.begins[text] + i;
        const float* word = word_table + static_cast<std::size_t>(batch.ids[token]) * width;
        for (std::size_t d = 0; d < width; ++d) out[token * width + d] = word[d] + position_table[i * width + d];
      }
    }
    std::fill(out + batch.tokens() * width, out + static_cast<std::size_t>(rows) * width, 0.0F);
  }

  [[nodiscard]] at::Tensor normed(const at::Tensor& values, const LayerNorm& norm) const {
    return at::layer_norm(values, {signed_size(model.hidden)}, norm.weight, norm.bias, model.layer_norm_eps);
  }

  // hidden = norm(hidden + (input W + b))
  void add_and_norm(const Linear& linear, const at::Tensor& input, at::Tensor& hidden, const LayerNorm& norm) {
    at::Tensor product = buffers.product.narrow(0, 0, hidden.size(0));
    at::addmm_out(product, linear.bias, input, linear.weight);
    hidden.copy_(normed(product.add_(hidden), norm));
  }

  void activate(at::Tensor& values) const {
    if (model.activation == Activation::kRelu) {
      values.relu_();
    } else {
      at::gelu_(values, model.activation == Activation::kGelu ? "none" : "tanh");
    }
  }

  // buffers.context = attention of buffers.hidden
  void run_attention(const Layer& layer, const PackedBatch& batch, std::int64_t rows) {
    at::Tensor qkv = buffers.qkv.narrow(0, 0, rows);
    at::addmm_out(qkv, layer.qkv.bias, buffers.hidden.narrow(0, 0, rows), layer.qkv.weight);
    if (!fast_attention) {
      attend_by_length(batch);
    } else if (dtype == at::kFloat) {
      attend_texts<float>(batch, qkv.const_data_ptr<float>(), buffers.context.mutable_data_ptr<float>());
    } else {
      attend_texts<Bf16>(batch, reinterpret_cast<const Bf16*>(qkv.const_data_ptr<at::BFloat16>()),
                         reinterpret_cast<Bf16*>(buffers.context.mutable_data_ptr<at::BFloat16>()));
    }
  }

  template <class Element>
  void attend_texts(const PackedBatch& batch, const Element* qkv, Element* context) const {
    at::parallel_for(0, signed_size(batch.texts() * model.heads), 1, [&](std::int64_t begin, std::int64_t end) {
      thread_local AttentionScratch scratch;
      for (auto i = static_cast<std::size_t>(begin); i < static_cast<std::size_t>(end); ++i) {
        const std::size_t text = i / model.heads;
        const std::size_t first = batch.begins[text] * model.hidden;
        attend(attention, i % model.heads, batch.length(text), qkv + 3 * first, context + first, scratch);
      }
    });
  }

  // LibTorch's own attention: one call for a run of texts of one length, so that no mask is needed.
  void attend_by_length(const PackedBatch& batch) {
    for (std::size_t first = 0; first < batch.texts();) {
      std::size_t last = first + 1;
      while (last < batch.texts() && batch.length(last) == batch.length(first)) ++last;
      const auto texts = signed_size(last - first);
      const auto length = signed_size(batch.length(first));
      const auto heads = signed_size(model.heads);
      const auto rows = [&](const at::Tensor& buffer) {
        return buffer.narrow(0, signed_size(batch.begins[first]), texts * length);
      };
      const auto parts = rows(buffers.qkv).view({texts, length, 3, heads, -1}).permute({2, 0, 3, 1, 4}).unbind(0);
      const at::Tensor out = at::scaled_dot_product_attention(parts[0], parts[1], parts[2]);
      rows(buffers.context).view({texts, length, heads, -1}).copy_(out.transpose(1, 2));
      first = last;
    }
  }

  ModelConfig model;
  at::ScalarType dtype;
  AttentionShape attention;
  bool fast_attention = false;
  at::Tensor words;      // [vocabulary, hidden] f32
  at::Tensor positions;  // [positions, hidden] f32
  LayerNorm embedding_norm;
  std::vector<Layer> layers;
  Buffers buffers;
};

void set_compute_threads(std::size_t threads) {
  guarded([&] { at::set_num_threads(static_cast<int>(threads == 0 ? default_threads() : threads)); });
}

Transformer::Transformer(const ModelConfig& model, const ModelWeights& weights, const TransformerOptions& options) {
  const c10::InferenceMode inference;
  state_ = guarded([&] { return std::make_unique<State>(model, weights, options); });
}

Transformer::~Transformer() = default;

std::vector<float> Transformer::hidden_states(const PackedBatch& batch) {
  const c10::InferenceMode inference;
  return guarded([&] {
    const float* hidden = state_->run(batch);
    return std::vector<float>(hidden, hidden + batch.tokens() * state_->model.hidden);
  });
}

std::vector<float> Transformer::encode(const PackedBatch& batch) {
  const c10::InferenceMode inference;
  return guarded([&] {
    const std::size_t width = state_->model.hidden;
    const float* hidden = state_->run(batch);
    std::vector<float> vectors(batch.texts() * width);
    for (std::size_t text = 0; text < batch.texts(); ++text) {
      const std::span<float> out(vectors.data() + text * width, width);
      pool(state_->model.pooling, {hidden + batch.begins[text] * width, batch.length(text) * width}, out);
      if (state_->model.normalize) normalize(out);
    }
    return vectors;
  });
}

}  // namespace persona4rec
