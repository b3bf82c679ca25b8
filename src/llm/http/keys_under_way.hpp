// Keys of the requests of a run that have no outcome on the disk yet: an equal one is not asked beside them.
// Thread-safety: one object, one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <unordered_set>
#include <utility>

namespace persona4rec {

class KeysUnderWay {
 public:
  [[nodiscard]] bool contains(const std::string& key) const { return keys_.contains(key); }
  void add(const std::string& key) { keys_.insert(key); }
  // Its outcome is the store's row of this number, each higher than the one before.
  void put(std::uint64_t row, std::string key) { uncommitted_.emplace_back(row, std::move(key)); }
  // Rows up to this one are on the disk.
  void forget_up_to(std::uint64_t row) {
    for (; !uncommitted_.empty() && uncommitted_.front().first <= row; uncommitted_.pop_front())
      keys_.erase(uncommitted_.front().second);
  }
  // Outcomes that are not on the disk.
  [[nodiscard]] std::size_t uncommitted() const { return uncommitted_.size(); }

 private:
  std::unordered_set<std::string> keys_;
  std::deque<std::pair<std::uint64_t, std::string>> uncommitted_;
};

}  // namespace persona4rec
