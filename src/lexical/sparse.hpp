// Sparse term vectors: strictly increasing term indexes with f32 weights, and a CSR matrix of them.
//
// All sums run in double, in term order, one thread: equal inputs give equal bits.
// Thread-safety: views and const objects from any thread; a SparseSum belongs to one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace persona4rec {

// A vector that somebody else owns (a SparseVector, a matrix row, a mapped file). REQUIRES: terms strictly increasing,
// as many weights as terms.
struct SparseView {
  std::span<const std::uint32_t> terms;
  std::span<const float> weights;

  [[nodiscard]] std::size_t size() const { return terms.size(); }
  [[nodiscard]] bool empty() const { return terms.empty(); }
};

struct SparseVector {
  std::vector<std::uint32_t> terms;
  std::vector<float> weights;

  [[nodiscard]] std::size_t size() const { return terms.size(); }
  [[nodiscard]] bool empty() const { return terms.empty(); }
  [[nodiscard]] SparseView view() const { return {terms, weights}; }
  operator SparseView() const { return view(); }  // NOLINT: a vector is a view
  friend bool operator==(const SparseVector&, const SparseVector&) = default;
};

[[nodiscard]] double dot(SparseView a, SparseView b);
[[nodiscard]] double norm(SparseView vector);  // Euclidean

// The vector at unit length; a vector without length comes back empty (undefined is not zero: no channel).
[[nodiscard]] SparseVector unit(SparseView vector);

// Positions in the vector of its k heaviest terms, heaviest first; ties by the lower term index.
[[nodiscard]] std::vector<std::size_t> heaviest(SparseView vector, std::size_t k);
// The vector with its k heaviest terms alone, weights as they were (not scaled again).
[[nodiscard]] SparseVector keep_heaviest(SparseView vector, std::size_t k);

struct WeightedView {
  SparseView vector;
  double factor = 1.0;
};
// The sum of a few vectors, as a SparseSum of the same in their order has it: needs no buffer, whatever the vocabulary.
[[nodiscard]] SparseVector weighted_sum(std::span<const WeightedView> vectors);

// A weighted sum of many vectors: add(...), add(...), take(). Keeps its buffer from sum to sum; a sum costs what its
// vectors hold, not the vocabulary.
class SparseSum {
 public:
  explicit SparseSum(std::size_t terms) : values_(terms, 0.0), present_(terms / kTermsOfWord + 1, 0) {}
  // REQUIRES: every term < the size given.
  void add(SparseView vector, double factor = 1.0);
  [[nodiscard]] bool empty() const { return touched_.empty(); }
  // The sum so far, zero weights left out; empties the sum.
  [[nodiscard]] SparseVector take();

 private:
  static constexpr std::size_t kTermsOfWord = 64;

  void sort_touched();

  std::vector<double> values_;
  std::vector<std::uint64_t> present_;  // a bit each term
  std::vector<std::uint32_t> touched_;
};

// Rows of sparse vectors in three arrays (CSR), as they stand in cache/words.
class SparseMatrix {
 public:
  SparseMatrix() = default;
  // From parts: row i is [row_begin[i], row_begin[i + 1]). Throws Error kInternal when the parts do not fit together.
  SparseMatrix(std::vector<std::uint64_t> row_begin, std::vector<std::uint32_t> terms, std::vector<float> weights);

  void append(SparseView row);
  [[nodiscard]] std::size_t rows() const { return row_begin_.size() - 1; }
  [[nodiscard]] SparseView row(std::size_t i) const {
    const auto begin = static_cast<std::size_t>(row_begin_[i]);
    const auto size = static_cast<std::size_t>(row_begin_[i + 1]) - begin;
    return {std::span(terms_).subspan(begin, size), std::span(weights_).subspan(begin, size)};
  }
  [[nodiscard]] std::span<const std::uint64_t> row_begin() const { return row_begin_; }  // [rows + 1]
  [[nodiscard]] std::span<const std::uint32_t> terms() const { return terms_; }          // [entries]
  [[nodiscard]] std::span<const float> weights() const { return weights_; }              // [entries]

 private:
  std::vector<std::uint64_t> row_begin_ = {0};
  std::vector<std::uint32_t> terms_;
  std::vector<float> weights_;
};

}  // namespace persona4rec
