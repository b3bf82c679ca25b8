// Ground truth in memory: each user's distinct true items, users in file order.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "persona4rec/eval.hpp"

namespace persona4rec {

class GroundTruth {
 public:
  // False when this user had this item already.
  bool add(const UserId& user, const ItemId& item);

  [[nodiscard]] const std::vector<UserId>& users() const { return users_; }
  [[nodiscard]] std::optional<std::uint32_t> find(const UserId& user) const;
  [[nodiscard]] std::span<const ItemId> items(std::uint32_t user) const { return items_[user]; }

 private:
  std::vector<UserId> users_;
  std::vector<std::vector<ItemId>> items_;  // [users]
  std::unordered_map<UserId, std::uint32_t> index_;
};

struct LoadedTruth {
  GroundTruth truth;
  TruthCounts counts;
  std::string sha256;
  bool has_splits = false;  // rows say which split they belong to: 3.5_targets
  bool reference = false;   // ... and some say reference
};

// Of rows with a split (3.5_targets) those of `world` count: test and reference, or valid.
// Throws Error kInput: malformed rows, no row left.
[[nodiscard]] LoadedTruth load_truth(const std::filesystem::path& path, ListFormat format, World world,
                                     std::uint64_t max_bad_rows);

}  // namespace persona4rec
