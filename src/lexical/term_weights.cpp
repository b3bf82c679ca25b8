#include "lexical/term_weights.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/bulk/sort_distinct.hpp"

namespace persona4rec {
namespace {

// Collects the terms of texts, each once.
class DistinctTerms {
 public:
  explicit DistinctTerms(const Vocabulary& vocabulary) : vocabulary_(vocabulary), is_there_(vocabulary.size(), 0) {}

  void add(std::string_view text) {
    vocabulary_.for_each_term(text, [&](std::uint32_t term) {
      if (std::exchange(is_there_[term], 1) == 0) terms_.push_back(term);
    });
  }
  // Ascending.
  std::vector<std::uint32_t> take() {
    std::ranges::sort(terms_);
    return std::move(terms_);
  }

 private:
  const Vocabulary& vocabulary_;
  std::vector<std::uint8_t> is_there_;  // [terms of the vocabulary]
  std::vector<std::uint32_t> terms_;
};

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

// (1 + ln tf) * idf at unit length of terms that `words` knows.
template <class Words>
SparseVector unit_weights(std::vector<std::uint32_t> found, const Words& words) {
  SparseVector made;
  for (const auto& [term, times] : counted(std::move(found), words.size())) {
    const double share = times == 1 ? 1.0 : 1 + std::log(static_cast<double>(times));
    made.terms.push_back(term);
    made.weights.push_back(static_cast<float>(share * words.idf(term)));
  }
  return unit(made);
}

}  // namespace

std::vector<std::uint32_t> terms_in(const Vocabulary& vocabulary, std::span<const std::string> texts) {
  std::vector<std::uint32_t> terms;
  for (const auto& text : texts) vocabulary.for_each_term(text, [&](std::uint32_t term) { terms.push_back(term); });
  sort_distinct(terms);
  return terms;
}

Json term_weights_json(const Vocabulary& vocabulary, std::span<const std::uint32_t> terms) {
  Json weights = Json::object();
  // Term indexes are in byte order, and keys keep the order of insertion. operator[] would search all keys each time.
  auto& members = weights.get_ref<Json::object_t&>();
  members.reserve(terms.size());
  for (const auto term : terms) members.emplace_back(std::string(vocabulary.term(term)), vocabulary.idf(term));
  return weights;
}

Json term_weights_json(const Vocabulary& vocabulary, std::span<const std::string> texts) {
  return term_weights_json(vocabulary, terms_in(vocabulary, texts));
}

Json term_weights_json(const Vocabulary& vocabulary, std::size_t count,
                       const std::function<std::string(std::size_t)>& text_of) {
  DistinctTerms terms(vocabulary);
  for (std::size_t i = 0; i < count; ++i) terms.add(text_of(i));
  return term_weights_json(vocabulary, terms.take());
}

SparseVector term_vector(const Vocabulary& vocabulary, std::string_view text) {
  std::vector<std::uint32_t> found;
  vocabulary.for_each_term(text, [&](std::uint32_t term) { found.push_back(term); });
  return unit_weights(std::move(found), vocabulary);
}

SparseVector term_vector(const Vocabulary& vocabulary, std::string_view text, std::span<const std::uint32_t> terms) {
  std::vector<std::uint32_t> found;
  vocabulary.for_each_term(text, [&](std::uint32_t term) {
    if (std::ranges::binary_search(terms, term)) found.push_back(term);
  });
  return unit_weights(std::move(found), vocabulary);
}

TermWeights::TermWeights(const Json& weights) {
  if (!weights.is_object()) return;
  const auto& members = weights.get_ref<const Json::object_t&>();
  terms_.reserve(members.size());
  idf_.reserve(members.size());
  for (const auto& [term, idf] : members) {
    if (idf.is_number() && terms_.intern(term) == idf_.size()) idf_.push_back(idf.get<double>());
  }
}

SparseVector TermWeights::vector(std::string_view text) const {
  std::vector<std::uint32_t> found;
  WordTokenizer::for_each_word(text, [&](std::string_view word) {
    if (const auto term = terms_.find(word)) found.push_back(*term);
  });
  return unit_weights(std::move(found), *this);
}

}  // namespace persona4rec
