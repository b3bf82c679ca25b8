#include "first_stage/interaction_matrix.hpp"

#include <algorithm>

namespace persona4rec {
namespace {

// Sizes of groups -> where each begins; begin[0] = 0.
void accumulate(std::vector<std::size_t>& begin) {
  for (std::size_t i = 1; i < begin.size(); ++i) begin[i] += begin[i - 1];
}

}  // namespace

InteractionMatrix::InteractionMatrix(std::span<const UserItem> pairs, std::size_t users, std::size_t items)
    : user_begin_(users + 1, 0), item_begin_(items + 1, 0) {
  std::vector<UserItem> sorted(pairs.begin(), pairs.end());
  const auto key = [](const UserItem& pair) { return std::uint64_t{pair.user} << 32U | pair.item; };
  std::ranges::sort(sorted, {}, key);
  const auto repeats = std::ranges::unique(sorted, {}, key);
  sorted.erase(repeats.begin(), repeats.end());

  for (const auto& [user, item] : sorted) {
    user_items_.push_back(item);
    ++user_begin_[user + 1];
    ++item_begin_[item + 1];
  }
  accumulate(user_begin_);
  accumulate(item_begin_);
  item_users_.resize(sorted.size());
  std::vector<std::size_t> next(item_begin_.begin(), item_begin_.end() - 1);
  for (const auto& [user, item] : sorted) item_users_[next[item]++] = user;
}

}  // namespace persona4rec
