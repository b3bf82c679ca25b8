#include "lexical/term_vector.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/bulk/sort_distinct.hpp"

namespace persona4rec {
namespace {

// How often each term is there, ascending. Many of a few terms are counted sooner than sorted.
std::vector<TermCount> counted(std::vector<std::uint32_t> found, std::size_t terms) {
  constexpr std::size_t kMany = 16;  // one for so many terms
  std::vector<TermCount> counts;
  counts.reserve(found.size());
  if (found.size() * kMany < terms) {
    std::ranges::sort(found);
    for (const auto term : found) {
      if (counts.empty() || counts.back().term != term) counts.push_back({term, 0});
      ++counts.back().count;
    }
    return counts;
  }
  std::vector<std::uint32_t> times(terms, 0);
  for (const auto term : found) ++times[term];
  for (std::uint32_t term = 0; term < terms; ++term) {
    if (times[term] != 0) counts.push_back({term, times[term]});
  }
  return counts;
}

}  // namespace

std::vector<std::uint32_t> terms_in(const Vocabulary& vocabulary, std::span<const std::string> texts) {
  std::vector<std::uint32_t> terms;
  for (const auto& text : texts) vocabulary.for_each_term(text, [&](std::uint32_t term) { terms.push_back(term); });
  sort_distinct(terms);
  return terms;
}

SparseVector term_vector(const Vocabulary& vocabulary, std::vector<std::uint32_t> found) {
  const auto counts = counted(std::move(found), vocabulary.size());
  SparseVector made;
  made.terms.reserve(counts.size());
  made.weights.reserve(counts.size());
  for (const auto& [term, times] : counts) {
    const double share = times == 1 ? 1.0 : 1 + std::log(static_cast<double>(times));
    made.terms.push_back(term);
    made.weights.push_back(static_cast<float>(share * vocabulary.idf(term)));
  }
  return unit(made);
}

SparseVector term_vector(const Vocabulary& vocabulary, std::string_view text) {
  std::vector<std::uint32_t> found;
  vocabulary.for_each_term(text, [&](std::uint32_t term) { found.push_back(term); });
  return term_vector(vocabulary, std::move(found));
}

SparseVector term_vector(const Vocabulary& vocabulary, std::string_view text, std::span<const std::uint32_t> terms) {
  std::vector<std::uint32_t> found;
  vocabulary.for_each_term(text, [&](std::uint32_t term) {
    if (std::ranges::binary_search(terms, term)) found.push_back(term);
  });
  return term_vector(vocabulary, std::move(found));
}

}  // namespace persona4rec
