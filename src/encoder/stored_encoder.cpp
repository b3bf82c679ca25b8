#include "encoder/stored_encoder.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/stop.hpp"

namespace persona4rec {

StoredEncoder::StoredEncoder(std::unique_ptr<TextEncoder> encoder, const std::filesystem::path& store)
    : encoder_(std::move(encoder)), fingerprint_(encoder_->fingerprint()), store_(store, encoder_->dimensions()) {}

StoredEncoder::Missing StoredEncoder::fill_window(std::span<const std::string> texts, std::size_t begin,
                                                  EmbeddingsBuilder& builder) {
  Missing missing;
  const auto& first = builder.distinct().first;
  for (std::size_t i = begin; i < std::min(begin + kWindowTexts, first.size()); ++i) {
    const std::string& text = texts[first[i]];
    const TextKey key = text_key(fingerprint_, text);
    const auto found = store_.find(key);
    if (found.vector.empty()) {
      missing.distinct.push_back(i);
      missing.texts.push_back(text);
      missing.keys.push_back(key);
    } else {
      std::memcpy(builder.vector(i).data(), found.vector.data(), found.vector.size());
      builder.set_truncated(i, found.truncated);
    }
  }
  return missing;
}

void StoredEncoder::encode_missing(const Missing& missing, EmbeddingsBuilder& builder, const ProgressFn& progress) {
  Embeddings encoded = encoder_->encode(missing.texts, progress);
  encoded.truncated.resize(missing.texts.size());  // an encoder that never cuts leaves it empty
  for (std::size_t i = 0; i < missing.distinct.size(); ++i) {
    std::ranges::copy(encoded.row(i), builder.vector(missing.distinct[i]).begin());
    builder.set_truncated(missing.distinct[i], encoded.truncated[i] != 0);
  }
  builder.counts().encoded += encoded.counts.encoded;
  builder.counts().tokens += encoded.counts.tokens;
  store_.append(missing.keys, encoded.values, encoded.truncated);
}

Embeddings StoredEncoder::encode(std::span<const std::string> texts, const ProgressFn& progress) {
  EmbeddingsBuilder builder(texts, dimensions());
  const std::size_t count = builder.distinct().size();
  for (std::size_t begin = 0; begin < count; begin += kWindowTexts) {
    throw_if_stopped();
    const std::size_t end = std::min(begin + kWindowTexts, count);
    const Missing missing = fill_window(texts, begin, builder);
    const std::size_t found = end - missing.distinct.size();  // all texts done before the window's missing ones
    const ProgressFn shifted = [&](ProgressUpdate update) {
      update.done += found;
      update.total = count;
      if (progress) progress(update);
    };
    if (!missing.texts.empty()) encode_missing(missing, builder, shifted);
    if (progress) progress({.what = "texts", .done = end, .total = count});
  }
  return builder.finish();
}

}  // namespace persona4rec
