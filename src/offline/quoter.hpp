// Texts that stand for a group of reviews, word for word out of them.
#pragma once

#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "offline/review_groups.hpp"

namespace persona4rec {

// Greedy by how much of what is typical of the group a sentence adds; a sentence is quoted once, whatever the group.
// A quote costs what the group's sentences hold, for each sentence chosen. Thread-safety: one object, one thread.
class Quoter {
 public:
  // REQUIRES: `reviews` outlive the object; every term < terms.
  Quoter(const std::vector<OfflineReview>& reviews, std::size_t terms) : reviews_(reviews), open_(terms, 0.0) {}

  // At most `max_bytes` of whole sentences in the order of the reviews; `judging`: those alone that judge. Empty when
  // there is none.
  [[nodiscard]] std::string quote(const ReviewGroup& group, std::size_t max_bytes, bool judging);

 private:
  using Choice = std::optional<std::pair<std::size_t, std::size_t>>;  // {member, sentence}

  [[nodiscard]] Choice best_sentence(const ReviewGroup& group, std::size_t room, bool judging) const;
  [[nodiscard]] double gain(const OfflineSentence& sentence) const;

  const std::vector<OfflineReview>& reviews_;
  std::vector<double> open_;    // [terms] weight of the group's terms that no chosen sentence covers; else 0
  std::set<std::string> used_;  // sentences quoted so far, of all groups
};

}  // namespace persona4rec
