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

// What the formula needs of an item's s_k, one after the other.
class PersonaSum {
 public:
  void add(std::size_t persona, float similarity) {
    if (count_ == 0 || similarity > top_) {
      top_ = similarity;
      best_ = persona;
    }
    sum_ += static_cast<double>(similarity);
    ++count_;
  }
  [[nodiscard]] std::size_t count() const { return count_; }
  // REQUIRES: count() > 0; alpha in [0, 1].
  [[nodiscard]] PersonaMatch match(double alpha) const {
    const auto top = static_cast<double>(top_);
    if (count_ == 1) return {.score = top, .best = best_, .similarity = top};
    const double others = (sum_ - top) / static_cast<double>(count_ - 1);
    return {.score = alpha * top + (1 - alpha) * others, .best = best_, .similarity = top};
  }

 private:
  float top_ = 0;
  std::size_t best_ = 0;
  double sum_ = 0;
  std::size_t count_ = 0;
};

// REQUIRES: similarities is not empty; alpha in [0, 1].
[[nodiscard]] PersonaMatch match_personas(std::span<const float> similarities, double alpha);

// Scores one item after another: what `rerank`, training's validation and the fold fits have in common; they differ in
// where s_k comes from. Thread-safety: pure.
class PersonaScorer {
 public:
  explicit PersonaScorer(double alpha) : alpha_(alpha) {}

  // similarity_of(k) -> std::optional<float>: s_k of persona k, nothing where it has no vector. Nothing when none has.
  template <class SimilarityOf>
  [[nodiscard]] std::optional<PersonaMatch> match(PersonaRange personas, const SimilarityOf& similarity_of) const {
    PersonaSum sum;
    for (std::uint32_t k = personas.first; k < personas.end(); ++k) {
      if (const std::optional<float> similarity = similarity_of(k)) sum.add(k, *similarity);
    }
    if (sum.count() == 0) return std::nullopt;
    return sum.match(alpha_);
  }

 private:
  double alpha_;
};

}  // namespace persona4rec
