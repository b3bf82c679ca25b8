// K of text-ease: the double-centred cosine of item texts, K_ij = C_ij - mean_i - mean_j + mean, row by row.
// Thread-safety: const use from any thread.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "lexical/sparse.hpp"

namespace persona4rec {

class TextKernel {
 public:
  // `rows`: one unit vector an item, empty = cosine 0 with every item.
  explicit TextKernel(const SparseMatrix& rows);

  // Fills out[j] = K_ij. REQUIRES: out.size() == rows.
  void row(std::uint32_t i, std::span<double> out) const;

 private:
  struct Posting {
    std::uint32_t row = 0;
    float weight = 0;
  };
  const SparseMatrix& rows_;
  std::vector<std::size_t> begin_;   // [terms + 1] offsets into postings_
  std::vector<Posting> postings_;    // grouped by term, rows increasing
  std::vector<double> mean_of_row_;  // of C
  double mean_ = 0;                  // of C
};

}  // namespace persona4rec
