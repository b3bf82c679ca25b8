// How well the personas of an item fit a user (docs/method.md, 5.2 Persona score):
//
//   s_k = <u, p_k>;  score = alpha * max_k s_k + (1 - alpha) * mean of the other s_k   (the max alone where m = 1)
//
// The persona with the largest s_k is the explanation; of equal ones the first. Personas without a vector do not count.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace persona4rec {

// The personas of one item: they lie together, [first, end()).
struct PersonaRange {
  std::uint32_t first = 0;
  std::uint32_t count = 0;

  [[nodiscard]] std::uint32_t end() const { return first + count; }
};

struct PersonaMatch {
  double score = 0;
  std::size_t best = 0;   // match_personas: index into `similarities`; PersonaScorer: number of the persona
  double similarity = 0;  // of the best
};

// REQUIRES: similarities is not empty; alpha in [0, 1].
[[nodiscard]] PersonaMatch match_personas(std::span<const float> similarities, double alpha);

// Scores one item after another: what `rerank`, training's validation and the fold fits have in common; they differ in
// where s_k comes from. Thread-safety: one object, one thread (it keeps its buffers).
class PersonaScorer {
 public:
  explicit PersonaScorer(double alpha) : alpha_(alpha) {}

  // similarity_of(k) -> std::optional<float>: s_k of persona k, nothing where it has no vector. Nothing when none has.
  template <class SimilarityOf>
  [[nodiscard]] std::optional<PersonaMatch> match(PersonaRange personas, const SimilarityOf& similarity_of) {
    similarities_.clear();
    persona_of_similarity_.clear();
    for (std::uint32_t k = personas.first; k < personas.end(); ++k) {
      const std::optional<float> similarity = similarity_of(k);
      if (!similarity) continue;
      similarities_.push_back(*similarity);
      persona_of_similarity_.push_back(k);
    }
    if (similarities_.empty()) return std::nullopt;
    PersonaMatch match = match_personas(similarities_, alpha_);
    match.best = persona_of_similarity_[match.best];
    return match;
  }

 private:
  double alpha_;
  std::vector<float> similarities_;
  std::vector<std::uint32_t> persona_of_similarity_;
};

}  // namespace persona4rec
