// How well the personas of an item fit a user (docs/method.md, 5.2 Persona score):
//
//   s_k = <u, p_k>;  score = alpha * max_k s_k + (1 - alpha) * mean of the other s_k   (the max alone where m = 1)
//
// The persona with the largest s_k is the explanation; of equal ones the first.
#pragma once

#include <cstddef>
#include <span>

namespace persona4rec {

struct PersonaMatch {
  double score = 0;
  std::size_t best = 0;   // index into `similarities`
  double similarity = 0;  // of the best
};

// REQUIRES: similarities is not empty; alpha in [0, 1].
[[nodiscard]] PersonaMatch match_personas(std::span<const float> similarities, double alpha);

}  // namespace persona4rec
