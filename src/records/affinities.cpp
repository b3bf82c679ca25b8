#include "records/affinities.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace persona4rec {

std::string affinity_text(const std::vector<std::string>& affinities) {
  std::string text;
  for (const auto& name : affinities) text += (text.empty() ? "" : ", ") + name;
  return text;
}

std::vector<std::string> counted_affinities(const std::vector<AffinityCount>& counts,
                                            const std::optional<LeftOut>& without) {
  std::vector<std::pair<double, const AffinityCount*>> order;
  for (const auto& count : counts) {
    const bool is_liked = without && std::ranges::any_of(count.items, without->liked);
    const std::uint64_t liked = is_liked ? 1 : 0;
    const auto left = count.count - (is_liked && without && without->counted ? 1 : 0);
    if (left < kAffinitySupporters) continue;
    order.emplace_back(static_cast<double>(left) / std::sqrt(static_cast<double>(count.liked_by - liked)), &count);
  }
  std::ranges::stable_sort(order, [](const auto& a, const auto& b) { return a.first > b.first; });
  order.resize(std::min(order.size(), kMaxAffinities));
  std::vector<std::string> names;
  names.reserve(order.size());
  for (const auto& [score, count] : order) names.push_back(count->name);
  return names;
}

Persona without_affinities_of(const Persona& persona, bool supports, const std::function<bool(const ItemId&)>& liked) {
  Persona left = persona;
  const bool counted = persona.affinity_from.empty() ? supports : std::ranges::any_of(persona.affinity_from, liked);
  if (!persona.affinity_counts.empty()) {
    left.affinities = counted_affinities(persona.affinity_counts, LeftOut{.liked = liked, .counted = counted});
  }
  return left;
}

}  // namespace persona4rec
