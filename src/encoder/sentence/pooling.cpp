#include "encoder/sentence/pooling.hpp"

#include <algorithm>
#include <cmath>

namespace persona4rec {
namespace {

void pool_mean(std::span<const float> hidden, std::span<float> out) {
  std::ranges::fill(out, 0.0F);
  for (std::size_t at = 0; at < hidden.size(); at += out.size()) {
    for (std::size_t d = 0; d < out.size(); ++d) out[d] += hidden[at + d];
  }
  const std::size_t tokens = hidden.size() / out.size();
  for (float& value : out) value /= static_cast<float>(tokens);
}

void pool_max(std::span<const float> hidden, std::span<float> out) {
  std::ranges::copy(hidden.first(out.size()), out.begin());
  for (std::size_t at = out.size(); at < hidden.size(); at += out.size()) {
    for (std::size_t d = 0; d < out.size(); ++d) out[d] = std::max(out[d], hidden[at + d]);
  }
}

}  // namespace

void pool(Pooling pooling, std::span<const float> hidden, std::span<float> out) {
  if (pooling == Pooling::kMean) return pool_mean(hidden, out);
  if (pooling == Pooling::kMax) return pool_max(hidden, out);
  std::ranges::copy(hidden.first(out.size()), out.begin());  // [CLS] comes first
}

void normalize(std::span<float> out) {
  double sum = 0;
  for (const float value : out) sum += double{value} * double{value};
  const auto norm = static_cast<float>(std::max(std::sqrt(sum), 1e-12));
  for (float& value : out) value /= norm;
}

std::vector<float> pool_texts(const ModelConfig& model, const PackedBatch& batch, const float* hidden) {
  std::vector<float> vectors(batch.texts() * model.hidden);
  for (std::size_t text = 0; text < batch.texts(); ++text) {
    const std::span<float> out(vectors.data() + text * model.hidden, model.hidden);
    pool(model.pooling, {hidden + batch.begins[text] * model.hidden, batch.length(text) * model.hidden}, out);
    if (model.normalize) normalize(out);
  }
  return vectors;
}

}  // namespace persona4rec
