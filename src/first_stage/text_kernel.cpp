#include "first_stage/text_kernel.hpp"

#include <algorithm>

namespace persona4rec {

TextKernel::TextKernel(const SparseMatrix& rows) : rows_(rows) {
  const std::size_t terms = rows.terms().empty() ? 0 : *std::ranges::max_element(rows.terms()) + std::size_t{1};
  begin_.assign(terms + 1, 0);
  for (const std::uint32_t term : rows.terms()) ++begin_[term + 1];
  for (std::size_t term = 0; term < terms; ++term) begin_[term + 1] += begin_[term];

  postings_.resize(rows.terms().size());
  std::vector<std::size_t> next(begin_.begin(), begin_.end() - 1);
  for (std::uint32_t i = 0; i < rows.rows(); ++i) {
    const auto row = rows.row(i);
    for (std::size_t k = 0; k < row.size(); ++k) postings_[next[row.terms[k]]++] = {i, row.weights[k]};
  }

  // The mean of C's row i is <row i, sum of all rows> / n: no matrix needed.
  SparseSum sum(terms);
  for (std::size_t i = 0; i < rows.rows(); ++i) sum.add(rows.row(i));
  const SparseVector all = sum.take();
  const auto count = static_cast<double>(rows.rows());
  for (std::size_t i = 0; i < rows.rows(); ++i) {
    mean_of_row_.push_back(dot(rows.row(i), all) / count);
    mean_ += mean_of_row_.back() / count;
  }
}

void TextKernel::row(std::uint32_t i, std::span<double> out) const {
  for (std::size_t j = 0; j < out.size(); ++j) out[j] = mean_ - mean_of_row_[i] - mean_of_row_[j];
  const auto row = rows_.row(i);
  for (std::size_t k = 0; k < row.size(); ++k) {
    for (std::size_t p = begin_[row.terms[k]]; p < begin_[row.terms[k] + 1]; ++p) {
      out[postings_[p].row] += double{row.weights[k]} * double{postings_[p].weight};
    }
  }
}

}  // namespace persona4rec
