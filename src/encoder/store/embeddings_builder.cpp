#include "encoder/store/embeddings_builder.hpp"

#include <algorithm>
#include <utility>

namespace persona4rec {

EmbeddingsBuilder::EmbeddingsBuilder(std::span<const std::string> texts, std::size_t dimensions)
    : distinct_(find_distinct(texts)),
      out_{.rows = texts.size(),
           .dimensions = dimensions,
           .values = std::vector<float>(texts.size() * dimensions),
           .counts = {.texts = texts.size()},
           .truncated = std::vector<std::uint8_t>(texts.size())} {}

std::span<float> EmbeddingsBuilder::vector(std::size_t distinct) {
  return std::span(out_.values).subspan(distinct_.first[distinct] * out_.dimensions, out_.dimensions);
}

void EmbeddingsBuilder::set_truncated(std::size_t distinct, bool truncated) {
  out_.truncated[distinct_.first[distinct]] = truncated ? 1 : 0;
}

Embeddings EmbeddingsBuilder::finish() {
  for (std::size_t row = 0; row < out_.rows; ++row) {
    const std::size_t first = distinct_.first[distinct_.of[row]];
    if (first != row) {
      std::ranges::copy(out_.row(first), out_.values.begin() + static_cast<std::ptrdiff_t>(row * out_.dimensions));
      out_.truncated[row] = out_.truncated[first];
    }
    out_.counts.truncated += out_.truncated[row];
  }
  return std::move(out_);
}

}  // namespace persona4rec
