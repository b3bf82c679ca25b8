#include "lexical/term_weights.hpp"

#include <algorithm>
#include <cmath>
#include <map>

namespace persona4rec {

Json term_weights_json(const Vocabulary& vocabulary, std::span<const std::string> texts) {
  std::vector<std::uint32_t> present;
  for (const auto& text : texts) {
    vocabulary.tokenizer().for_each(text, [&](std::string_view token) {
      if (const auto term = vocabulary.find(token)) present.push_back(*term);
    });
  }
  std::sort(present.begin(), present.end());
  present.erase(std::unique(present.begin(), present.end()), present.end());
  Json weights = Json::object();
  // Term indexes are in byte order, and keys keep the order of insertion. operator[] would search all keys each time.
  auto& members = weights.get_ref<Json::object_t&>();
  members.reserve(present.size());
  for (const auto term : present) {
    members.emplace_back(std::string(vocabulary.term(term)), vocabulary.idf(term));
  }
  return weights;
}

TermWeights::TermWeights(const Json& weights) {
  if (!weights.is_object()) return;
  for (const auto& [term, idf] : weights.items()) {
    if (!idf.is_number() || terms_.find(term)) continue;
    terms_.intern(term);
    idf_.push_back(idf.get<double>());
  }
}

SparseVector TermWeights::vector(std::string_view text) const {
  std::map<std::uint32_t, double> counts;
  tokenizer_.for_each(text, [&](std::string_view token) {
    if (const auto term = terms_.find(token)) counts[*term] += 1;
  });
  SparseVector made;
  for (const auto& [term, count] : counts) {
    made.terms.push_back(term);
    made.weights.push_back(static_cast<float>((1 + std::log(count)) * idf_[term]));
  }
  return unit(made);
}

}  // namespace persona4rec
