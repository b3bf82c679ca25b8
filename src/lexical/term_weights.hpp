// IDF that travels with a few texts (the facts of a chat request): the weights of their terms as JSON, and the texts'
// vectors made from those alone, equal to those of the vocabulary that the weights came from.
// Thread-safety: const use from any thread.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lexical/sparse.hpp"
#include "lexical/term_table.hpp"
#include "lexical/vocabulary.hpp"
#include "lexical/word_tokenizer.hpp"
#include "persona4rec/json.hpp"

namespace persona4rec {

// {"term": idf, ...} for the vocabulary's terms in the texts, in the byte order of the terms.
[[nodiscard]] Json term_weights_json(const Vocabulary& vocabulary, std::span<const std::string> texts);
// The same of `count` texts of which none is kept.
[[nodiscard]] Json term_weights_json(const Vocabulary& vocabulary, std::size_t count,
                                     const std::function<std::string(std::size_t)>& text_of);

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
  WordTokenizer tokenizer_;  // no stop words: they have no weight
  TermTable terms_;
  std::vector<double> idf_;
};

}  // namespace persona4rec
