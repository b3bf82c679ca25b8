// The texts in the facts of a chat request as term vectors, made by who asks: for a client that answers from words
// alone. Thread-safety: const use from any thread.
#pragma once

#include <memory>
#include <vector>

#include "lexical/sparse.hpp"
#include "lexical/vocabulary.hpp"

namespace persona4rec {

// Vectors as TermWeights makes them, of all terms of the vocabulary, which outlives the request.
struct FactVectors {
  explicit FactVectors(const Vocabulary& words) : vocabulary(words) {}

  const Vocabulary& vocabulary;
  std::vector<std::shared_ptr<const SparseVector>> reviews;   // of facts.reviews, in their order
  std::vector<std::shared_ptr<const SparseVector>> personas;  // of facts.personas, in their order
};

}  // namespace persona4rec
