#include "encoder/sentence/sentence_encoder.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

#include "base/parallel.hpp"
#include "base/utf8.hpp"
#include "encoder/blocks/block_model.hpp"
#include "encoder/store/batch_collector.hpp"
#include "persona4rec/error.hpp"

namespace persona4rec {
namespace {

constexpr std::size_t kTokenizeGrain = 64;  // texts a thread takes at a time

std::vector<std::uint8_t> truncated_of(const PackedBatch& batch, const std::vector<TokenizedText>& tokenized) {
  std::vector<std::uint8_t> truncated;
  truncated.reserve(batch.rows.size());
  for (const std::size_t member : batch.rows) truncated.push_back(tokenized[member].truncated ? 1 : 0);
  return truncated;
}

}  // namespace

SentenceEncoder::SentenceEncoder(const EncoderOptions& options, const OpenedModel& model,
                                 std::unique_ptr<const BatchModel> computed, std::string fingerprint)
    : dimensions_(model.config.hidden),
      max_length_(model.max_length),
      prompt_(model.prompt),
      batch_tokens_(std::max(options.batch_tokens, computed->least_batch_tokens())),
      threads_(options.threads),
      tokenizer_(model.tokenizer),
      model_(std::move(computed)),
      fingerprint_(std::move(fingerprint)) {}

std::vector<TokenizedText> SentenceEncoder::tokenize(std::span<const std::string> texts,
                                                     std::span<const std::size_t> rows) const {
  std::vector<TokenizedText> tokenized(rows.size());
  parallel_ranges(rows.size(), kTokenizeGrain, threads_, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) {
      const std::string& text = texts[rows[i]];
      if (const auto bad = find_bad_utf8(text)) {
        throw input_error({}, "text " + std::to_string(rows[i] + 1) + " to encode: expected UTF-8, got a bad byte at " +
                                  std::to_string(*bad + 1));
      }
      tokenized[i] = tokenizer_->tokenize(prompt_ + text, max_length_);
    }
  });
  return tokenized;
}

void SentenceEncoder::encode_window(const TextWindow& window, const BatchFn& finished) {
  const auto tokenized = tokenize(window.texts, window.rows);
  auto batches = pack_batches(tokenized, batch_tokens_);
  std::erase_if(batches, [&](const PackedBatch& batch) {
    return !window.known.empty() &&
           std::ranges::all_of(batch.rows, [&](std::size_t member) { return window.known[member] != 0; });
  });
  model_->encode(batches, threads_, [&](std::size_t index, std::span<const float> vectors) {
    const PackedBatch& batch = batches[index];
    const auto truncated = truncated_of(batch, tokenized);
    finished({.members = batch.rows, .vectors = vectors, .truncated = truncated, .tokens = batch.tokens()});
  });
}

Embeddings SentenceEncoder::encode(std::span<const std::string> texts, const ProgressFn& progress) {
  EmbeddingsBuilder builder(texts, dimensions());
  BatchCollector collector(builder, texts, max_length_, progress);
  std::vector<std::size_t> distinct(builder.distinct().size());
  std::iota(distinct.begin(), distinct.end(), std::size_t{0});
  for (std::size_t begin = 0; begin < distinct.size(); begin += kWindowTexts) {
    const std::size_t size = std::min(kWindowTexts, distinct.size() - begin);
    const auto rows = std::span(builder.distinct().first).subspan(begin, size);
    encode_window({.texts = texts, .rows = rows, .known = {}},
                  [&](const EncodedBatch& batch) { collector.take(batch, std::span(distinct).subspan(begin, size)); });
  }
  return builder.finish();
}

std::unique_ptr<BatchEncoder> open_block_encoder(const EncoderOptions& options, const OpenedModel& model,
                                                 ComputeDtype dtype) {
  return std::make_unique<SentenceEncoder>(options, model,
                                           std::make_unique<BlockModel>(model.config, model.weights, dtype),
                                           model.fingerprint(name_of(dtype), ""));
}

}  // namespace persona4rec
