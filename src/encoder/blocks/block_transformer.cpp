#include "encoder/blocks/block_transformer.hpp"

#include <algorithm>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "encoder/blocks/buffer_pool.hpp"
#include "encoder/blocks/token_embeddings.hpp"
#include "encoder/kernels/attention_f32.hpp"

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

// How linear layers are computed; memory for one pass at a time.
class Int8Products {
 public:
  using Weights = Int8Weights;
  static Weights pack(std::span<const float> weights, std::span<const float> bias) {
    return quantize_weights(weights, bias);
  }

  // to = from W + b
  void multiply(const RowKernels& kernels, const FloatRows& from, const Weights& weights, const FloatRows& to) {
    rows_.shape(from.count, from.width);
    kernels.quantize(from, rows_);
    kernels.int8_product(rows_, weights, to);
  }

 private:
  Int8Rows rows_;
};

class F32Products {
 public:
  using Weights = F32Weights;
  static Weights pack(std::span<const float> weights, std::span<const float> bias) {
    return pack_weights(weights, bias);
  }
  static void multiply(const RowKernels& kernels, const FloatRows& from, const Weights& weights, const FloatRows& to) {
    kernels.f32_product(from, weights, to);
  }
};

template <class Weights>
struct BlockLayer {
  Weights qkv;     // query, key and value in one product
  Weights output;  // of attention
  Norm attention_norm;
  Weights inner;
  Weights outer;
  Norm output_norm;
};

std::vector<float> tensor(const ModelWeights& weights, const std::string& name) {
  return to_f32(weights.tensor(name));
}

Norm norm(const ModelWeights& weights, const std::string& name) {
  return {tensor(weights, name + ".weight"), tensor(weights, name + ".bias")};
}

// Several linear layers of one input as one.
template <class Products>
typename Products::Weights linear(const ModelWeights& weights, const std::vector<std::string>& names) {
  std::vector<float> values;
  std::vector<float> bias;
  for (const auto& name : names) {
    const auto more_values = tensor(weights, name + ".weight");
    const auto more_bias = tensor(weights, name + ".bias");
    values.insert(values.end(), more_values.begin(), more_values.end());
    bias.insert(bias.end(), more_bias.begin(), more_bias.end());
  }
  return Products::pack(values, bias);
}

template <class Products>
BlockLayer<typename Products::Weights> read_layer(const ModelWeights& weights, std::size_t index) {
  const std::string name = "encoder.layer." + std::to_string(index) + ".";
  const std::string self = name + "attention.self.";
  return {.qkv = linear<Products>(weights, {self + "query", self + "key", self + "value"}),
          .output = linear<Products>(weights, {name + "attention.output.dense"}),
          .attention_norm = norm(weights, name + "attention.output.LayerNorm"),
          .inner = linear<Products>(weights, {name + "intermediate.dense"}),
          .outer = linear<Products>(weights, {name + "output.dense"}),
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
template <class Products>
struct GroupBuffers {
  std::vector<float> hidden;   // [tokens of the batch, hidden]
  std::vector<float> qkv;      // [tokens of a group, 3 * hidden]
  std::vector<float> context;  // [tokens of a group, hidden]
  std::vector<float> product;  // [kBlockRows, hidden]
  std::vector<float> inner;    // [kBlockRows, intermediate]
  Products products;
  AttentionScratch attention;
};

void grow(std::vector<float>& buffer, std::size_t size) {
  if (buffer.size() < size) buffer.resize(size);
}

// The model as it is computed, read-only.
template <class Products>
struct Model {
  ModelConfig config;
  const RowKernels* kernels;
  std::vector<float> words;
  std::vector<float> positions;
  Norm embedding_norm;
  std::vector<BlockLayer<typename Products::Weights>> layers;
  decltype(RowKernels::attend) attend;

  Model(const ModelConfig& model, const ModelWeights& weights, KernelSet set)
      : config(model),
        kernels(&row_kernels(set)),
        words(tensor(weights, "embeddings.word_embeddings.weight")),
        positions(position_table(weights, model.hidden)),
        embedding_norm(norm(weights, "embeddings.LayerNorm")),
        attend(has_fast_attention_f32(shape()) ? &persona4rec::attend : kernels->attend) {
    for (std::size_t i = 0; i < model.layers; ++i) layers.push_back(read_layer<Products>(weights, i));
  }

  [[nodiscard]] AttentionShape shape() const {
    return {.heads = config.heads, .head_size = config.hidden / config.heads};
  }
};

// The texts [first, last) of a batch on their way through the layers.
template <class Products>
class GroupPass {
 public:
  using Weights = typename Products::Weights;

  GroupPass(const Model<Products>& model, const PackedBatch& batch, std::pair<std::size_t, std::size_t> texts,
            GroupBuffers<Products>& buffers)
      : model_(model),
        batch_(batch),
        texts_(texts),
        buffers_(buffers),
        first_token_(batch.begins[texts.first]),
        tokens_(batch.begins[texts.second] - first_token_) {
    const ModelConfig& config = model.config;
    grow(buffers.qkv, tokens_ * 3 * config.hidden);
    grow(buffers.context, tokens_ * config.hidden);
    grow(buffers.product, kBlockRows * config.hidden);
    grow(buffers.inner, kBlockRows * config.intermediate);
  }

  void run() {
    const FloatRows nothing;
    model_.kernels->add_and_norm(nothing, norm_weights(model_.embedding_norm), hidden(0, tokens_));
    for (const auto& layer : model_.layers) {
      for (std::size_t row = 0; row < tokens_; row += kBlockRows) {
        const std::size_t count = std::min(kBlockRows, tokens_ - row);
        multiply(hidden(row, count), layer.qkv, rows(buffers_.qkv, row, count, 3 * model_.config.hidden));
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
    return rows(buffers_.hidden, first_token_ + row, count, model_.config.hidden);
  }
  [[nodiscard]] NormWeights norm_weights(const Norm& norm) const {
    return {.weight = norm.weight.data(),
            .bias = norm.bias.data(),
            .epsilon = static_cast<float>(model_.config.layer_norm_eps)};
  }

  void multiply(const FloatRows& from, const Weights& weights, const FloatRows& to) {
    buffers_.products.multiply(*model_.kernels, from, weights, to);
  }

  // What follows attention, for a block of rows.
  void finish_layer(const BlockLayer<Weights>& layer, std::size_t row) {
    const std::size_t count = std::min(kBlockRows, tokens_ - row);
    const FloatRows states = hidden(row, count);
    const FloatRows product = rows(buffers_.product, 0, count, model_.config.hidden);
    const FloatRows inner = rows(buffers_.inner, 0, count, model_.config.intermediate);
    multiply(rows(buffers_.context, row, count, model_.config.hidden), layer.output, product);
    model_.kernels->add_and_norm(product, norm_weights(layer.attention_norm), states);
    multiply(states, layer.inner, inner);
    activate(inner);
    multiply(inner, layer.outer, product);
    model_.kernels->add_and_norm(product, norm_weights(layer.output_norm), states);
  }

  void activate(const FloatRows& values) const {
    switch (model_.config.activation) {
      case Activation::kGelu:
        return model_.kernels->gelu(values);
      case Activation::kRelu:
        return model_.kernels->relu(values);
      default:
        return model_.kernels->gelu_tanh(values);
    }
  }

  // context = attention of qkv
  void attend_text(std::size_t text) {
    const AttentionShape shape = model_.shape();
    const std::size_t first = batch_.begins[text] - first_token_;
    const float* qkv = buffers_.qkv.data() + first * 3 * shape.hidden();
    float* context = buffers_.context.data() + first * shape.hidden();
    for (std::size_t head = 0; head < shape.heads; ++head) {
      model_.attend(shape, head, batch_.length(text), qkv, context, buffers_.attention);
    }
  }

  const Model<Products>& model_;
  const PackedBatch& batch_;
  std::pair<std::size_t, std::size_t> texts_;
  GroupBuffers<Products>& buffers_;
  std::size_t first_token_;
  std::size_t tokens_;
};

}  // namespace

class BlockTransformer::Layers {
 public:
  virtual ~Layers() = default;
  virtual void run(const PackedBatch& batch, const std::function<void(const float* hidden)>& use) const = 0;

  template <class Products>
  class Of;
};

template <class Products>
class BlockTransformer::Layers::Of final : public Layers {
 public:
  Of(const ModelConfig& model, const ModelWeights& weights, KernelSet set) : model_(model, weights, set) {}

  void run(const PackedBatch& batch, const std::function<void(const float* hidden)>& use) const override {
    auto buffers = pool_.take();
    grow(buffers->hidden, batch.tokens() * model_.config.hidden);
    embed_tokens(model_.config, {.words = model_.words.data(), .positions = model_.positions.data()}, batch,
                 buffers->hidden.data());
    for (std::size_t first = 0; first < batch.texts();) {
      std::size_t last = first + 1;
      while (last < batch.texts() && batch.begins[last + 1] - batch.begins[first] <= kGroupTokens) ++last;
      GroupPass<Products>(model_, batch, {first, last}, *buffers).run();
      first = last;
    }
    use(buffers->hidden.data());
    pool_.give_back(std::move(buffers));
  }

 private:
  Model<Products> model_;
  mutable BufferPool<GroupBuffers<Products>> pool_;
};

BlockTransformer::BlockTransformer(const ModelConfig& model, const ModelWeights& weights, ComputeDtype dtype,
                                   KernelSet set) {
  if (dtype == ComputeDtype::kInt8) {
    layers_ = std::make_unique<const Layers::Of<Int8Products>>(model, weights, set);
  } else {
    layers_ = std::make_unique<const Layers::Of<F32Products>>(model, weights, set);
  }
}

BlockTransformer::~BlockTransformer() = default;

void BlockTransformer::run(const PackedBatch& batch, const std::function<void(const float* hidden)>& use) const {
  layers_->run(batch, use);
}

}  // namespace persona4rec
