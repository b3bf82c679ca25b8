// A packed batch as tensors on a device, computed once a pass. Thread-safety: const access from any thread.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstddef>
#include <cstdint>
#include <vector>

#include "encoder/model_folder/model_config.hpp"
#include "encoder/sentence/packing.hpp"

namespace persona4rec {

// Texts of neighbouring lengths, padded to one length, for LibTorch's attention.
struct PaddedRun {
  std::int64_t texts = 0;
  std::int64_t length = 0;  // of all of them, padding included
  at::Tensor rows;          // [texts * length] int64: the packed row of each place; padding repeats the text's last
  at::Tensor places;        // [tokens of the run] int64: the place of each packed row; undefined without padding
  at::Tensor key_mask;      // [texts, 1, 1, length] bool: no padding; undefined without padding
};

struct BatchLayout {
  BatchLayout(const ModelConfig& model, const PackedBatch& batch, at::Device device);

  // Texts whose lengths round up to one multiple of `unit` tokens become a run; 1 = no padding.
  [[nodiscard]] std::vector<PaddedRun> padded_runs(std::int64_t unit) const;
  [[nodiscard]] std::int64_t texts() const { return static_cast<std::int64_t>(begins.size()) - 1; }
  [[nodiscard]] std::int64_t tokens() const { return begins.back(); }
  [[nodiscard]] std::int64_t length(std::int64_t text) const {
    const auto i = static_cast<std::size_t>(text);
    return begins[i + 1] - begins[i];
  }

  std::vector<std::int64_t> begins;     // [texts + 1]
  std::vector<std::uint32_t> row_keys;  // [tokens] of dropout: from the text's ids and the place in the text
  at::Tensor ids;                       // [tokens] int64
  at::Tensor positions;                 // [tokens] int64
  at::Tensor lengths;                   // [texts] int64
};

}  // namespace persona4rec
