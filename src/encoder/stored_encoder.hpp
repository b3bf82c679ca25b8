// A TextEncoder that looks into a text store first and keeps there what it had to compute.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "encoder/embeddings_builder.hpp"
#include "encoder/text_store.hpp"
#include "persona4rec/text_encoder.hpp"

namespace persona4rec {

class StoredEncoder final : public TextEncoder {
 public:
  // Opens (and locks) the store for the life of this object. Throws as TextStore.
  StoredEncoder(std::unique_ptr<TextEncoder> encoder, const std::filesystem::path& store);

  [[nodiscard]] std::size_t dimensions() const override { return encoder_->dimensions(); }
  [[nodiscard]] std::string fingerprint() const override { return fingerprint_; }

  // Window by window: what a window lacks is encoded at once and appended as one block before the next one begins, so
  // that an interrupted run goes on where it was and gives the bytes of an uninterrupted one.
  [[nodiscard]] Embeddings encode(std::span<const std::string> texts, const ProgressFn& progress) override;

 private:
  struct Missing {
    std::vector<std::size_t> distinct;  // which distinct texts
    std::vector<std::string> texts;
    std::vector<TextKey> keys;
  };

  [[nodiscard]] Missing fill_window(std::span<const std::string> texts, std::size_t begin, EmbeddingsBuilder& builder);
  void encode_missing(const Missing& missing, EmbeddingsBuilder& builder, const ProgressFn& progress);

  std::unique_ptr<TextEncoder> encoder_;
  std::string fingerprint_;
  TextStore store_;
};

}  // namespace persona4rec
