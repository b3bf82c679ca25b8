#include "encoder/sentence/packing.hpp"

#include <algorithm>
#include <numeric>

namespace persona4rec {

std::vector<PackedBatch> pack_batches(std::span<const TokenizedText> texts, std::size_t batch_tokens) {
  std::vector<std::size_t> order(texts.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, {}, [&](std::size_t row) { return texts[row].ids.size(); });
  std::vector<PackedBatch> batches;
  for (const std::size_t row : order) {
    const auto& ids = texts[row].ids;
    if (batches.empty() || batches.back().tokens() + ids.size() > batch_tokens) {
      batches.emplace_back().begins.push_back(0);
      batches.back().ids.reserve(std::max(batch_tokens, ids.size()));
    }
    PackedBatch& batch = batches.back();
    batch.ids.insert(batch.ids.end(), ids.begin(), ids.end());
    batch.begins.push_back(batch.ids.size());
    batch.rows.push_back(row);
  }
  return batches;
}

}  // namespace persona4rec
