#include "encoder/store/batch_collector.hpp"

#include <algorithm>

namespace persona4rec {

namespace {

constexpr double kBytesOfToken = 4.5;  // of English prose in WordPiece, spaces included
constexpr double kBytesOfText = 16;    // what a text costs whatever its length

}  // namespace

BatchCollector::BatchCollector(EmbeddingsBuilder& builder, std::span<const std::string> texts, std::size_t max_length,
                               const ProgressFn& progress)
    : builder_(builder),
      texts_(texts),
      max_cost_(kBytesOfToken * static_cast<double>(max_length)),
      progress_(progress) {
  for (std::size_t i = 0; i < builder.distinct().size(); ++i) cost_left_ += cost_of(i);
}

double BatchCollector::cost_of(std::size_t distinct) const {
  const auto bytes = static_cast<double>(texts_[builder_.distinct().first[distinct]].size());
  return kBytesOfText + std::min(bytes, max_cost_);
}

void BatchCollector::tell() const {
  progress_({.what = "texts",
             .done = done_,
             .total = builder_.distinct().size(),
             .share = cost_done_ / std::max(cost_done_ + cost_left_, kBytesOfText)});
}

void BatchCollector::take(const EncodedBatch& batch, std::span<const std::size_t> distinct) {
  const std::size_t dimensions = batch.vectors.size() / batch.members.size();
  const std::scoped_lock lock(mutex_);
  for (std::size_t i = 0; i < batch.members.size(); ++i) {
    const std::size_t text = distinct[batch.members[i]];
    std::ranges::copy(batch.vectors.subspan(i * dimensions, dimensions), builder_.vector(text).begin());
    builder_.set_truncated(text, batch.truncated[i] != 0);
  }
  builder_.counts().encoded += batch.members.size();
  builder_.counts().tokens += batch.tokens;
  done_ += batch.members.size();
  for (const std::size_t member : batch.members) {
    const double cost = cost_of(distinct[member]);
    cost_done_ += cost;
    cost_left_ = std::max(cost_left_ - cost, 0.0);
  }
  if (progress_ && std::this_thread::get_id() == caller_) tell();
}

void BatchCollector::add_known(std::span<const std::size_t> distinct) {
  const std::scoped_lock lock(mutex_);
  done_ += distinct.size();
  for (const std::size_t text : distinct) cost_left_ = std::max(cost_left_ - cost_of(text), 0.0);
  if (progress_) tell();
}

}  // namespace persona4rec
