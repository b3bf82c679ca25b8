// The words of the texts in a chat request's facts, for a client that answers from words alone.
// Thread-safety: const use from any thread.
#pragma once

#include <memory>
#include <vector>

#include "lexical/sparse.hpp"
#include "lexical/vocabulary.hpp"

namespace persona4rec {

// REQUIRES: the vocabulary outlives the request.
struct FactWords {
  explicit FactWords(const Vocabulary& words) : vocabulary(words) {}

  const Vocabulary& vocabulary;
  // Of "select", whose texts come up again and again: their term_vector()s, which stand for them.
  std::vector<std::shared_ptr<const SparseVector>> reviews;   // of facts.reviews, in their order
  std::vector<std::shared_ptr<const SparseVector>> personas;  // of facts.personas, in their order
};

}  // namespace persona4rec
