// Texts as unit vectors of a vocabulary's terms, or of a few of those under numbers of their own.
// Thread-safety: const use from any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lexical/sparse.hpp"
#include "lexical/term_table.hpp"
#include "lexical/vocabulary.hpp"

namespace persona4rec {

// The vocabulary's terms in texts, each once, ascending.
[[nodiscard]] std::vector<std::uint32_t> terms_in(const Vocabulary& vocabulary, std::span<const std::string> texts);

// (1 + ln tf) * idf at unit length; empty when the text holds none of the terms.
[[nodiscard]] SparseVector term_vector(const Vocabulary& vocabulary, std::string_view text);
// ... of those of `terms` alone. REQUIRES: strictly increasing.
[[nodiscard]] SparseVector term_vector(const Vocabulary& vocabulary, std::string_view text,
                                       std::span<const std::uint32_t> terms);

// Some terms of a vocabulary, numbered from 0 in their order: what is laid out by term stays small.
class TermWeights {
 public:
  // REQUIRES: strictly increasing.
  TermWeights(const Vocabulary& vocabulary, std::span<const std::uint32_t> terms);

  [[nodiscard]] std::size_t size() const { return idf_.size(); }
  [[nodiscard]] std::string_view term(std::uint32_t index) const { return terms_.term(index); }
  [[nodiscard]] double idf(std::uint32_t index) const { return idf_[index]; }
  [[nodiscard]] std::optional<std::uint32_t> find(std::string_view term) const { return terms_.find(term); }

  // As term_vector() has it, bit for bit where the text holds no other term of the vocabulary.
  [[nodiscard]] SparseVector vector(std::string_view text) const;

 private:
  TermTable terms_;
  std::vector<double> idf_;
};

}  // namespace persona4rec
