// Ground truth in memory: each user's distinct true items, users in file order.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "persona4rec/eval.hpp"

namespace persona4rec {

class GroundTruth {
 public:
  GroundTruth() = default;
  GroundTruth(GroundTruth&&) noexcept = default;
  GroundTruth& operator=(GroundTruth&&) noexcept = default;
  ~GroundTruth() = default;

  // False when this user had this item already.
  bool add(UserId user, ItemId item);
  // Says that the user will be added soon: changes nothing but the time.
  void fetch(std::string_view user) const;

  [[nodiscard]] std::span<const UserId> users() const { return view_; }
  [[nodiscard]] std::optional<std::uint32_t> find(std::string_view user) const;
  [[nodiscard]] std::optional<std::uint32_t> find(const UserId& user) const { return find(user.text()); }
  // Hands the users over and goes on with them where they are. REQUIRES: they outlive this, and no add() follows.
  [[nodiscard]] std::vector<UserId> give_users() { return std::move(users_); }
  // Valid until the next add().
  [[nodiscard]] std::span<const ItemId> items(std::uint32_t user) const {
    return std::span(items_).subspan(ranges_[user].begin, ranges_[user].count);
  }

 private:
  // Of an open-addressed table: a probe reads no user's text before the hashes agree.
  struct Slot {
    std::uint32_t hash = 0;
    std::uint32_t user = kEmpty;
  };
  static constexpr std::uint32_t kEmpty = UINT32_MAX;
  struct ItemRange {
    std::size_t begin = 0;
    std::uint32_t count = 0;
    std::uint32_t room = 0;  // for so many, those there included
  };

  [[nodiscard]] std::size_t slot_of(std::string_view user, std::uint32_t hash) const;
  void grow();
  void append(ItemRange& range, ItemId item);

  std::vector<UserId> users_;
  std::span<const UserId> view_;   // of all users, here or handed over
  std::vector<ItemRange> ranges_;  // [users] into items_
  std::vector<ItemId> items_;      // with empty ones between those of users whose rows do not stand together
  std::vector<Slot> slots_;        // a power of two of them, at most half of them taken
};

struct LoadedTruth {
  GroundTruth truth;
  TruthCounts counts;
  std::string sha256;
  bool has_splits = false;  // rows say which split they belong to: 3.5_targets
  bool reference = false;   // ... and some say reference
};

struct LoadTruthOptions {
  ListFormat format = ListFormat::kAuto;
  World world = World::kTest;
  std::uint64_t max_bad_rows = 0;
  std::size_t threads = 0;  // 0 = all processors; changes no result
};

// Of rows with a split (3.5_targets) those of the world count: test and reference, or valid.
// Throws Error kInput: malformed rows, no row left.
[[nodiscard]] LoadedTruth load_truth(const std::filesystem::path& path, const LoadTruthOptions& options);

}  // namespace persona4rec
