#include "split/interactions_reader.hpp"

#include <unordered_set>
#include <utility>

namespace persona4rec {

Interactions read_interactions(JsonlReader& aspects, const std::function<void(AspectRow&&, std::size_t)>& take) {
  Interactions data;
  for (AspectRow row; aspects.next(row); row = AspectRow{}) {
    data.add(row.user_id, row.item_id, row.review_id, row.rating, row.timestamp);
    if (take) take(std::move(row), data.size() - 1);
  }
  return data;
}

Interactions read_history_interactions(JsonlReader& history,
                                       const std::function<void(HistoryReview&&, std::size_t)>& take) {
  Interactions data;
  std::unordered_set<UserId> seen;
  for (HistoryRow row; history.next(row); row = HistoryRow{}) {
    if (!seen.insert(row.user_id).second) {
      throw input_error({.file = history.place().file, .line = history.place().line, .field = "user_id"},
                        "the user \"" + row.user_id.text() + "\" has a line already");
    }
    for (auto& review : row.reviews) {
      data.add(row.user_id, review.item_id, review.review_id.value_or(ReviewId()), review.rating, review.timestamp);
      if (take) take(std::move(review), data.size() - 1);
    }
  }
  return data;
}

}  // namespace persona4rec
