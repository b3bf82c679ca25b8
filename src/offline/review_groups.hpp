// The reviews of one item read for the offline provider, and grouped by content.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "lexical/sparse.hpp"
#include "lexical/term_table.hpp"
#include "lexical/vocabulary.hpp"
#include "offline/text.hpp"
#include "persona4rec/json.hpp"

namespace persona4rec {

struct OfflineSentence {
  std::string_view text;             // lives in the review
  SentenceWords words;               // words_in(text), or none where there is no room for those of all
  std::vector<std::uint32_t> terms;  // of one that is quotable, ascending
  std::size_t judging = 0;           // words; of one that is quotable
  bool quotable = false;
};

struct OfflineReview {
  std::string id;
  bool disliked = false;
  std::string text;  // title and text, a line end between them: where the sentences live, so it stays where it is made
  SparseVector words;
  std::vector<OfflineSentence> sentences;  // the title first
};

struct ReviewGroup {
  std::vector<std::size_t> members;
  bool critical = false;
  SparseVector centre;  // mean of the members' vectors
};

struct OfflineItem {
  TermTable table;  // the vocabulary's terms in its reviews, by their bytes: all terms below are numbers of it
  std::vector<OfflineReview> reviews;
};

// Facts as offline_personas() takes them. Thread-safety: re-entrant.
[[nodiscard]] OfflineItem read_reviews(const Json& facts, const Vocabulary& vocabulary);

// `count` groups, the largest first; critical reviews never share a group with others where there is room for two
// groups. `terms`: every term is below it. REQUIRES: 1 <= count <= reviews.size().
[[nodiscard]] std::vector<ReviewGroup> group_reviews(const std::vector<OfflineReview>& reviews, std::size_t count,
                                                     std::size_t terms);

// Groups that were made before, in the order given. REQUIRES: none is empty, members ascending.
[[nodiscard]] std::vector<ReviewGroup> groups_of(const std::vector<OfflineReview>& reviews,
                                                 const std::vector<std::vector<std::size_t>>& members,
                                                 std::size_t terms);

}  // namespace persona4rec
