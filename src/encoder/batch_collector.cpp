#include "encoder/batch_collector.hpp"

#include <algorithm>

namespace persona4rec {

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
  if (progress_ && std::this_thread::get_id() == caller_) {
    progress_({.what = "texts", .done = done_, .total = builder_.distinct().size()});
  }
}

void BatchCollector::add_done(std::size_t texts) {
  const std::scoped_lock lock(mutex_);
  done_ += texts;
  if (progress_) progress_({.what = "texts", .done = done_, .total = builder_.distinct().size()});
}

}  // namespace persona4rec
