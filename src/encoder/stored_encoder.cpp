#include "encoder/stored_encoder.hpp"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <mutex>
#include <set>
#include <utility>

#include "base/stop.hpp"
#include "persona4rec/error.hpp"

namespace persona4rec {
namespace {

constexpr std::uint64_t kMissing = 0;  // no plan has this number

// Batches that are computed and not yet stored. Safe from any thread.
class UnsavedBatches {
 public:
  UnsavedBatches(TextStore& store, std::uint64_t plan, double save_every_s)
      : store_(store), plan_(plan), every_(save_every_s), saved_(Clock::now()) {}

  void add(const EncodedBatch& batch, std::span<const TextKey> keys, std::span<const std::uint8_t> known) {
    const std::size_t dimensions = batch.vectors.size() / batch.members.size();
    const std::scoped_lock lock(mutex_);
    for (std::size_t i = 0; i < batch.members.size(); ++i) {
      if (known[batch.members[i]] != 0) continue;
      const auto vector = batch.vectors.subspan(i * dimensions, dimensions);
      keys_.push_back(keys[batch.members[i]]);
      vectors_.insert(vectors_.end(), vector.begin(), vector.end());
      truncated_.push_back(batch.truncated[i]);
    }
    if (Clock::now() - saved_ >= every_) save_locked();
  }

  void save() {
    const std::scoped_lock lock(mutex_);
    save_locked();
  }

 private:
  using Clock = std::chrono::steady_clock;

  void save_locked() {
    const auto keys = std::exchange(keys_, {});
    const auto vectors = std::exchange(vectors_, {});
    const auto truncated = std::exchange(truncated_, {});
    if (!keys.empty()) store_.append({.keys = keys, .vectors = vectors, .truncated = truncated, .plan = plan_});
    saved_ = Clock::now();
  }

  TextStore& store_;
  std::uint64_t plan_;
  std::chrono::duration<double> every_;
  std::mutex mutex_;
  Clock::time_point saved_;
  std::vector<TextKey> keys_;
  std::vector<float> vectors_;
  std::vector<std::uint8_t> truncated_;
};

}  // namespace

StoredEncoder::StoredEncoder(std::unique_ptr<BatchEncoder> encoder, const std::filesystem::path& store,
                             double save_every_s)
    : encoder_(std::move(encoder)), fingerprint_(encoder_->fingerprint()), store_(store), save_every_s_(save_every_s) {}

std::vector<StoredEncoder::Member> StoredEncoder::look_up(std::span<const std::string> texts, std::size_t begin,
                                                          EmbeddingsBuilder& builder) {
  std::vector<Member> members;
  const auto& first = builder.distinct().first;
  for (std::size_t i = begin; i < std::min(begin + kWindowTexts, first.size()); ++i) {
    Member member{.distinct = i, .key = text_key(fingerprint_, texts[first[i]]), .plan = kMissing};
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

// A plan that was begun and whose texts are those stored with its number and those that lack; else all that lack.
StoredEncoder::Plan StoredEncoder::make_plan(const std::vector<Member>& members, const DistinctTexts& distinct) {
  const auto plan_with = [&](std::uint64_t begun) {
    Plan plan;
    for (const auto& member : members) {
      if (member.plan != kMissing && member.plan != begun) continue;
      plan.distinct.push_back(member.distinct);
      plan.rows.push_back(distinct.first[member.distinct]);
      plan.keys.push_back(member.key);
      plan.known.push_back(member.plan == kMissing ? 0 : 1);
    }
    plan.number = plan_number(plan.keys);
    return plan;
  };
  std::set<std::uint64_t> begun;
  for (const auto& member : members) begun.insert(member.plan);
  begun.erase(kMissing);
  for (const std::uint64_t number : begun) {
    Plan plan = plan_with(number);
    if (plan.number == number) return plan;
  }
  return plan_with(kMissing);
}

void StoredEncoder::compute(const Plan& plan, std::span<const std::string> texts, BatchCollector& collector) {
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
  for (std::size_t begin = 0; begin < builder.distinct().size(); begin += kWindowTexts) {
    throw_if_stopped();
    const auto members = look_up(texts, begin, builder);
    std::vector<std::size_t> found;
    for (const Member& member : members) {
      if (member.plan != kMissing) found.push_back(member.distinct);
    }
    collector.add_known(found);
    if (found.size() == members.size()) continue;
    compute(make_plan(members, builder.distinct()), texts, collector);
  }
  return builder.finish();
}

}  // namespace persona4rec
