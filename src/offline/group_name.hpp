// What the offline provider calls a group of reviews.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "offline/review_groups.hpp"

namespace persona4rec {

// The noun phrases of an item's reviews, by group; of large groups of some of them. Thread-safety: const use from any.
class PhraseNames {
 public:
  PhraseNames(const std::vector<ReviewGroup>& groups, const std::vector<OfflineReview>& reviews);

  // The phrases that many of the group's reviews have and few of the others': "Brian Wilson, lush harmonies". Empty
  // when none has.
  [[nodiscard]] std::string of(std::size_t group) const;

 private:
  struct Entry {
    std::size_t last_review = 0;       // that has it, counted from 1
    std::vector<std::size_t> reviews;  // [groups] that have it; empty: it may not be said
    std::map<std::string, std::size_t> spellings;
  };
  void add_review(const OfflineReview& review, std::size_t group, std::size_t groups);
  [[nodiscard]] double score(const std::string& key, const Entry& entry, std::size_t group) const;

  std::unordered_map<std::string, Entry> phrases_;
  std::size_t reviews_ = 0;         // that were read
  std::vector<std::size_t> sizes_;  // [groups] of them
};

// The phrases that set the group apart, else the words that do, as its reviews write them. Empty when nothing does.
// Linear in the words of the group's reviews. Thread-safety: re-entrant.
[[nodiscard]] std::string group_name(const std::vector<ReviewGroup>& groups, std::size_t group,
                                     const PhraseNames& phrases, const std::vector<OfflineReview>& reviews,
                                     const TermTable& table);

}  // namespace persona4rec
