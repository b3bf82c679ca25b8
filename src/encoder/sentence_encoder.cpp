#include "encoder/sentence_encoder.hpp"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <algorithm>
#include <numeric>

#include "base/parallel.hpp"
#include "base/stop.hpp"
#include "base/utf8.hpp"
#include "encoder/device_choice.hpp"
#include "encoder/dtype_choice.hpp"
#include "encoder/store/batch_collector.hpp"
#include "encoder/trainable/trainable_transformer.hpp"
#include "persona4rec/error.hpp"

namespace persona4rec {
namespace {

constexpr std::size_t kTokenizeGrain = 64;       // texts a thread takes at a time
constexpr std::size_t kDeviceTokens = 16 << 10;  // of a batch on a GPU, at least: smaller ones leave it idle

// bf16 on a GPU unless f32 is asked for.
ComputeDtype dtype_on_device(EncoderDtype asked) {
  if (asked == EncoderDtype::kInt8) throw usage_error("--dtype int8 is computed by processors: say --device cpu");
  return asked == EncoderDtype::kF32 ? ComputeDtype::kF32 : ComputeDtype::kBf16;
}

std::vector<std::uint8_t> truncated_of(const PackedBatch& batch, const std::vector<TokenizedText>& tokenized) {
  std::vector<std::uint8_t> truncated;
  truncated.reserve(batch.rows.size());
  for (const std::size_t member : batch.rows) truncated.push_back(tokenized[member].truncated ? 1 : 0);
  return truncated;
}

}  // namespace

SentenceEncoder::SentenceEncoder(const EncoderOptions& options) : SentenceEncoder(options, OpenedModel(options)) {}

SentenceEncoder::SentenceEncoder(const EncoderOptions& options, const OpenedModel& model)
    : dimensions_(model.config.hidden),
      max_length_(model.max_length),
      prompt_(model.prompt),
      batch_tokens_(std::max<std::size_t>(options.batch_tokens, 1)),
      threads_(options.threads),
      tokenizer_(model.tokenizer) {
  const c10::Device device = choose_device(options.device);
  const ComputeDtype dtype = device.is_cpu() ? choose_dtype(options, model.config) : dtype_on_device(options.dtype);
  if (device.is_cpu()) {
    transformer_ = std::make_unique<Transformer>(model.config, model.weights, TransformerOptions{.dtype = dtype});
  } else {
    on_device_ = std::make_unique<TrainableTransformer>(
        model.config, model.weights, TrainableOptions{.bf16 = dtype == ComputeDtype::kBf16, .device = device});
    batch_tokens_ = std::max(batch_tokens_, kDeviceTokens);
  }
  fingerprint_ = model.fingerprint(name_of(dtype), device.is_cpu() ? "" : c10::DeviceTypeName(device.type(), true));
}

SentenceEncoder::~SentenceEncoder() = default;

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

// Batches are spread over the threads; each is computed by one.
void SentenceEncoder::encode_window(const TextWindow& window, const BatchFn& finished) {
  const SingleThreadedOperators single_threaded;
  const auto tokenized = tokenize(window.texts, window.rows);
  auto batches = pack_batches(tokenized, batch_tokens_);
  std::erase_if(batches, [&](const PackedBatch& batch) {
    return !window.known.empty() &&
           std::ranges::all_of(batch.rows, [&](std::size_t member) { return window.known[member] != 0; });
  });
  if (on_device_) return encode_on_device(tokenized, batches, finished);
  parallel_ranges(batches.size(), 1, threads_, [&](std::size_t index, std::size_t) {
    throw_if_stopped();
    const PackedBatch& batch = batches[index];
    const std::vector<float> vectors = transformer_->encode(batch);
    const auto truncated = truncated_of(batch, tokenized);
    finished({.members = batch.rows, .vectors = vectors, .truncated = truncated, .tokens = batch.tokens()});
  });
}

// One batch after the other: the device is one.
void SentenceEncoder::encode_on_device(const std::vector<TokenizedText>& tokenized,
                                       const std::vector<PackedBatch>& batches, const BatchFn& finished) const {
  const c10::NoGradGuard no_gradient;
  for (const PackedBatch& batch : batches) {
    throw_if_stopped();
    const at::Tensor vectors = on_device_->encode(batch, EncodePass{}).to(at::kCPU, at::kFloat).contiguous();
    const auto truncated = truncated_of(batch, tokenized);
    finished({.members = batch.rows,
              .vectors = {vectors.const_data_ptr<float>(), static_cast<std::size_t>(vectors.numel())},
              .truncated = truncated,
              .tokens = batch.tokens()});
  }
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

}  // namespace persona4rec
