#include "lexical/sparse.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <numeric>
#include <utility>

#include "persona4rec/error.hpp"

namespace persona4rec {

double dot(SparseView a, SparseView b) {
  double sum = 0;
  std::size_t i = 0;
  std::size_t j = 0;
  while (i < a.size() && j < b.size()) {
    if (a.terms[i] == b.terms[j]) sum += double{a.weights[i]} * double{b.weights[j]};
    const bool step_a = a.terms[i] <= b.terms[j];
    const bool step_b = b.terms[j] <= a.terms[i];
    i += step_a ? 1U : 0U;
    j += step_b ? 1U : 0U;
  }
  return sum;
}

double norm(SparseView vector) {
  double sum = 0;
  for (const float weight : vector.weights) sum += double{weight} * double{weight};
  return std::sqrt(sum);
}

SparseVector unit(SparseView vector) {
  const double length = norm(vector);
  if (!(length > 0)) return {};
  SparseVector out{{vector.terms.begin(), vector.terms.end()}, {}};
  out.weights.reserve(vector.size());
  for (const float weight : vector.weights) out.weights.push_back(static_cast<float>(double{weight} / length));
  return out;
}

std::vector<std::size_t> heaviest(SparseView vector, std::size_t k) {
  std::vector<std::size_t> order(vector.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const auto heavier = [&](std::size_t a, std::size_t b) {
    return vector.weights[a] != vector.weights[b] ? vector.weights[a] > vector.weights[b] : a < b;
  };
  k = std::min(k, order.size());
  std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(k), order.end(), heavier);
  order.resize(k);
  return order;
}

SparseVector keep_heaviest(SparseView vector, std::size_t k) {
  auto kept = heaviest(vector, k);
  std::ranges::sort(kept);
  SparseVector out;
  for (const std::size_t position : kept) {
    out.terms.push_back(vector.terms[position]);
    out.weights.push_back(vector.weights[position]);
  }
  return out;
}

SparseVector weighted_sum(std::span<const WeightedView> vectors) {
  struct Part {
    std::uint32_t term = 0;
    double weight = 0;
  };
  std::vector<Part> parts;
  for (const auto& [vector, factor] : vectors) {
    for (std::size_t i = 0; i < vector.size(); ++i) {
      parts.push_back({vector.terms[i], factor * double{vector.weights[i]}});
    }
  }
  std::ranges::stable_sort(parts, {}, &Part::term);
  SparseVector out;
  for (auto part = parts.begin(); part != parts.end();) {
    const auto term = part->term;
    double sum = 0;
    for (; part != parts.end() && part->term == term; ++part) sum += part->weight;
    const auto weight = static_cast<float>(sum);
    if (weight == 0.0F) continue;
    out.terms.push_back(term);
    out.weights.push_back(weight);
  }
  return out;
}

void SparseSum::add(SparseView vector, double factor) {
  for (std::size_t i = 0; i < vector.size(); ++i) {
    const std::uint32_t term = vector.terms[i];
    std::uint64_t& word = present_[term / kTermsOfWord];
    const std::uint64_t bit = std::uint64_t{1} << (term % kTermsOfWord);
    if ((word & bit) == 0) {
      word |= bit;
      touched_.push_back(term);
    }
    values_[term] += factor * double{vector.weights[i]};
  }
}

// Unless they are very few, they are found in their order sooner than sorted.
void SparseSum::sort_touched() {
  constexpr std::size_t kWordsOfOne = 32;  // that are looked at while one is sorted
  if (kWordsOfOne * touched_.size() < present_.size()) {
    std::ranges::sort(touched_);
    return;
  }
  std::size_t found = 0;
  for (std::size_t word = 0; found < touched_.size(); ++word) {
    for (std::uint64_t left = present_[word]; left != 0; left &= left - 1) {
      touched_[found++] =
          static_cast<std::uint32_t>(word * kTermsOfWord) + static_cast<std::uint32_t>(std::countr_zero(left));
    }
  }
}

SparseVector SparseSum::take() {
  sort_touched();
  SparseVector out;
  out.terms.reserve(touched_.size());
  out.weights.reserve(touched_.size());
  for (const std::uint32_t term : touched_) {
    const auto weight = static_cast<float>(std::exchange(values_[term], 0.0));
    present_[term / kTermsOfWord] = 0;
    if (weight == 0.0F) continue;
    out.terms.push_back(term);
    out.weights.push_back(weight);
  }
  touched_.clear();
  return out;
}

SparseMatrix::SparseMatrix(std::vector<std::uint64_t> row_begin, std::vector<std::uint32_t> terms,
                           std::vector<float> weights)
    : row_begin_(std::move(row_begin)), terms_(std::move(terms)), weights_(std::move(weights)) {
  const bool fits = !row_begin_.empty() && row_begin_.front() == 0 && row_begin_.back() == terms_.size() &&
                    terms_.size() == weights_.size() && std::ranges::is_sorted(row_begin_);
  if (!fits) throw internal_error("the parts of a sparse matrix do not fit together");
}

void SparseMatrix::append(SparseView row) {
  terms_.insert(terms_.end(), row.terms.begin(), row.terms.end());
  weights_.insert(weights_.end(), row.weights.begin(), row.weights.end());
  row_begin_.push_back(terms_.size());
}

}  // namespace persona4rec
