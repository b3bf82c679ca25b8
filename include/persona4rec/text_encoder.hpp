// A sentence encoder as every stage sees it: texts in, one f32 vector each out.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "persona4rec/progress.hpp"

namespace persona4rec {

struct EncodeCounts {
  std::uint64_t texts = 0;
  std::uint64_t encoded = 0;    // texts that the model ran on (the rest: repeated, or found in the text store)
  std::uint64_t tokens = 0;     // of the encoded texts, special tokens included
  std::uint64_t truncated = 0;  // of all texts: cut at the max length
};

// Row-major f32 matrix.
struct Embeddings {
  std::size_t rows = 0;
  std::size_t dimensions = 0;
  std::vector<float> values;  // [rows, dimensions] f32
  EncodeCounts counts;
  // [rows] 1 = cut at the max length. An encoder that never cuts may leave it empty.
  std::vector<std::uint8_t> truncated;

  [[nodiscard]] std::span<const float> row(std::size_t i) const {
    return std::span(values).subspan(i * dimensions, dimensions);
  }
};

class TextEncoder {
 public:
  TextEncoder() = default;
  TextEncoder(const TextEncoder&) = delete;
  TextEncoder& operator=(const TextEncoder&) = delete;
  virtual ~TextEncoder() = default;

  [[nodiscard]] virtual std::size_t dimensions() const = 0;

  // Hex SHA-256 over everything that decides a vector: weights, tokenizer, pooling, normalisation, max length, dtype.
  [[nodiscard]] virtual std::string fingerprint() const = 0;

  // How many texts a caller with more of them had best give at once: some of the windows that they are encoded in.
  [[nodiscard]] virtual std::size_t texts_at_once() const { return std::size_t{4} * 4096; }

  // Vectors in input order. Texts already carry their prefix. Deterministic for equal texts, device, threads and
  // version. Throws Error kInternal (LibTorch's message).
  [[nodiscard]] virtual Embeddings encode(std::span<const std::string> texts, const ProgressFn& progress) = 0;
};

}  // namespace persona4rec
