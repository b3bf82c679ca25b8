// The word channel over an item side: the vocabulary fitted on its texts, term vectors of items and of users. What
// `cache` stores and what the fold fits of `train` score with. Formulas: src/matching/word_profile.hpp.
// Thread-safety: const use from any thread; a SparseSum belongs to one.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "lexical/sparse.hpp"
#include "lexical/vocabulary.hpp"
#include "persona4rec/matching_options.hpp"
#include "persona4rec/words.hpp"
#include "profiles/interaction_rows.hpp"
#include "profiles/interaction_texts.hpp"
#include "profiles/persona_table.hpp"
#include "profiles/persona_words.hpp"

namespace persona4rec {

class WordChannel {
 public:
  // Fitted on the texts of rows whose byte in `item_side_of_row` [rows] is not 0. REQUIRES: `texts` outlives the
  // object.
  WordChannel(const InteractionRows& rows, const InteractionTexts& texts,
              std::span<const std::uint8_t> item_side_of_row, const WordOptions& options);

  [[nodiscard]] const Vocabulary& vocabulary() const { return words_of_doc_.vocabulary(); }

  // Makes the item vectors, once: from the item side's texts, or from those of the personas [personas].
  void make_items(std::size_t items);
  void make_items(const PersonaTable& personas, const SparseMatrix& words_of_persona);

  // The vectors of the items' persona texts, once; where it is not called there are none.
  void make_persona_items(const PersonaWordTexts& texts, std::size_t items);

  // REQUIRES: make_items came before.
  [[nodiscard]] const SparseMatrix& words_of_item() const { return words_of_item_; }
  // REQUIRES: make_persona_items came before.
  [[nodiscard]] const SparseMatrix& persona_words_of_item() const { return persona_words_of_item_; }
  // Of a user who liked these rows, newest first. `sum` as wide as the vocabulary.
  [[nodiscard]] SparseVector user(std::span<const std::uint32_t> liked, const ProfileOptions& options,
                                  SparseSum& sum) const;

  [[nodiscard]] std::span<const std::uint8_t> held_out_of_doc() const { return held_out_of_doc_; }
  [[nodiscard]] std::span<const std::uint32_t> item_of_doc() const { return item_of_doc_; }

 private:
  template <class Rows>
  [[nodiscard]] SparseMatrix item_rows(const Rows& words,
                                       const std::vector<std::vector<std::uint32_t>>& texts_of_item) const;

  std::vector<std::uint32_t> doc_of_row_;
  std::vector<std::uint32_t> item_of_doc_;
  std::vector<std::uint8_t> held_out_of_doc_;  // 1 = not on the item side, or without text
  CorpusVectors words_of_doc_;
  SparseMatrix words_of_item_;
  SparseMatrix persona_words_of_item_;
};

}  // namespace persona4rec
