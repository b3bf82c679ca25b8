// What the offline provider calls a group of reviews.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lexical/term_table.hpp"
#include "offline/review_groups.hpp"

namespace persona4rec {

// The noun phrases of an item's reviews, by group; of large groups of some of them. Thread-safety: const use from any.
class PhraseNames {
 public:
  // REQUIRES: the reviews outlive the object.
  PhraseNames(const std::vector<ReviewGroup>& groups, const std::vector<OfflineReview>& reviews);

  // The phrases that many of the group's reviews have and few of the others': "Brian Wilson, lush harmonies". Empty
  // when none has.
  [[nodiscard]] std::string of(std::size_t group) const;

 private:
  struct Written {
    std::string_view text;  // lives in a review
    std::size_t reviews = 0;
  };
  struct Phrase {
    std::size_t last_review = 0;  // that has it, counted from 1
    bool may_be_said = false;
    std::size_t as_key = 0;       // reviews that write it as the key is
    std::vector<Written> others;  // not as the key is
  };
  void add_review(const OfflineReview& review, std::size_t group);
  void add_sentence(std::string_view sentence, std::span<const TextWord> words, std::size_t group);
  [[nodiscard]] double score(std::size_t phrase, std::size_t group) const;
  [[nodiscard]] std::string_view spelling(std::size_t phrase) const;

  TermTable keys_;
  std::vector<Phrase> phrases_;        // [keys]
  std::vector<std::uint32_t> having_;  // [keys, groups] reviews
  std::size_t reviews_ = 0;            // that were read
  std::vector<std::size_t> sizes_;     // [groups] of them
};

// The phrases that set the group apart, else the words that do, as its reviews write them. Empty when nothing does.
// Linear in the words of the group's reviews. Thread-safety: re-entrant.
[[nodiscard]] std::string group_name(const std::vector<ReviewGroup>& groups, std::size_t group,
                                     const PhraseNames& phrases, const std::vector<OfflineReview>& reviews,
                                     const TermTable& table);

}  // namespace persona4rec
