#include "first_stage/item_knn.hpp"

#include <algorithm>
#include <cmath>

#include "base/parallel.hpp"
#include "base/stop.hpp"

namespace persona4rec {
namespace {

constexpr std::size_t kItemsPerTask = 64;

struct Neighbour {
  std::uint32_t item = 0;
  double similarity = 0;
};
using Neighbours = std::vector<std::vector<Neighbour>>;  // [items]

// Counts, for one item after another, the users that it shares with every other.
class SharedUsers {
 public:
  explicit SharedUsers(const InteractionMatrix& data) : data_(data), count_(data.items(), 0) {}

  // Calls take(other, shared users) for each item that shares a user with `item`, in no order.
  template <class Take>
  void of(std::uint32_t item, Take&& take) {
    for (const std::uint32_t user : data_.users_of(item)) {
      for (const std::uint32_t other : data_.items_of(user)) {
        if (other != item && count_[other]++ == 0) touched_.push_back(other);
      }
    }
    for (const std::uint32_t other : touched_) {
      take(other, count_[other]);
      count_[other] = 0;
    }
    touched_.clear();
  }

 private:
  const InteractionMatrix& data_;
  std::vector<std::uint32_t> count_;
  std::vector<std::uint32_t> touched_;
};

bool nearer(const Neighbour& a, const Neighbour& b) {
  return a.similarity != b.similarity ? a.similarity > b.similarity : a.item < b.item;
}

// The `k` most similar items of every item; ties by the lower item index.
Neighbours find_neighbours(const FirstStageOptions& options, const InteractionMatrix& data) {
  Neighbours found(data.items());
  parallel_ranges(data.items(), kItemsPerTask, options.threads, [&](std::size_t begin, std::size_t end) {
    throw_if_stopped();
    SharedUsers shared(data);
    for (auto item = static_cast<std::uint32_t>(begin); item < end; ++item) {
      auto& list = found[item];
      shared.of(item, [&](std::uint32_t other, std::uint32_t users) {
        const double cosine_base =
            std::sqrt(static_cast<double>(data.popularity(item)) * static_cast<double>(data.popularity(other)));
        list.push_back({other, static_cast<double>(users) / (cosine_base + options.shrink)});
      });
      const std::size_t kept = std::min(options.neighbours, list.size());
      std::partial_sort(list.begin(), list.begin() + static_cast<std::ptrdiff_t>(kept), list.end(), nearer);
      list.resize(kept);
      list.shrink_to_fit();
    }
  });
  return found;
}

class ItemKnn final : public FirstStage {
 public:
  // Turned round: for each item, the items whose neighbour it is, so that scoring walks the user's items alone.
  explicit ItemKnn(const Neighbours& neighbours) : neighbour_of_(neighbours.size()) {
    for (std::uint32_t item = 0; item < neighbours.size(); ++item) {
      for (const auto& [other, similarity] : neighbours[item]) neighbour_of_[other].push_back({item, similarity});
    }
  }

  void score(std::uint32_t /*user*/, std::span<const std::uint32_t> had, std::span<double> scores) const override {
    std::ranges::fill(scores, 0.0);
    for (const std::uint32_t item : had) {
      for (const auto& [other, similarity] : neighbour_of_[item]) scores[other] += similarity;
    }
  }

 private:
  Neighbours neighbour_of_;
};

}  // namespace

std::unique_ptr<FirstStage> fit_item_knn(const FirstStageOptions& options, const InteractionMatrix& data) {
  return std::make_unique<ItemKnn>(find_neighbours(options, data));
}

}  // namespace persona4rec
