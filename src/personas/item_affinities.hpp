// Affinities of an item's personas where the answer names none (docs/method.md, 10.4 Affinities that are counted).
#pragma once

#include <cstddef>
#include <optional>
#include <unordered_map>
#include <vector>

#include "personas/affinity_counts.hpp"
#include "personas/alike_items.hpp"
#include "personas/item_reviews.hpp"

namespace persona4rec {

// Thread-safety: one object, one thread.
class ItemAffinities {
 public:
  // REQUIRES: `items` outlives the object.
  explicit ItemAffinities(ItemReviews& items);

  // Fills in the affinities, and the counts behind them, of those personas that have none: what their supporters liked
  // beside the item; of a persona without support, what those liked who liked the items that metadata say are alike.
  void add_to(std::vector<Persona>& personas, std::size_t item);

 private:
  using Reviewers = std::unordered_multimap<ReviewId, std::uint32_t>;  // users by their reviews of an item

  [[nodiscard]] Reviewers reviewers(std::size_t item) const;
  void add(Persona& persona, std::vector<std::uint32_t> users, std::vector<std::uint32_t> about);
  [[nodiscard]] std::vector<std::uint32_t> alike(std::size_t item);
  AlikeItems& alike_items();  // fitted at the first call

  ItemReviews& items_;
  AffinityCounts counts_;
  Vocabulary metadata_;  // fitted when the first item asks for items that are alike
  std::optional<AlikeItems> alike_;
};

}  // namespace persona4rec
