// Collects the vectors of distinct texts and hands them to every row that holds the text.
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "encoder/store/text_windows.hpp"
#include "persona4rec/text_encoder.hpp"

namespace persona4rec {

class EmbeddingsBuilder {
 public:
  EmbeddingsBuilder(std::span<const std::string> texts, std::size_t dimensions);

  [[nodiscard]] const DistinctTexts& distinct() const { return distinct_; }
  [[nodiscard]] EncodeCounts& counts() { return out_.counts; }

  // The vector of a distinct text, to be written once; [dimensions].
  [[nodiscard]] std::span<float> vector(std::size_t distinct);
  void set_truncated(std::size_t distinct, bool truncated);

  // Copies vectors to repeated texts and counts. The builder is spent.
  [[nodiscard]] Embeddings finish();

 private:
  DistinctTexts distinct_;
  Embeddings out_;
};

}  // namespace persona4rec
