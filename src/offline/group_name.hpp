// What the offline provider calls a group of reviews.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "offline/review_groups.hpp"

namespace persona4rec {

// The words that set the group apart from the others, as its reviews write them: "Round, quick, feelings". Empty when
// no word does. Linear in the words of the group's reviews. Thread-safety: re-entrant.
[[nodiscard]] std::string group_name(const std::vector<ReviewGroup>& groups, std::size_t group,
                                     const std::vector<OfflineReview>& reviews, const TermWeights& weights);

}  // namespace persona4rec
