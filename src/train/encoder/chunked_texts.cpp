#include "train/encoder/chunked_texts.hpp"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <string>
#include <utility>

#include "base/rng.hpp"
#include "train/tensors.hpp"

namespace persona4rec {

ChunkedTexts::ChunkedTexts(const TrainableTransformer& transformer, FrozenStates* frozen,
                           std::vector<std::uint32_t> texts, const TokenFile& tokens, std::size_t limit,
                           std::uint64_t seed)
    : transformer_(transformer), frozen_(frozen), texts_(std::move(texts)), seed_(seed) {
  std::vector<TokenizedText> tokenized;
  tokenized.reserve(texts_.size());
  for (const auto text : texts_) tokenized.push_back(tokens.tokens(text));
  for (const auto& text : tokenized) tokens_ += text.ids.size();
  chunks_ = pack_batches(tokenized, limit == 0 ? std::max<std::size_t>(tokens_, 1) : limit);
}

at::Tensor ChunkedTexts::encode_chunk(std::size_t chunk) {
  const EncodePass pass{.training = true, .seed = Rng(seed_, "chunk " + std::to_string(chunk)).next()};
  const auto& batch = chunks_[chunk];
  if (frozen_ == nullptr) return transformer_.encode(batch, pass);
  return transformer_.encode_from(frozen_->get(transformer_, batch, texts_), batch, pass);
}

at::Tensor ChunkedTexts::encode() {
  std::vector<std::int64_t> place(texts_.size());  // of a text among the chunks' rows
  std::int64_t next = 0;
  std::vector<at::Tensor> parts;
  for (std::size_t chunk = 0; chunk < chunks_.size(); ++chunk) {
    const at::AutoGradMode with_graph(chunks_.size() == 1);
    const auto vectors = encode_chunk(chunk);
    if (chunks_.size() == 1) kept_ = vectors;
    parts.push_back(vectors.detach());
    for (const auto row : chunks_[chunk].rows) place[row] = next++;
  }
  leaf_ = at::cat(parts).set_requires_grad(true);
  return leaf_.index_select(0, at::tensor(place, at::kLong).to(leaf_.device()));
}

void ChunkedTexts::backward() {
  std::int64_t begin = 0;
  for (std::size_t chunk = 0; chunk < chunks_.size(); ++chunk) {
    const auto rows = signed_size(chunks_[chunk].texts());
    const auto vectors = kept_.defined() ? kept_ : encode_chunk(chunk);
    if (vectors.requires_grad()) vectors.backward(leaf_.grad().narrow(0, begin, rows));
    begin += rows;
  }
}

}  // namespace persona4rec
