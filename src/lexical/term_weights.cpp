#include "lexical/term_weights.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace persona4rec {

Json term_weights_json(const Vocabulary& vocabulary, std::span<const std::string> texts) {
  return term_weights_json(vocabulary, texts.size(), [&](std::size_t i) { return texts[i]; });
}

Json term_weights_json(const Vocabulary& vocabulary, std::size_t count,
                       const std::function<std::string(std::size_t)>& text_of) {
  std::vector<std::uint8_t> is_present(vocabulary.size(), 0);
  std::vector<std::uint32_t> present;
  for (std::size_t i = 0; i < count; ++i) {
    vocabulary.tokenizer().for_each(text_of(i), [&](std::string_view token) {
      const auto term = vocabulary.find(token);
      if (term && std::exchange(is_present[*term], 1) == 0) present.push_back(*term);
    });
  }
  std::sort(present.begin(), present.end());
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
  std::vector<std::uint32_t> found;
  tokenizer_.for_each(text, [&](std::string_view token) {
    if (const auto term = terms_.find(token)) found.push_back(*term);
  });
  std::ranges::sort(found);
  SparseVector made;
  for (auto first = found.begin(); first != found.end();) {
    const auto behind = std::find_if(first, found.end(), [&](auto term) { return term != *first; });
    made.terms.push_back(*first);
    made.weights.push_back(static_cast<float>((1 + std::log(static_cast<double>(behind - first))) * idf_[*first]));
    first = behind;
  }
  return unit(made);
}

}  // namespace persona4rec
