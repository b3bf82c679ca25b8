#include "personas/alike_items.hpp"

#include <algorithm>
#include <utility>

namespace persona4rec {

std::vector<std::uint32_t> AlikeItems::nearest(std::string_view text, std::size_t most) {
  asked_.assign(vocabulary_.vector(text));
  std::vector<std::pair<double, std::uint32_t>> found;  // {-cosine, item}
  for (std::size_t i = 0; i < items_.size(); ++i) {
    const double cosine = asked_.dot(vectors_.row(i));
    if (cosine > 0) found.emplace_back(-cosine, items_[i]);
  }
  const auto kept = std::min(most, found.size());
  std::ranges::partial_sort(found, found.begin() + static_cast<std::ptrdiff_t>(kept));
  std::vector<std::uint32_t> items;
  items.reserve(kept);
  for (std::size_t i = 0; i < kept; ++i) items.push_back(found[i].second);
  return items;
}

}  // namespace persona4rec
