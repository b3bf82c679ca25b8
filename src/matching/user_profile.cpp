#include "matching/user_profile.hpp"

#include <algorithm>
#include <vector>

namespace persona4rec {
namespace {

// e_j of one row; false when neither side has a vector.
bool interaction_vector(const ItemSide& items, std::uint32_t row, std::span<const std::uint32_t> without,
                        ProfileSide side, std::span<float> out) {
  const auto own = items.x().row(row);
  const bool has_own = side != ProfileSide::kItems && !is_missing(own);
  const bool has_items = side != ProfileSide::kOwn && items.mean(items.table().item_of_row[row], without, out);
  if (has_own && has_items) {
    VectorSum sum(own.size());
    sum.add(own);
    sum.add(out);
    return sum.unit(out);
  }
  if (has_own) std::copy(own.begin(), own.end(), out.begin());
  return has_own || has_items;
}

}  // namespace

bool user_profile(const ItemSide& items, std::span<const std::uint32_t> liked, std::span<const std::uint32_t> without,
                  const ProfileOptions& options, std::span<float> out) {
  VectorSum sum(out.size());
  std::vector<float> vector(out.size());
  double factor = 1;
  for (const auto row : liked.first(std::min(liked.size(), options.k_recent))) {
    if (interaction_vector(items, row, without, options.side, vector)) sum.add(vector, factor);
    factor *= options.gamma;
  }
  return sum.unit(out);
}

}  // namespace persona4rec
