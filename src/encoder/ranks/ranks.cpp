#include "encoder/ranks/ranks.hpp"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <map>
#include <utility>

namespace persona4rec {
namespace {

constexpr std::int64_t kBucketBytes = 32 << 20;  // sent at once: small tensors together, large ones alone

using Members = std::vector<at::Tensor*>;

void sum_bucket(RankGroup& group, const Members& members) {
  std::vector<at::Tensor> flat;
  flat.reserve(members.size());
  for (const at::Tensor* tensor : members) flat.push_back(tensor->reshape({-1}));
  at::Tensor all = at::cat(flat);
  group.sum(all);
  std::int64_t at = 0;
  for (at::Tensor* tensor : members) {
    tensor->copy_(all.narrow(0, at, tensor->numel()).view(tensor->sizes()));
    at += tensor->numel();
  }
}

// In the order given, those of a number type together: every rank forms the same.
std::vector<Members> buckets_of(std::vector<at::Tensor>& tensors) {
  std::map<at::ScalarType, std::pair<Members, std::int64_t>> open;
  std::vector<Members> buckets;
  for (at::Tensor& tensor : tensors) {
    if (tensor.numel() == 0) continue;
    auto& [members, bytes] = open[tensor.scalar_type()];
    members.push_back(&tensor);
    bytes += tensor.numel() * tensor.element_size();
    if (bytes < kBucketBytes) continue;
    buckets.push_back(std::exchange(members, {}));
    bytes = 0;
  }
  for (auto& [type, bucket] : open) {
    if (!bucket.first.empty()) buckets.push_back(std::move(bucket.first));
  }
  return buckets;
}

}  // namespace

Ranks::Ranks(std::size_t rank, std::size_t size, std::unique_ptr<RankGroup> group)
    : rank_(rank), size_(size), group_(std::move(group)) {}

Ranks::~Ranks() = default;

std::shared_ptr<Ranks> Ranks::join(const at::Device& device) {
  static std::weak_ptr<Ranks> joined;  // the encoder and the training of one command meet once
  auto ranks = joined.lock();
  if (!ranks) joined = ranks = join(read_launch(), device);
  return ranks;
}

std::shared_ptr<Ranks> Ranks::join(const Launch& launch, const at::Device& device, std::chrono::milliseconds silence) {
  auto group = launch.size > 1 ? open_rank_group(launch, device, silence) : nullptr;
  return std::shared_ptr<Ranks>(new Ranks(launch.rank, launch.size, std::move(group)));
}

void Ranks::sum(std::vector<at::Tensor>& tensors) {
  if (!group_) return;
  const c10::NoGradGuard no_gradient;
  for (const Members& members : buckets_of(tensors)) sum_bucket(*group_, members);
}

at::Tensor Ranks::gather(const at::Tensor& rows) {
  if (!group_) return rows.detach();
  const c10::NoGradGuard no_gradient;
  const auto counts = group_->gather(at::tensor({rows.size(0)}, rows.options().dtype(at::kLong))).cpu();
  const auto most = counts.max().item<std::int64_t>();
  if (most == 0) return rows.detach();
  auto shape = rows.sizes().vec();
  shape[0] = most;
  at::Tensor padded = at::zeros(shape, rows.options());
  padded.narrow(0, 0, rows.size(0)).copy_(rows);
  const at::Tensor all = group_->gather(padded);
  std::vector<at::Tensor> parts;
  parts.reserve(size_);
  for (std::int64_t rank = 0; rank < counts.numel(); ++rank) {
    parts.push_back(all.narrow(0, rank * most, counts[rank].item<std::int64_t>()));
  }
  return at::cat(parts);
}

void Ranks::barrier() {
  static_cast<void>(any(false));
}

bool Ranks::any(bool mine) {
  if (!group_) return mine;
  at::Tensor flag = at::tensor({mine ? 1 : 0}, at::kInt);
  group_->sum(flag);
  return flag.item<std::int32_t>() > 0;
}

}  // namespace persona4rec
