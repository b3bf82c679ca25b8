#include "encoder/trainable/batch_layout.hpp"

#include <ATen/ATen.h>

#include "encoder/trainable/dropout_mask.hpp"

namespace persona4rec {
namespace {

at::Tensor indices(const std::vector<std::int64_t>& values, at::Device device) {
  const auto size = static_cast<std::int64_t>(values.size());
  return at::from_blob(const_cast<std::int64_t*>(values.data()), {size}, at::kLong).clone().to(device);
}

std::uint32_t text_key(const std::int32_t* ids, std::int64_t length) {
  std::uint32_t key = 0x9E3779B9U;
  for (std::int64_t i = 0; i < length; ++i) key = mix32(key + static_cast<std::uint32_t>(ids[i])) + 0x85EBCA6BU;
  return key;
}

// Texts [first, last) of the layout as one run.
PaddedRun padded_run(const BatchLayout& layout, std::int64_t first, std::int64_t last, std::int64_t length) {
  std::vector<std::int64_t> rows;
  std::vector<std::int64_t> places;
  for (std::int64_t text = first; text < last; ++text) {
    const std::int64_t begin = layout.begins[static_cast<std::size_t>(text)];
    const std::int64_t own = layout.length(text);
    for (std::int64_t i = 0; i < length; ++i) {
      if (i < own) places.push_back(static_cast<std::int64_t>(rows.size()));
      rows.push_back(begin + std::min(i, own - 1));
    }
  }
  const at::Device device = layout.ids.device();
  PaddedRun run{.texts = last - first, .length = length, .rows = indices(rows, device)};
  if (places.size() == rows.size()) return run;
  run.places = indices(places, device);
  run.key_mask = at::arange(length, layout.lengths.options())
                     .lt(layout.lengths.slice(0, first, last).unsqueeze(1))
                     .view({run.texts, 1, 1, length});
  return run;
}

}  // namespace

BatchLayout::BatchLayout(const ModelConfig& model, const PackedBatch& batch, at::Device device)
    : begins(batch.begins.begin(), batch.begins.end()) {
  std::vector<std::int64_t> lengths_of;
  std::vector<std::int64_t> positions_of;
  positions_of.reserve(batch.tokens());
  row_keys.reserve(batch.tokens());
  for (std::size_t text = 0; text < batch.texts(); ++text) {
    const std::int32_t* own = batch.ids.data() + batch.begins[text];
    const auto length = static_cast<std::int64_t>(batch.length(text));
    const std::uint32_t key = text_key(own, length);
    auto next = static_cast<std::int64_t>(model.first_position);
    for (std::int64_t i = 0; i < length; ++i) {
      // XLM-R: a padding token, which a text may hold by its name, has the position below the first.
      const bool padding = own[i] + 1 == static_cast<std::int64_t>(model.first_position);
      positions_of.push_back(padding ? own[i] : next++);
      row_keys.push_back(mix32(key + static_cast<std::uint32_t>(i)));
    }
    lengths_of.push_back(length);
  }
  ids = indices({batch.ids.begin(), batch.ids.end()}, device);
  positions = indices(positions_of, device);
  lengths = indices(lengths_of, device);
}

std::vector<PaddedRun> BatchLayout::padded_runs(std::int64_t unit) const {
  const auto padded = [&](std::int64_t text) { return (length(text) + unit - 1) / unit * unit; };
  std::vector<PaddedRun> runs;
  for (std::int64_t first = 0; first < texts();) {
    std::int64_t last = first + 1;
    while (last < texts() && padded(last) == padded(first)) ++last;
    runs.push_back(padded_run(*this, first, last, padded(first)));
    first = last;
  }
  return runs;
}

}  // namespace persona4rec
