// Who had what: the binary user x item matrix that first-stage recommenders are fitted on.
// Thread-safety: immutable after construction.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace persona4rec {

struct UserItem {
  std::uint32_t user = 0;
  std::uint32_t item = 0;
};

class InteractionMatrix {
 public:
  // Repeats count once. REQUIRES: user < users, item < items in every pair.
  InteractionMatrix(std::span<const UserItem> pairs, std::size_t users, std::size_t items);

  [[nodiscard]] std::size_t users() const { return user_begin_.size() - 1; }
  [[nodiscard]] std::size_t items() const { return item_begin_.size() - 1; }
  [[nodiscard]] std::size_t pairs() const { return user_items_.size(); }
  // Increasing.
  [[nodiscard]] std::span<const std::uint32_t> items_of(std::uint32_t user) const {
    return std::span(user_items_).subspan(user_begin_[user], user_begin_[user + 1] - user_begin_[user]);
  }
  [[nodiscard]] std::span<const std::uint32_t> users_of(std::uint32_t item) const {
    return std::span(item_users_).subspan(item_begin_[item], item_begin_[item + 1] - item_begin_[item]);
  }
  // Users who had the item.
  [[nodiscard]] std::size_t popularity(std::uint32_t item) const { return item_begin_[item + 1] - item_begin_[item]; }

 private:
  std::vector<std::size_t> user_begin_;  // [users + 1] offsets into user_items_
  std::vector<std::uint32_t> user_items_;
  std::vector<std::size_t> item_begin_;  // [items + 1] offsets into item_users_
  std::vector<std::uint32_t> item_users_;
};

}  // namespace persona4rec
