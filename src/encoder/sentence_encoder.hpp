// A model folder as a TextEncoder: tokenizer, transformer, pooling, windows of distinct texts.
#pragma once

#include <memory>
#include <span>
#include <string>

#include "encoder/model_folder/opened_model.hpp"
#include "encoder/store/batch_encoder.hpp"
#include "encoder/tokenizer/tokenizer.hpp"
#include "encoder/transformer/transformer.hpp"
#include "persona4rec/encoder.hpp"

namespace persona4rec {

class TrainableTransformer;

class SentenceEncoder final : public BatchEncoder {
 public:
  // options.text_store is not looked at. Throws as open_text_encoder.
  explicit SentenceEncoder(const EncoderOptions& options);
  // `model`: the opened folder of these options. REQUIRES nothing of it afterwards.
  SentenceEncoder(const EncoderOptions& options, const OpenedModel& model);

  ~SentenceEncoder() override;
  [[nodiscard]] std::size_t dimensions() const override { return dimensions_; }
  [[nodiscard]] std::size_t max_length() const override { return max_length_; }
  [[nodiscard]] std::string fingerprint() const override { return fingerprint_; }
  [[nodiscard]] Embeddings encode(std::span<const std::string> texts, const ProgressFn& progress) override;
  void encode_window(const TextWindow& window, const BatchFn& finished) override;

 private:
  [[nodiscard]] std::vector<TokenizedText> tokenize(std::span<const std::string> texts,
                                                    std::span<const std::size_t> rows) const;

  std::size_t dimensions_ = 0;
  std::size_t max_length_ = 0;
  std::string prompt_;  // before every text
  std::size_t batch_tokens_ = 0;
  std::size_t threads_ = 0;
  std::shared_ptr<const Tokenizer> tokenizer_;
  void encode_on_device(const std::vector<TokenizedText>& tokenized, const std::vector<PackedBatch>& batches,
                        const BatchFn& finished) const;

  // One of the two: ours for CPUs, LibTorch's operators on another device.
  std::unique_ptr<Transformer> transformer_;
  std::unique_ptr<TrainableTransformer> on_device_;
  std::string fingerprint_;
};

}  // namespace persona4rec
