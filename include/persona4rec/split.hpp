// Who may see what: the one function that decides the split, from interactions alone (never from LLM answers).
// Definitions: docs/method.md, 2 The split.
//
// Order of a user's interactions: by timestamp, ties by sha256("seed|user|item|timestamp|review id"). "Before" means
// position in this order. Positive: liked, a rating of SplitOptions::liked_from and more.
//
// Two worlds. The item side (persona inputs, support, readers, item means, centring, IDF, logQ counts, head) is fitted
// once and used in both; the user side is the history strictly before the world's own target.
// Thread-safety: a Split is immutable after decide_split.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "persona4rec/ids.hpp"
#include "persona4rec/records.hpp"

namespace persona4rec {

// Ratings of at least so much are liked, unless SplitOptions say otherwise.
inline constexpr double kLikedFrom = 3.0;
// Ratings of at most so much are disliked, those between neither: 2 on a scale of 1 to 5.
[[nodiscard]] inline double disliked_to(double liked_from) {
  return liked_from * 2 / 3;
}

enum class SplitPolicy : std::uint8_t { kLeaveOneOut, kTemporal, kReference, kNone, kColdItems };
enum class World : std::uint8_t { kValid, kTest };

[[nodiscard]] inline std::string to_string(SplitPolicy policy) {
  switch (policy) {
    case SplitPolicy::kLeaveOneOut:
      return "leave-one-out";
    case SplitPolicy::kTemporal:
      return "temporal";
    case SplitPolicy::kReference:
      return "reference";
    case SplitPolicy::kNone:
      return "none";
    case SplitPolicy::kColdItems:
      return "cold-items";
  }
  return {};
}
[[nodiscard]] inline std::string to_string(World world) {
  return world == World::kValid ? "valid" : "test";
}

struct SplitOptions {
  SplitPolicy policy = SplitPolicy::kLeaveOneOut;
  std::uint64_t seed = 0;                       // breaks ties in time
  std::size_t min_positives = 3;                // evaluated users have at least so many positives (leave-one-out)
  std::size_t min_history = 1;                  // ... and so many interactions before the test target
  std::size_t targets_per_user = 0;             // newest train targets kept per user; 0 = all
  std::int64_t cutoff_ms = 0;                   // temporal: test targets are at or after it
  std::optional<std::int64_t> valid_cutoff_ms;  // temporal; default: the 90 % quantile of times before the cutoff
  double liked_from = kLikedFrom;               // ratings of at least so much are liked; any finite number
  double cold_share = 0.3;                      // cold-items: of the items, drawn for each world; range (0, .5]
};

// One interaction; users and items are dense indexes into Interactions.
struct Interaction {
  std::uint32_t user = 0;
  std::uint32_t item = 0;
  double rating = 0;
  std::int64_t time_ms = 0;
};

// All interactions of a dataset, in file order, without texts: about 60 bytes each.
class Interactions {
 public:
  // Appends one. Throws nothing; ids are interned in first-seen order.
  void add(const UserId& user, const ItemId& item, const ReviewId& review, const Rating& rating, const Timestamp& time);

  [[nodiscard]] std::size_t size() const { return rows_.size(); }
  [[nodiscard]] const Interaction& operator[](std::size_t i) const { return rows_[i]; }
  // As they were added; each call makes them anew.
  [[nodiscard]] ReviewId review(std::size_t i) const;
  [[nodiscard]] Timestamp time(std::size_t i) const;
  [[nodiscard]] Rating rating(std::size_t i) const;
  // The review's id without a copy; lives until the next add().
  [[nodiscard]] std::string_view review_text(std::size_t i) const { return reviews_[i]; }
  [[nodiscard]] const std::vector<UserId>& users() const { return users_; }
  [[nodiscard]] const std::vector<ItemId>& items() const { return items_; }
  [[nodiscard]] std::optional<std::uint32_t> find_user(const UserId& user) const;
  [[nodiscard]] std::optional<std::uint32_t> find_item(const ItemId& item) const;

 private:
  // Strings one behind the other: an object each would take three times as much.
  class Texts {
   public:
    void add(std::string_view text);
    std::string_view operator[](std::size_t i) const {
      return std::string_view(bytes_).substr(begin_[i], begin_[i + 1] - begin_[i]);
    }

   private:
    std::string bytes_;
    std::vector<std::uint64_t> begin_ = {0};  // [texts + 1]
  };
  // What tells a value as it came from its number.
  struct Form {
    bool integer_review : 1 = false;
    bool integer_rating : 1 = false;
    bool string_time : 1 = false;
    bool time_is_ms : 1 = false;  // its text is the digits of Interaction::time_ms, and not held
  };

  std::vector<Interaction> rows_;
  std::vector<Form> forms_;
  Texts reviews_;
  Texts times_;
  std::vector<UserId> users_;
  std::vector<ItemId> items_;
  std::unordered_map<UserId, std::uint32_t> user_index_;
  std::unordered_map<ItemId, std::uint32_t> item_index_;
};

struct Target {
  std::uint32_t interaction = 0;
  TargetSplit split = TargetSplit::kTrain;
};

// In which world an item is held out, reviews and all.
enum class ColdItem : std::uint8_t { kNo, kValid, kTest };

struct SplitCounts {
  std::uint64_t evaluated_users = 0;
  std::uint64_t train_only_users = 0;
  std::uint64_t train_targets = 0;
  std::uint64_t valid_targets = 0;
  std::uint64_t test_targets = 0;           // reference: the gt rows
  std::uint64_t repeated_positives = 0;     // positives of an item that the user already had: no targets
  std::uint64_t users_without_history = 0;  // temporal: test targets whose user has no interaction before the cutoff
  std::uint64_t item_side = 0;              // interactions on the item side
  std::uint64_t cold_items = 0;             // cold-items: of both worlds
  std::uint64_t stripped = 0;               // cold-items: interactions with them
};

class Split {
 public:
  [[nodiscard]] SplitPolicy policy() const { return options_.policy; }
  [[nodiscard]] const SplitOptions& options() const { return options_; }  // valid_cutoff_ms resolved
  [[nodiscard]] const SplitCounts& counts() const { return counts_; }

  // Did the user like it?
  [[nodiscard]] bool positive(const Interactions& data, std::size_t interaction) const {
    return data[interaction].rating >= options_.liked_from;
  }

  // The user's interactions in the split's order, oldest first.
  [[nodiscard]] std::span<const std::uint32_t> order(std::uint32_t user) const;

  // Targets grouped by user in user order, each user's oldest first.
  [[nodiscard]] const std::vector<Target>& targets() const { return targets_; }

  // May the item side use this interaction (its text, its rating)?
  [[nodiscard]] bool item_side(std::size_t interaction) const { return item_side_[interaction] != 0; }

  // The interactions of a user that the user side of a world may use, oldest first: strictly before the user's target
  // of that world (leave-one-out), before the world's cutoff (temporal), all but the target item's (reference), all
  // (none and train-only users); never those with an item that is cold in that world.
  [[nodiscard]] std::vector<std::uint32_t> history(std::uint32_t user, World world) const;
  [[nodiscard]] bool in_history(std::size_t interaction, World world) const;

  // Is nothing known of the item (docs/method.md, 2.7) in that world, nor on the item side?
  [[nodiscard]] bool is_cold(std::uint32_t item, World world) const {
    return !cold_.empty() && cold_[item] == (world == World::kValid ? ColdItem::kValid : ColdItem::kTest);
  }

  // The user's interactions strictly before a given target of the user (train samples), none of them with a cold item.
  [[nodiscard]] std::vector<std::uint32_t> before(const Interactions& data, std::uint32_t interaction) const;

 private:
  friend class SplitBuilder;
  SplitOptions options_;
  SplitCounts counts_;
  std::vector<std::uint32_t> order_;       // interactions grouped by user, in order
  std::vector<std::uint64_t> user_begin_;  // [users + 1] offsets into order_
  std::vector<std::uint32_t> position_;    // [interactions] position in the user's order
  std::vector<Target> targets_;
  std::vector<std::uint8_t> item_side_;  // [interactions]
  std::vector<std::uint8_t> worlds_;     // [interactions] bit 0: history of valid, bit 1: of test
  std::vector<ColdItem> cold_;           // [items]; empty unless under cold-items
};

// Throws Error kUsage when the options make no sense together (temporal without cutoff, valid-cutoff not before
// cutoff).
[[nodiscard]] Split decide_split(const Interactions& data, const SplitOptions& options);

}  // namespace persona4rec
