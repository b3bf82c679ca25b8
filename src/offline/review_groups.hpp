// The reviews of one item read for the offline provider, and grouped by content.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "lexical/sparse.hpp"
#include "lexical/term_weights.hpp"
#include "persona4rec/json.hpp"

namespace persona4rec {

struct OfflineSentence {
  std::string text;
  SparseVector words;       // of one that is quotable
  std::size_t judging = 0;  // words; of one that is quotable
  bool quotable = false;
};

struct OfflineReview {
  std::string id;
  bool disliked = false;
  std::string text;  // of one without a sentence
  SparseVector words;
  std::vector<OfflineSentence> sentences;  // the title first
};

struct ReviewGroup {
  std::vector<std::size_t> members;
  bool critical = false;
  SparseVector centre;  // mean of the members' vectors
};

// The facts' idf; none = no words.
[[nodiscard]] TermWeights weights_of(const Json& facts);

// Facts as offline_personas() takes them. Thread-safety: re-entrant.
[[nodiscard]] std::vector<OfflineReview> read_reviews(const Json& facts, const TermWeights& weights);

// `count` groups, the largest first; critical reviews never share a group with others where there is room for two
// groups. `terms`: every term is below it. REQUIRES: 1 <= count <= reviews.size().
[[nodiscard]] std::vector<ReviewGroup> group_reviews(const std::vector<OfflineReview>& reviews, std::size_t count,
                                                     std::size_t terms);

// Groups that were made before, in the order given. REQUIRES: none is empty, members ascending.
[[nodiscard]] std::vector<ReviewGroup> groups_of(const std::vector<OfflineReview>& reviews,
                                                 const std::vector<std::vector<std::size_t>>& members,
                                                 std::size_t terms);

}  // namespace persona4rec
