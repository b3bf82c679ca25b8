#include "encoder/ranks/shared_encoder.hpp"

#include <ATen/ATen.h>

#include <algorithm>
#include <cstring>
#include <mutex>
#include <thread>
#include <utility>

#include "base/stop.hpp"
#include "encoder/store/text_windows.hpp"
#include "persona4rec/error.hpp"

namespace persona4rec {
namespace {

template <class Number>
at::Tensor rows_of(const std::vector<Number>& values, at::ScalarType type, std::int64_t columns = 1) {
  const auto rows = static_cast<std::int64_t>(values.size()) / columns;
  at::Tensor tensor = at::empty({rows, columns}, type);
  if (!values.empty()) std::memcpy(tensor.data_ptr(), values.data(), values.size() * sizeof(Number));
  return tensor;
}

template <class Number>
std::vector<Number> values_of(const at::Tensor& tensor) {
  std::vector<Number> values(static_cast<std::size_t>(tensor.numel()));
  if (!values.empty()) std::memcpy(values.data(), tensor.contiguous().data_ptr(), values.size() * sizeof(Number));
  return values;
}

}  // namespace

SharedEncoder::SharedEncoder(std::unique_ptr<BatchEncoder> encoder, std::filesystem::path store,
                             std::shared_ptr<Ranks> ranks, double save_every_s)
    : encoder_(std::move(encoder)),
      fingerprint_(encoder_->fingerprint()),
      path_(std::move(store)),
      ranks_(std::move(ranks)),
      save_every_s_(save_every_s) {
  if (!path_.empty()) store_.emplace(own_store());
  const TextKey key = text_key(fingerprint_, "");
  refuse_other(plan_number({&key, 1}), "another encoder, or chose another --dtype");
}

SharedEncoder::~SharedEncoder() {
  if (!store_ || ranks_->first() || !all_stored_) return;
  store_.reset();
  std::error_code stays;  // and will be found and used by the next run
  std::filesystem::remove(own_store(), stays);
}

std::filesystem::path SharedEncoder::own_store() const {
  auto own = path_;
  if (!ranks_->first()) own += ".rank" + std::to_string(ranks_->rank());
  return own;
}

// Two chunks of windows for two ranks, so that each has four windows at most to wait for.
std::size_t SharedEncoder::texts_at_once() const {
  return TextEncoder::texts_at_once() * ((ranks_->size() + 1) / 2);
}

void SharedEncoder::refuse_other(std::uint64_t number, const char* what) {
  const auto all = values_of<std::uint64_t>(ranks_->gather(rows_of(std::vector{number}, at::kLong)));
  for (std::size_t rank = 1; rank < all.size(); ++rank) {
    if (all[rank] != all[0]) throw input_error({}, "rank " + std::to_string(rank) + " has " + what + " than rank 0");
  }
}

Embeddings SharedEncoder::encode(std::span<const std::string> texts, const ProgressFn& progress) {
  Call call(texts, dimensions());
  const auto& first = call.builder.distinct().first;
  for (const std::size_t row : first) call.keys.push_back(text_key(fingerprint_, texts[row]));
  refuse_other(plan_number(call.keys), "other texts");
  if (first.empty()) return call.builder.finish();
  all_stored_ = false;
  call.cut.assign(first.size(), 0);
  take_stored(call);
  plan(call);
  take_from_own_stores(call);
  std::size_t turn = 0;
  for (const WindowPlan& window : call.windows) {
    if (window.is_whole() || turn++ % ranks_->size() != ranks_->rank()) continue;
    throw_if_stopped();
    compute(call, window, progress);
  }
  exchange(call, call.mine);
  sum_counts(call);
  store_of_others(call);
  ranks_->barrier();
  all_stored_ = true;
  for (std::size_t i = 0; i < first.size(); ++i) call.builder.set_truncated(i, call.cut[i] != 0);
  return call.builder.finish();
}

// What rank 0 finds in its store comes to all.
void SharedEncoder::take_stored(Call& call) {
  std::vector<std::uint64_t> plans;
  std::vector<std::int64_t> found_here;
  if (ranks_->first()) {
    for (std::size_t i = 0; i < call.keys.size(); ++i) {
      const auto found = store_ ? store_->find(call.keys[i]) : TextStore::Found{};
      plans.push_back(found.vector.empty() ? kNoPlan : found.plan);
      if (found.vector.empty()) continue;
      const auto place = std::as_writable_bytes(call.builder.vector(i));
      if (found.vector.size() != place.size()) store_->fail_foreign(found, dimensions());
      std::ranges::copy(found.vector, place.begin());
      call.cut[i] = found.truncated ? 1 : 0;
      found_here.push_back(static_cast<std::int64_t>(i));
    }
  }
  call.plans = values_of<std::uint64_t>(ranks_->gather(rows_of(plans, at::kLong)));
  for (const std::uint64_t plan : call.plans) call.stored.push_back(plan == kNoPlan ? 0 : 1);
  exchange(call, found_here);
}

// Window by window as one process goes through them, which forms its windows of a chunk of texts at a time.
void SharedEncoder::plan(Call& call) const {
  const std::size_t chunk = TextEncoder::texts_at_once();
  for (std::size_t begin = 0; begin < call.texts.size(); begin += chunk)
    plan_chunk(call, begin, std::min(begin + chunk, call.texts.size()));
}

void SharedEncoder::plan_chunk(Call& call, std::size_t begin, std::size_t end) const {
  const auto& distinct = call.builder.distinct();
  const DistinctTexts here = find_distinct(call.texts.subspan(begin, end - begin));
  std::vector<std::vector<WindowMember>> windows;
  for (std::size_t from = 0; from < here.size(); from += kWindowTexts) {
    auto& members = windows.emplace_back();
    for (std::size_t i = from; i < std::min(from + kWindowTexts, here.size()); ++i) {
      const std::size_t text = distinct.of[begin + here.first[i]];
      members.push_back({.distinct = text, .key = call.keys[text], .plan = call.plans[text]});
    }
  }
  for (WindowPlan& window : make_plans(windows, distinct.first)) {
    for (const std::size_t text : window.distinct) call.plans[text] = window.number;
    call.windows.push_back(std::move(window));
  }
}

// What an interrupted run made of the same windows comes to all, so that nobody makes it again.
void SharedEncoder::take_from_own_stores(Call& call) {
  const auto found = exchange(call, found_in_own_store(call));
  std::vector<std::uint8_t> is_found(call.keys.size());
  for (const std::int64_t text : found) is_found[static_cast<std::size_t>(text)] = 1;
  for (WindowPlan& window : call.windows) {
    for (std::size_t i = 0; i < window.known.size(); ++i) window.known[i] |= is_found[window.distinct[i]];
  }
}

std::vector<std::int64_t> SharedEncoder::found_in_own_store(Call& call) {
  std::vector<std::int64_t> texts;
  if (!store_ || ranks_->first()) return texts;
  for (const WindowPlan& window : call.windows) {
    for (std::size_t i = 0; i < window.keys.size(); ++i) {
      if (window.known[i] != 0) continue;
      const std::size_t text = window.distinct[i];
      const auto found = store_->find(window.keys[i]);
      if (found.vector.empty() || found.plan != window.number) continue;
      const auto place = std::as_writable_bytes(call.builder.vector(text));
      if (found.vector.size() != place.size()) store_->fail_foreign(found, dimensions());
      std::ranges::copy(found.vector, place.begin());
      call.cut[text] = found.truncated ? 1 : 0;
      texts.push_back(static_cast<std::int64_t>(text));
    }
  }
  return texts;
}

void SharedEncoder::compute(Call& call, const WindowPlan& window, const ProgressFn& progress) {
  for (std::size_t i = 0; i < window.keys.size(); ++i) {
    if (window.known[i] == 0) call.mine.push_back(static_cast<std::int64_t>(window.distinct[i]));
  }
  std::optional<UnsavedBatches> unsaved;
  if (store_) unsaved.emplace(*store_, window.number, save_every_s_);
  std::mutex mutex;
  const auto caller = std::this_thread::get_id();
  const auto take = [&](const EncodedBatch& batch) {
    if (unsaved) unsaved->add(batch, window.keys, window.known);
    const std::scoped_lock lock(mutex);
    for (std::size_t i = 0; i < batch.members.size(); ++i) {
      const std::size_t text = window.distinct[batch.members[i]];
      std::ranges::copy(batch.vectors.subspan(i * dimensions(), dimensions()), call.builder.vector(text).begin());
      call.cut[text] = batch.truncated[i];
    }
    call.tokens += batch.tokens;
    call.encoded += batch.members.size();
    const std::size_t done = std::min(call.encoded * ranks_->size(), call.keys.size());  // if all are as fast
    if (progress && std::this_thread::get_id() == caller)
      progress({.what = "texts", .done = done, .total = call.keys.size()});
  };
  try {
    encoder_->encode_window({.texts = call.texts, .rows = window.rows, .known = window.known}, take);
  } catch (const Error& error) {
    if (unsaved && error.kind() != ErrorKind::kOutput) unsaved->save();
    throw;
  }
  if (unsaved) unsaved->save();
}

// The vectors of the texts that each rank gives come to all; which these are.
std::vector<std::int64_t> SharedEncoder::exchange(Call& call, std::span<const std::int64_t> given) {
  const std::vector<std::int64_t> mine(given.begin(), given.end());
  std::vector<float> vectors;
  std::vector<std::uint8_t> cut;
  vectors.reserve(mine.size() * dimensions());
  for (const std::int64_t text : mine) {
    const auto vector = call.builder.vector(static_cast<std::size_t>(text));
    vectors.insert(vectors.end(), vector.begin(), vector.end());
    cut.push_back(call.cut[static_cast<std::size_t>(text)]);
  }
  const auto texts = values_of<std::int64_t>(ranks_->gather(rows_of(mine, at::kLong)));
  const auto all_cut = values_of<std::uint8_t>(ranks_->gather(rows_of(cut, at::kByte)));
  const at::Tensor all = ranks_->gather(rows_of(vectors, at::kFloat, static_cast<std::int64_t>(dimensions())));
  const std::span values(all.const_data_ptr<float>(), static_cast<std::size_t>(all.numel()));
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const auto text = static_cast<std::size_t>(texts[i]);
    std::ranges::copy(values.subspan(i * dimensions(), dimensions()), call.builder.vector(text).begin());
    call.cut[text] = all_cut[i];
  }
  return texts;
}

void SharedEncoder::sum_counts(Call& call) {
  std::vector<at::Tensor> counts = {
      at::tensor({static_cast<std::int64_t>(call.encoded), static_cast<std::int64_t>(call.tokens)}, at::kLong)};
  ranks_->sum(counts);
  call.builder.counts().encoded = static_cast<std::uint64_t>(counts[0][0].item<std::int64_t>());
  call.builder.counts().tokens = static_cast<std::uint64_t>(counts[0][1].item<std::int64_t>());
}

void SharedEncoder::store_of_others(Call& call) {
  if (!store_ || !ranks_->first()) return;
  for (const std::int64_t text : call.mine) call.stored[static_cast<std::size_t>(text)] = 1;  // by compute()
  for (const WindowPlan& window : call.windows) {
    std::vector<TextKey> keys;
    std::vector<float> vectors;
    std::vector<std::uint8_t> cut;
    for (std::size_t i = 0; i < window.keys.size(); ++i) {
      if (call.stored[window.distinct[i]] != 0) continue;
      const auto vector = call.builder.vector(window.distinct[i]);
      keys.push_back(window.keys[i]);
      vectors.insert(vectors.end(), vector.begin(), vector.end());
      cut.push_back(call.cut[window.distinct[i]]);
    }
    if (!keys.empty()) store_->append({.keys = keys, .vectors = vectors, .truncated = cut, .plan = window.number});
  }
}

}  // namespace persona4rec
