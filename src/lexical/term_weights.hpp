// IDF that travels with a few texts (the facts of a chat request): the weights of their terms as JSON, and the texts'
// vectors made from those alone, equal to those of the vocabulary that the weights came from.
// Thread-safety: const use from any thread.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lexical/sparse.hpp"
#include "lexical/term_table.hpp"
#include "lexical/vocabulary.hpp"
#include "persona4rec/json.hpp"

namespace persona4rec {

// The vocabulary's terms in texts, each once, ascending.
[[nodiscard]] std::vector<std::uint32_t> terms_in(const Vocabulary& vocabulary, std::span<const std::string> texts);

// {"term": idf, ...} of terms of the vocabulary. REQUIRES: strictly increasing.
[[nodiscard]] Json term_weights_json(const Vocabulary& vocabulary, std::span<const std::uint32_t> terms);
// The same of the vocabulary's terms in the texts.
[[nodiscard]] Json term_weights_json(const Vocabulary& vocabulary, std::span<const std::string> texts);
// ... in `count` texts of which none is kept.
[[nodiscard]] Json term_weights_json(const Vocabulary& vocabulary, std::size_t count,
                                     const std::function<std::string(std::size_t)>& text_of);

// The vector of a text by all terms of the vocabulary, bit for bit the one that TermWeights of some of them makes where
// the text holds no others.
[[nodiscard]] SparseVector term_vector(const Vocabulary& vocabulary, std::string_view text);
// ... by those of `terms` alone. REQUIRES: strictly increasing.
[[nodiscard]] SparseVector term_vector(const Vocabulary& vocabulary, std::string_view text,
                                       std::span<const std::uint32_t> terms);

class TermWeights {
 public:
  // From term_weights_json(); anything but an object of numbers makes an empty set of terms.
  explicit TermWeights(const Json& weights);

  [[nodiscard]] std::size_t size() const { return idf_.size(); }
  [[nodiscard]] std::string_view term(std::uint32_t index) const { return terms_.term(index); }
  [[nodiscard]] double idf(std::uint32_t index) const { return idf_[index]; }
  [[nodiscard]] std::optional<std::uint32_t> find(std::string_view term) const { return terms_.find(term); }

  // (1 + ln tf) * idf at unit length; empty when the text holds none of the terms.
  [[nodiscard]] SparseVector vector(std::string_view text) const;

 private:
  TermTable terms_;
  std::vector<double> idf_;
};

}  // namespace persona4rec
