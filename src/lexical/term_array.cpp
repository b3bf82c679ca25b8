#include "lexical/term_array.hpp"

namespace persona4rec {

void TermArray::assign(SparseView vector) {
  for (const auto term : terms_) weights_[term] = 0;
  terms_.assign(vector.terms.begin(), vector.terms.end());
  for (std::size_t i = 0; i < vector.size(); ++i) weights_[vector.terms[i]] = vector.weights[i];
}

double TermArray::dot(SparseView other) const {
  double sum = 0;
  for (std::size_t i = 0; i < other.size(); ++i) sum += double{other.weights[i]} * double{weights_[other.terms[i]]};
  return sum;
}

}  // namespace persona4rec
