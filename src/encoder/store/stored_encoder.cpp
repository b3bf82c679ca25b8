#include "encoder/store/stored_encoder.hpp"

#include <algorithm>
#include <utility>

#include "base/stop.hpp"
#include "persona4rec/error.hpp"

namespace persona4rec {

StoredEncoder::StoredEncoder(std::unique_ptr<BatchEncoder> encoder, const std::filesystem::path& store,
                             double save_every_s)
    : encoder_(std::move(encoder)), fingerprint_(encoder_->fingerprint()), store_(store), save_every_s_(save_every_s) {}

std::vector<WindowMember> StoredEncoder::look_up(std::span<const std::string> texts, std::size_t begin,
                                                 EmbeddingsBuilder& builder) {
  std::vector<WindowMember> members;
  const auto& first = builder.distinct().first;
  for (std::size_t i = begin; i < std::min(begin + kWindowTexts, first.size()); ++i) {
    WindowMember member{.distinct = i, .key = text_key(fingerprint_, texts[first[i]]), .plan = kNoPlan};
    const auto found = store_.find(member.key);
    if (!found.vector.empty()) {
      const auto place = std::as_writable_bytes(builder.vector(i));
      if (found.vector.size() != place.size()) store_.fail_foreign(found, dimensions());
      std::ranges::copy(found.vector, place.begin());
      builder.set_truncated(i, found.truncated);
      member.plan = found.plan;
    }
    members.push_back(member);
  }
  return members;
}

void StoredEncoder::compute(const WindowPlan& plan, std::span<const std::string> texts, BatchCollector& collector) {
  UnsavedBatches unsaved(store_, plan.number, save_every_s_);
  try {
    encoder_->encode_window({.texts = texts, .rows = plan.rows, .known = plan.known}, [&](const EncodedBatch& batch) {
      unsaved.add(batch, plan.keys, plan.known);
      collector.take(batch, plan.distinct);
    });
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::kOutput) unsaved.save();  // where the store cannot be written, that is the error
    throw;
  }
  unsaved.save();
}

Embeddings StoredEncoder::encode(std::span<const std::string> texts, const ProgressFn& progress) {
  EmbeddingsBuilder builder(texts, dimensions());
  BatchCollector collector(builder, texts, encoder_->max_length(), progress);
  std::vector<std::vector<WindowMember>> windows;
  std::vector<std::size_t> found;
  for (std::size_t begin = 0; begin < builder.distinct().size(); begin += kWindowTexts) {
    throw_if_stopped();
    windows.push_back(look_up(texts, begin, builder));
    for (const WindowMember& member : windows.back()) {
      if (member.plan != kNoPlan) found.push_back(member.distinct);
    }
  }
  collector.add_known(found);
  for (const WindowPlan& plan : make_plans(windows, builder.distinct().first)) {
    throw_if_stopped();
    compute(plan, texts, collector);
  }
  return builder.finish();
}

}  // namespace persona4rec
