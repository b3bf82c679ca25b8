#include "records/affinities.hpp"

#include <algorithm>
#include <utility>

namespace persona4rec {

std::string affinity_text(const std::vector<std::string>& affinities) {
  std::string text;
  for (const auto& name : affinities) text += (text.empty() ? "" : ", ") + name;
  return text;
}

std::vector<std::string> counted_affinities(const std::vector<AffinityCount>& counts,
                                            const std::function<bool(const ItemId&)>& liked) {
  std::vector<std::pair<std::uint64_t, const AffinityCount*>> left;
  for (const auto& count : counts) {
    const bool counted = liked && std::ranges::any_of(count.items, liked);
    const auto supporters = count.count - (counted && count.count > 0 ? 1 : 0);
    if (supporters >= kAffinitySupporters) left.emplace_back(supporters, &count);
  }
  std::ranges::stable_sort(left, [](const auto& a, const auto& b) { return a.first > b.first; });
  left.resize(std::min(left.size(), kMaxAffinities));
  std::vector<std::string> names;
  for (const auto& [supporters, count] : left) names.push_back(count->name);
  return names;
}

Persona without_affinities_of(const Persona& persona, bool supports, const std::function<bool(const ItemId&)>& liked) {
  Persona left = persona;
  const bool counted = persona.affinity_from.empty() ? supports : std::ranges::any_of(persona.affinity_from, liked);
  if (counted && !persona.affinity_counts.empty()) {
    left.affinities = counted_affinities(persona.affinity_counts, liked);
  }
  return left;
}

}  // namespace persona4rec
