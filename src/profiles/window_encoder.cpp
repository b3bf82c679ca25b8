#include "profiles/window_encoder.hpp"

#include <algorithm>
#include <utility>

#include "base/stop.hpp"

namespace persona4rec {
WindowEncoder::WindowEncoder(TextEncoder& encoder, std::span<float> out, ProgressFn progress, std::size_t total)
    : encoder_(encoder), out_(out), progress_(std::move(progress)), total_(total) {}

void WindowEncoder::add(std::size_t row, std::string text) {
  rows_.push_back(row);
  texts_.push_back(std::move(text));
  if (texts_.size() == encoder_.texts_at_once()) finish();
}

void WindowEncoder::finish() {
  if (texts_.empty()) return;
  throw_if_stopped();
  const auto before = counts_.texts;
  const auto in_all = [this](double texts) { return texts / static_cast<double>(std::max<std::size_t>(total_, 1)); };
  const auto vectors = encoder_.encode(texts_, [&](const ProgressUpdate& update) {
    if (!progress_) return;
    progress_({.what = update.what,
               .done = before + update.done,
               .total = total_,
               .share = in_all(static_cast<double>(before) + update.share * static_cast<double>(texts_.size())),
               .detail = update.detail});
  });
  const std::size_t dimensions = encoder_.dimensions();
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    const auto vector = vectors.row(i);
    std::copy(vector.begin(), vector.end(), out_.begin() + static_cast<std::ptrdiff_t>(rows_[i] * dimensions));
  }
  counts_.texts += vectors.counts.texts;
  counts_.encoded += vectors.counts.encoded;
  counts_.tokens += vectors.counts.tokens;
  counts_.truncated += vectors.counts.truncated;
  rows_.clear();
  texts_.clear();
}

}  // namespace persona4rec
