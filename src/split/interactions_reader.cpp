#include "split/interactions_reader.hpp"

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

}  // namespace persona4rec
