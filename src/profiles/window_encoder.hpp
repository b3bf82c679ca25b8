// Encodes texts that come one at a time, some windows of them at once, into the rows of a matrix; no more texts are
// held than that. Thread-safety: one object, one thread.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "persona4rec/progress.hpp"
#include "persona4rec/text_encoder.hpp"

namespace persona4rec {

class WindowEncoder {
 public:
  // `out`: [rows, encoder.dimensions()] f32, outlives this object. `total`: texts to come, for progress.
  WindowEncoder(TextEncoder& encoder, std::span<float> out, ProgressFn progress, std::size_t total);

  // The text's vector goes to `row` of the matrix, by finish() at the latest.
  void add(std::size_t row, std::string text);
  void finish();

  [[nodiscard]] const EncodeCounts& counts() const { return counts_; }

 private:
  TextEncoder& encoder_;
  std::span<float> out_;
  ProgressFn progress_;
  std::size_t total_;
  std::vector<std::size_t> rows_;
  std::vector<std::string> texts_;
  EncodeCounts counts_;
};

}  // namespace persona4rec
