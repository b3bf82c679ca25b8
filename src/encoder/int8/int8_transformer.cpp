#include "encoder/int8/int8_transformer.hpp"

#include <ATen/ATen.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "encoder/transformer/attention_f32.hpp"
#include "encoder/transformer/buffer_pool.hpp"
#include "encoder/transformer/token_embeddings.hpp"

namespace persona4rec {
namespace {

// Rows that go through a layer's products together: their activations stay in the second-level cache.
constexpr std::size_t kBlockRows = 48;
static_assert(kBlockRows % Int8Rows::kRowTile == 0);
// Texts of at most so many tokens, or one longer, go through all layers together.
constexpr std::size_t kGroupTokens = 512;

struct Norm {
  std::vector<float> weight;
  std::vector<float> bias;
};

struct Int8Layer {
  Int8Weights qkv;     // query, key and value in one product
  Int8Weights output;  // of attention
  Norm attention_norm;
  Int8Weights inner;
  Int8Weights outer;
  Norm output_norm;
};

std::vector<float> tensor(const ModelWeights& weights, const std::string& name) {
  return to_f32(weights.tensor(name));
}

Norm norm(const ModelWeights& weights, const std::string& name) {
  return {tensor(weights, name + ".weight"), tensor(weights, name + ".bias")};
}

// Several linear layers of one input as one.
Int8Weights linear(const ModelWeights& weights, const std::vector<std::string>& names) {
  std::vector<float> values;
  std::vector<float> bias;
  for (const auto& name : names) {
    const auto more_values = tensor(weights, name + ".weight");
    const auto more_bias = tensor(weights, name + ".bias");
    values.insert(values.end(), more_values.begin(), more_values.end());
    bias.insert(bias.end(), more_bias.begin(), more_bias.end());
  }
  return quantize_weights(values, bias);
}

Int8Layer read_layer(const ModelWeights& weights, std::size_t index) {
  const std::string name = "encoder.layer." + std::to_string(index) + ".";
  const std::string self = name + "attention.self.";
  return {.qkv = linear(weights, {self + "query", self + "key", self + "value"}),
          .output = linear(weights, {name + "attention.output.dense"}),
          .attention_norm = norm(weights, name + "attention.output.LayerNorm"),
          .inner = linear(weights, {name + "intermediate.dense"}),
          .outer = linear(weights, {name + "output.dense"}),
          .output_norm = norm(weights, name + "output.LayerNorm")};
}

// Every token is of type 0, so its row is part of every position's.
std::vector<float> position_table(const ModelWeights& weights, std::size_t hidden) {
  auto table = tensor(weights, "embeddings.position_embeddings.weight");
  const auto types = tensor(weights, "embeddings.token_type_embeddings.weight");
  for (std::size_t i = 0; i < table.size(); ++i) table[i] += types[i % hidden];
  return table;
}

// They grow to the largest batch and group and stay.
struct GroupBuffers {
  std::vector<float> hidden;   // [tokens of the batch, hidden]
  std::vector<float> qkv;      // [tokens of a group, 3 * hidden]
  std::vector<float> context;  // [tokens of a group, hidden]
  std::vector<float> product;  // [kBlockRows, hidden]
  std::vector<float> inner;    // [kBlockRows, intermediate]
  Int8Rows rows;
  AttentionScratch attention;
};

void grow(std::vector<float>& buffer, std::size_t size) {
  if (buffer.size() < size) buffer.resize(size);
}

std::int64_t signed_size(std::size_t size) {
  return static_cast<std::int64_t>(size);
}

}  // namespace

struct Int8Transformer::State {
  ModelConfig model;
  const Int8Kernels* kernels;
  std::vector<float> words;
  std::vector<float> positions;
  Norm embedding_norm;
  std::vector<Int8Layer> layers;
  bool fast_attention;
  BufferPool<GroupBuffers> pool;

  State(const ModelConfig& config, const ModelWeights& weights, Int8Set set)
      : model(config),
        kernels(&int8_kernels(set)),
        words(tensor(weights, "embeddings.word_embeddings.weight")),
        positions(position_table(weights, config.hidden)),
        embedding_norm(norm(weights, "embeddings.LayerNorm")),
        fast_attention(has_fast_attention_f32(shape())) {
    for (std::size_t i = 0; i < model.layers; ++i) layers.push_back(read_layer(weights, i));
  }

  [[nodiscard]] AttentionShape shape() const { return {.heads = model.heads, .head_size = model.hidden / model.heads}; }
};

namespace {

// The texts [first, last) of a batch on their way through the layers.
template <class State>
class GroupPass {
 public:
  GroupPass(const State& state, const PackedBatch& batch, std::pair<std::size_t, std::size_t> texts,
            GroupBuffers& buffers)
      : state_(state),
        batch_(batch),
        texts_(texts),
        buffers_(buffers),
        first_token_(batch.begins[texts.first]),
        tokens_(batch.begins[texts.second] - first_token_) {
    const ModelConfig& model = state.model;
    grow(buffers.qkv, tokens_ * 3 * model.hidden);
    grow(buffers.context, tokens_ * model.hidden);
    grow(buffers.product, kBlockRows * model.hidden);
    grow(buffers.inner, kBlockRows * model.intermediate);
  }

  void run() {
    const FloatRows nothing;
    state_.kernels->add_and_norm(nothing, norm_weights(state_.embedding_norm), hidden(0, tokens_));
    for (const auto& layer : state_.layers) {
      for (std::size_t row = 0; row < tokens_; row += kBlockRows) {
        const std::size_t count = std::min(kBlockRows, tokens_ - row);
        multiply(hidden(row, count), layer.qkv, rows(buffers_.qkv, row, count, 3 * state_.model.hidden));
      }
      for (std::size_t text = texts_.first; text < texts_.second; ++text) attend_text(text);
      for (std::size_t row = 0; row < tokens_; row += kBlockRows) finish_layer(layer, row);
    }
  }

 private:
  static FloatRows rows(std::vector<float>& buffer, std::size_t first, std::size_t count, std::size_t width) {
    return {.data = buffer.data() + first * width, .count = count, .width = width, .stride = width};
  }
  [[nodiscard]] FloatRows hidden(std::size_t row, std::size_t count) const {
    return rows(buffers_.hidden, first_token_ + row, count, state_.model.hidden);
  }
  [[nodiscard]] NormWeights norm_weights(const Norm& norm) const {
    return {.weight = norm.weight.data(),
            .bias = norm.bias.data(),
            .epsilon = static_cast<float>(state_.model.layer_norm_eps)};
  }

  // to = from W + b
  void multiply(const FloatRows& from, const Int8Weights& weights, const FloatRows& to) {
    buffers_.rows.shape(from.count, from.width);
    state_.kernels->quantize(from, buffers_.rows);
    state_.kernels->product(buffers_.rows, weights, to);
  }

  // What follows attention, for a block of rows.
  void finish_layer(const Int8Layer& layer, std::size_t row) {
    const std::size_t count = std::min(kBlockRows, tokens_ - row);
    const FloatRows states = hidden(row, count);
    const FloatRows product = rows(buffers_.product, 0, count, state_.model.hidden);
    const FloatRows inner = rows(buffers_.inner, 0, count, state_.model.intermediate);
    multiply(rows(buffers_.context, row, count, state_.model.hidden), layer.output, product);
    state_.kernels->add_and_norm(product, norm_weights(layer.attention_norm), states);
    multiply(states, layer.inner, inner);
    activate(inner);
    multiply(inner, layer.outer, product);
    state_.kernels->add_and_norm(product, norm_weights(layer.output_norm), states);
  }

  void activate(const FloatRows& values) const {
    if (state_.model.activation == Activation::kGelu) return state_.kernels->gelu(values);
    at::Tensor tensor = at::from_blob(values.data, {signed_size(values.count * values.width)}, at::kFloat);
    state_.model.activation == Activation::kRelu ? tensor.relu_() : at::gelu_(tensor, "tanh");
  }

  // context = attention of qkv
  void attend_text(std::size_t text) {
    const AttentionShape shape = state_.shape();
    const std::size_t first = batch_.begins[text] - first_token_;
    float* qkv = buffers_.qkv.data() + first * 3 * shape.hidden();
    float* context = buffers_.context.data() + first * shape.hidden();
    if (!state_.fast_attention) return attend_plainly(qkv, batch_.length(text), context);
    for (std::size_t head = 0; head < shape.heads; ++head) {
      attend(shape, head, batch_.length(text), qkv, context, buffers_.attention);
    }
  }

  // By LibTorch, one text at a time: its result does not depend on others.
  void attend_plainly(float* qkv, std::size_t length, float* context) const {
    const std::int64_t heads = signed_size(state_.model.heads);
    const at::Tensor from = at::from_blob(qkv, {1, signed_size(length), 3, heads, head_size()}, at::kFloat);
    const auto parts = from.permute({2, 0, 3, 1, 4}).unbind(0);
    at::from_blob(context, {1, signed_size(length), heads, head_size()}, at::kFloat)
        .copy_(at::scaled_dot_product_attention(parts[0], parts[1], parts[2]).transpose(1, 2));
  }
  [[nodiscard]] std::int64_t head_size() const { return signed_size(state_.shape().head_size); }

  const State& state_;
  const PackedBatch& batch_;
  std::pair<std::size_t, std::size_t> texts_;
  GroupBuffers& buffers_;
  std::size_t first_token_;
  std::size_t tokens_;
};

}  // namespace

Int8Transformer::Int8Transformer(const ModelConfig& model, const ModelWeights& weights, Int8Set set)
    : state_(std::make_unique<State>(model, weights, set)) {}

Int8Transformer::~Int8Transformer() = default;

void Int8Transformer::run(const PackedBatch& batch, const std::function<void(const float* hidden)>& use) const {
  auto buffers = state_->pool.take();
  grow(buffers->hidden, batch.tokens() * state_->model.hidden);
  embed_tokens(state_->model, {.words = state_->words.data(), .positions = state_->positions.data()}, batch,
               buffers->hidden.data());
  for (std::size_t first = 0; first < batch.texts();) {
    std::size_t last = first + 1;
    while (last < batch.texts() && batch.begins[last + 1] - batch.begins[first] <= kGroupTokens) ++last;
    GroupPass(*state_, batch, {first, last}, *buffers).run();
    first = last;
  }
  use(buffers->hidden.data());
  state_->pool.give_back(std::move(buffers));
}

}  // namespace persona4rec
