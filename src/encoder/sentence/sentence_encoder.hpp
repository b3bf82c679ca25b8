// A model folder as a TextEncoder: tokenizer, transformer, pooling, windows of distinct texts.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "encoder/model_folder/opened_model.hpp"
#include "encoder/sentence/batch_model.hpp"
#include "encoder/store/batch_encoder.hpp"
#include "encoder/store/dtype_file.hpp"
#include "encoder/tokenizer/tokenizer.hpp"
#include "persona4rec/encoder.hpp"

namespace persona4rec {

class SentenceEncoder final : public BatchEncoder {
 public:
  // `model`: the opened folder of these options; `computed`: what computes it, `fingerprint`: of both.
  // options.text_store is not looked at. REQUIRES nothing of `model` afterwards.
  SentenceEncoder(const EncoderOptions& options, const OpenedModel& model, std::unique_ptr<const BatchModel> computed,
                  std::string fingerprint);

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
  std::unique_ptr<const BatchModel> model_;
  std::string fingerprint_;
};

// The encoder whose model is computed_in_blocks(): without LibTorch.
[[nodiscard]] std::unique_ptr<BatchEncoder> open_block_encoder(const EncoderOptions& options, const OpenedModel& model,
                                                               ComputeDtype dtype);

}  // namespace persona4rec
