// The word channel: term vectors of items, and of each world's users. Formulas: src/matching/word_profile.hpp.
// Thread-safety: one object, one thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string_view>
#include <vector>

#include "lexical/sparse.hpp"
#include "lexical/vocabulary.hpp"
#include "persona4rec/cache.hpp"
#include "profiles/interaction_rows.hpp"
#include "profiles/interaction_texts.hpp"
#include "profiles/persona_table.hpp"

namespace persona4rec {

class WordVectors {
 public:
  // Fits the vocabulary on the item side. REQUIRES: `options` and `rows` outlive this object.
  WordVectors(const CacheOptions& options, const InteractionRows& rows, InteractionTexts&& texts);

  [[nodiscard]] const Vocabulary& vocabulary() const { return vocabulary_; }
  [[nodiscard]] SparseVector vector(std::string_view text) const { return vocabulary_.vector(text); }

  // Item vectors, from item-side reviews, or from the personas' texts where `persona_texts` [personas] are given.
  // Returns how many items have none.
  std::uint64_t make_items(const PersonaTable& personas, const SparseMatrix* persona_texts);

  // terms.txt and items.*
  void write_items(const std::filesystem::path& folder) const;
  // <prefix>.*: one row each of `users`. Returns how many have no term. REQUIRES: make_items came before.
  [[nodiscard]] std::uint64_t write_users(const GroupedRows& liked, std::span<const std::uint32_t> users,
                                          const std::filesystem::path& folder, const std::string& prefix) const;

 private:
  [[nodiscard]] std::vector<SparseVector> user_vectors(const GroupedRows& liked,
                                                       std::span<const std::uint32_t> users) const;

  const CacheOptions& options_;
  const InteractionRows& rows_;
  std::vector<std::uint32_t> doc_of_row_;   // [rows]
  std::vector<std::uint32_t> item_of_doc_;  // [rows]
  Vocabulary vocabulary_;
  SparseMatrix interactions_;  // [documents]
  SparseMatrix items_;         // [items]
};

}  // namespace persona4rec
