#include "matching/persona_score.hpp"

namespace persona4rec {

PersonaMatch match_personas(std::span<const float> similarities, double alpha) {
  PersonaSum sum;
  for (std::size_t k = 0; k < similarities.size(); ++k) sum.add(k, similarities[k]);
  return sum.match(alpha);
}

}  // namespace persona4rec
