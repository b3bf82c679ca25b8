#include "matching/persona_score.hpp"

namespace persona4rec {

PersonaMatch match_personas(std::span<const float> similarities, double alpha) {
  std::size_t best = 0;
  double sum = 0;
  for (std::size_t k = 0; k < similarities.size(); ++k) {
    if (similarities[k] > similarities[best]) best = k;
    sum += static_cast<double>(similarities[k]);
  }
  const auto top = static_cast<double>(similarities[best]);
  if (similarities.size() == 1) return {.score = top, .best = 0, .similarity = top};
  const double others = (sum - top) / static_cast<double>(similarities.size() - 1);
  return {.score = alpha * top + (1 - alpha) * others, .best = best, .similarity = top};
}

}  // namespace persona4rec
