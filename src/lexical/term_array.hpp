// A sparse vector laid out by term.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "lexical/sparse.hpp"

namespace persona4rec {

// A dot with it costs what the other vector holds, however many terms this one has. Thread-safety: const from any.
class TermArray {
 public:
  explicit TermArray(std::size_t terms) : weights_(terms, 0.0F) {}
  // REQUIRES: every term < the size given.
  void assign(SparseView vector);
  // The bits of dot(vector, other) where assign(vector) came last. REQUIRES: every term < the size given.
  [[nodiscard]] double dot(SparseView other) const;

 private:
  std::vector<float> weights_;        // [terms]
  std::vector<std::uint32_t> terms_;  // that are set
};

}  // namespace persona4rec
