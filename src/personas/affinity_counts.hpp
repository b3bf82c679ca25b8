// Affinities without a model: titles of other items that people liked, as counts of people
// (docs/method.md, 10.4 Affinities that are counted).
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "persona4rec/records.hpp"
#include "persona4rec/split.hpp"

namespace persona4rec {

// Memory: an index for each liked item-side interaction, the titles. Thread-safety: one object, one thread.
class AffinityCounts {
 public:
  // `titles`: of the items, in the numbering of `data`; "" = none, counted nowhere. REQUIRES: both outlive the object.
  AffinityCounts(const Interactions& data, const Split& split, const std::vector<std::string>& titles);

  // Who liked the item, item side alone; ascending.
  [[nodiscard]] std::span<const std::uint32_t> likers(std::uint32_t item) const;

  // The titles that `users` liked on the item side, but not those of the items `about`, by name: all that it takes to
  // name kMaxAffinities of them, also without any one user. REQUIRES: users ascending and distinct.
  [[nodiscard]] std::vector<AffinityCount> count(std::span<const std::uint32_t> users,
                                                 std::span<const std::uint32_t> about);

 private:
  [[nodiscard]] std::span<const std::uint32_t> titles_of(std::uint32_t user) const;
  [[nodiscard]] std::vector<std::uint32_t> that_may_be_named(const std::vector<std::uint32_t>& titles) const;

  const Interactions& data_;
  std::vector<std::uint32_t> title_of_item_;  // kNoTitle = none
  std::vector<std::string> names_;            // [titles] ascending
  std::vector<std::vector<std::uint32_t>> items_of_title_;
  std::vector<std::uint64_t> user_begin_, item_begin_;  // offsets, one more than users and items
  std::vector<std::uint32_t> titles_;                   // liked by each user, ascending and distinct
  std::vector<std::uint32_t> likers_;                   // of each item, ascending and distinct
  std::vector<std::uint64_t> liked_by_;                 // [titles] users
  std::vector<std::uint64_t> counts_;                   // [titles] of one count(); else 0
};

}  // namespace persona4rec
