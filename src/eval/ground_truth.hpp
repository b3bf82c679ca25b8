// Ground truth in memory: each user's distinct true items, users in file order.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bulk/quick_hash.hpp"
#include "persona4rec/eval.hpp"

namespace persona4rec {

// A row whose texts are kept (GroundTruth::keep).
struct TruthRow {
  IdText user;
  IdText item;
  std::uint32_t hash = 0;  // of the user: GroundTruth::hash_of()
};

class GroundTruth {
 public:
  // False when this user had this item already.
  bool add(const UserId& user, const ItemId& item);
  bool add(const TruthRow& row);
  void keep(std::unique_ptr<char[]> user_texts, std::unique_ptr<char[]> item_texts);

  // What changes nothing but the time: about so many there will be, this user soon.
  void reserve(std::size_t users, std::size_t items);
  void fetch(std::uint32_t hash) const;
  [[nodiscard]] static std::uint32_t hash_of(std::string_view user) {
    return static_cast<std::uint32_t>(quick_hash(user));
  }

  [[nodiscard]] std::span<const IdText> users() const { return view_; }
  [[nodiscard]] std::optional<std::uint32_t> find(std::string_view user) const;
  // Hands the users over and goes on with them where they are. REQUIRES: they outlive this, and no add() follows.
  [[nodiscard]] IdList<UserId> give_users() { return std::move(users_); }
  // Valid until the next add().
  [[nodiscard]] std::span<const IdText> items(std::uint32_t user) const {
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
  [[nodiscard]] Slot& take_slot(std::string_view user, std::uint32_t hash);
  void resize_table(std::size_t slots);
  [[nodiscard]] std::uint32_t note_user();
  [[nodiscard]] bool has(std::uint32_t user, const IdText& item) const;
  bool append(std::uint32_t user, const IdText& item);

  IdList<UserId> users_;
  std::span<const IdText> view_;   // of all users, here or handed over
  std::vector<ItemRange> ranges_;  // [users] into items_
  std::vector<IdText> items_;      // with empty ones between those of users whose rows do not stand together
  TextBlocks item_texts_;
  std::vector<Slot> slots_;  // a power of two of them, at most half of them taken
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
  bool hash = true;         // LoadedTruth::sha256 is wanted; of other formats than JSON Lines it is there all the same
};

// Of rows with a split (3.5_targets) those of the world count: test and reference, or valid.
// Throws Error kInput: malformed rows, no row left.
[[nodiscard]] LoadedTruth load_truth(const std::filesystem::path& path, const LoadTruthOptions& options);

}  // namespace persona4rec
