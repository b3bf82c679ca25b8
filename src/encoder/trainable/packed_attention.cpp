#include "encoder/trainable/packed_attention.hpp"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <vector>

#include "encoder/trainable/vector_rows.hpp"

namespace persona4rec {
namespace {

// Of the forward pass the output and the logarithm of each row's sum are kept; the
// backward pass computes the probabilities again (Dao et al. 2022, FlashAttention, algorithm 4, with whole rows).

constexpr std::int64_t kBlockScores = 1 << 16;  // of one block of queries: 256 KiB, in the second-level cache

// Queries [first, last) of one text and head.
struct QueryBlock {
  std::int64_t begin = 0;   // packed row of the text's first token
  std::int64_t length = 0;  // tokens of the text
  std::int64_t head = 0;
};

class AttentionPass {
 public:
  AttentionPass(const BatchLayout& layout, std::int64_t heads, std::int64_t hidden, const DropoutSite& site)
      : layout_(layout), heads_(heads), hidden_(hidden), site_(site) {}

  // Calls body(block of a text and head, scratch); which thread takes which makes no difference to the result.
  template <class Body>
  void for_each_head(const Body& body) const {
    std::atomic<std::int64_t> next{layout_.texts() * heads_};  // the longest texts first
    at::parallel_for(0, at::get_num_threads(), 1, [&](std::int64_t begin, std::int64_t end) {
      if (begin == end) return;
      std::vector<float> scratch;
      for (std::int64_t task = --next; task >= 0; task = --next) {
        const std::int64_t text = task / heads_;
        body(QueryBlock{.begin = layout_.begins[static_cast<std::size_t>(text)],
                        .length = layout_.length(text),
                        .head = task % heads_},
             scratch);
      }
    });
  }

  // Rows of this head in a [tokens, hidden] tensor: [rows, head size], strided.
  [[nodiscard]] at::Tensor rows(float* data, const QueryBlock& block, std::int64_t first, std::int64_t count) const {
    const std::int64_t size = head_size();
    return at::from_blob(data + (block.begin + first) * hidden_ + block.head * size, {count, size}, {hidden_, 1},
                         at::kFloat);
  }

  // Queries computed at once.
  [[nodiscard]] static std::int64_t block_rows(std::int64_t length) {
    return std::clamp<std::int64_t>(kBlockScores / length, std::min<std::int64_t>(16, length), length);
  }
  [[nodiscard]] DropoutSite head_site(std::int64_t head) const { return site_.part(static_cast<std::uint32_t>(head)); }
  [[nodiscard]] std::uint32_t row_key(std::int64_t token) const {
    return layout_.row_keys[static_cast<std::size_t>(token)];
  }
  [[nodiscard]] std::int64_t heads() const { return heads_; }
  [[nodiscard]] std::int64_t head_size() const { return hidden_ / heads_; }
  [[nodiscard]] float scale() const { return 1 / std::sqrt(static_cast<float>(head_size())); }

 private:
  const BatchLayout& layout_;
  std::int64_t heads_;
  std::int64_t hidden_;
  DropoutSite site_;
};

at::Tensor matrix_in(float* data, std::int64_t rows, std::int64_t columns) {
  return at::from_blob(data, {rows, columns}, at::kFloat);
}

float* data_of(const at::Tensor& tensor) {
  return static_cast<float*>(tensor.data_ptr());
}

struct ForwardData {
  float *query, *key, *value, *output, *log2_sums;
};

void attend_forward(const AttentionPass& pass, const ForwardData& data, const QueryBlock& block,
                    std::vector<float>& scratch) {
  const std::int64_t step = AttentionPass::block_rows(block.length);
  scratch.resize(std::max(scratch.size(), static_cast<std::size_t>(step * block.length)));
  const at::Tensor keys = pass.rows(data.key, block, 0, block.length).t();
  const at::Tensor values = pass.rows(data.value, block, 0, block.length);
  const DropoutSite site = pass.head_site(block.head);
  for (std::int64_t first = 0; first < block.length; first += step) {
    const std::int64_t count = std::min(step, block.length - first);
    at::Tensor scores = matrix_in(scratch.data(), count, block.length);
    at::mm_out(scores, pass.rows(data.query, block, first, count), keys);
    for (std::int64_t i = 0; i < count; ++i) {
      const std::int64_t token = block.begin + first + i;
      data.log2_sums[token * pass.heads() + block.head] =
          attention_forward_row({.scores = scratch.data() + i * block.length,
                                 .columns = static_cast<std::size_t>(block.length),
                                 .scale = pass.scale(),
                                 .key = pass.row_key(token)},
                                site);
    }
    at::Tensor output = pass.rows(data.output, block, first, count);
    at::mm_out(output, scores, values);
  }
}

struct BackwardData {
  ForwardData forward;
  float *gradient, *query, *key, *value;  // of the output; by the inputs
};

float dot(const float* a, const float* b, std::int64_t size) {
  float sum = 0;
  for (std::int64_t i = 0; i < size; ++i) sum += a[i] * b[i];
  return sum;
}

void backward_rows(const AttentionPass& pass, const BackwardData& data, const QueryBlock& block, std::int64_t first,
                   float* scores, float* gradients, std::int64_t count) {
  const DropoutSite site = pass.head_site(block.head);
  for (std::int64_t i = 0; i < count; ++i) {
    const std::int64_t token = block.begin + first + i;
    const std::int64_t at = token * pass.heads() * pass.head_size() + block.head * pass.head_size();
    const float delta = dot(data.gradient + at, data.forward.output + at, pass.head_size());
    attention_backward_row({.scores = scores + i * block.length,
                            .gradients = gradients + i * block.length,
                            .columns = static_cast<std::size_t>(block.length),
                            .scale = pass.scale(),
                            .key = pass.row_key(token)},
                           site, data.forward.log2_sums[token * pass.heads() + block.head], delta);
  }
}

void attend_backward(const AttentionPass& pass, const BackwardData& data, const QueryBlock& block,
                     std::vector<float>& scratch) {
  const std::int64_t step = AttentionPass::block_rows(block.length);
  const std::int64_t size = step * block.length;
  scratch.resize(std::max(scratch.size(), static_cast<std::size_t>(2 * size)));
  const at::Tensor keys = pass.rows(data.forward.key, block, 0, block.length);
  const at::Tensor values_t = pass.rows(data.forward.value, block, 0, block.length).t();
  at::Tensor by_key = pass.rows(data.key, block, 0, block.length);
  at::Tensor by_value = pass.rows(data.value, block, 0, block.length);
  for (std::int64_t first = 0; first < block.length; first += step) {
    const std::int64_t count = std::min(step, block.length - first);
    at::Tensor scores = matrix_in(scratch.data(), count, block.length);
    at::Tensor gradients = matrix_in(scratch.data() + size, count, block.length);
    const at::Tensor queries = pass.rows(data.forward.query, block, first, count);
    const at::Tensor outer = pass.rows(data.gradient, block, first, count);
    at::mm_out(scores, queries, keys.t());
    at::mm_out(gradients, outer, values_t);
    backward_rows(pass, data, block, first, scratch.data(), scratch.data() + size, count);
    at::Tensor by_query = pass.rows(data.query, block, first, count);
    at::mm_out(by_query, gradients, keys);
    if (first == 0) {
      at::mm_out(by_key, gradients.t(), queries);
      at::mm_out(by_value, scores.t(), outer);
    } else {
      by_key.addmm_(gradients.t(), queries);
      by_value.addmm_(scores.t(), outer);
    }
  }
}

// What backward needs beside tensors.
struct AttentionContext : torch::CustomClassHolder {
  std::shared_ptr<const BatchLayout> layout;
  std::int64_t heads = 0;
  DropoutSite site;
};

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

struct PackedAttention : torch::autograd::Function<PackedAttention> {
  static at::Tensor forward(AutogradContext* context, const at::Tensor& query, const at::Tensor& key,
                            const at::Tensor& value, const c10::intrusive_ptr<AttentionContext>& what) {
    const std::int64_t hidden = query.size(1);
    const at::Tensor output = at::empty_like(query);
    const at::Tensor log2_sums = at::empty({query.size(0), what->heads}, query.options());
    const AttentionPass pass(*what->layout, what->heads, hidden, what->site);
    const ForwardData data{data_of(query), data_of(key), data_of(value), data_of(output), data_of(log2_sums)};
    pass.for_each_head(
        [&](const QueryBlock& block, std::vector<float>& scratch) { attend_forward(pass, data, block, scratch); });
    context->save_for_backward({query, key, value, output, log2_sums});
    context->saved_data["what"] = c10::IValue::make_capsule(what);
    return output;
  }

  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    const auto saved = context->get_saved_variables();
    const auto what = c10::static_intrusive_pointer_cast<AttentionContext>(context->saved_data["what"].toCapsule());
    const at::Tensor gradient = gradients[0].contiguous();
    const at::Tensor by_query = at::empty_like(saved[0]);
    const at::Tensor by_key = at::empty_like(saved[1]);
    const at::Tensor by_value = at::empty_like(saved[2]);
    const AttentionPass pass(*what->layout, what->heads, gradient.size(1), what->site);
    const BackwardData data{
        {data_of(saved[0]), data_of(saved[1]), data_of(saved[2]), data_of(saved[3]), data_of(saved[4])},
        data_of(gradient),
        data_of(by_query),
        data_of(by_key),
        data_of(by_value)};
    pass.for_each_head(
        [&](const QueryBlock& block, std::vector<float>& scratch) { attend_backward(pass, data, block, scratch); });
    return {by_query, by_key, by_value, at::Tensor()};
  }
};

}  // namespace

at::Tensor packed_attention(const AttentionInputs& inputs, const std::shared_ptr<const BatchLayout>& layout,
                            const DropoutSite& site) {
  auto what = c10::make_intrusive<AttentionContext>();
  what->layout = layout;
  what->heads = inputs.heads;
  what->site = site;
  return PackedAttention::apply(inputs.query.contiguous(), inputs.key.contiguous(), inputs.value.contiguous(), what);
}

}  // namespace persona4rec
