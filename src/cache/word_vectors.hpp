// The word channel's files: term vectors of items, and of each world's users (profiles/word_channel.hpp makes them).
// Thread-safety: one object, one thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "lexical/sparse.hpp"
#include "lexical/vocabulary.hpp"
#include "matching/grouped_rows.hpp"
#include "persona4rec/cache.hpp"
#include "profiles/persona_table.hpp"
#include "profiles/word_channel.hpp"

namespace persona4rec {

class WordVectors {
 public:
  // Of one world. REQUIRES: `options` outlives this object.
  WordVectors(const CacheOptions& options, WordChannel channel, World world)
      : options_(options), channel_(std::move(channel)), world_(world) {}

  [[nodiscard]] const Vocabulary& vocabulary() const { return channel_.vocabulary(); }

  // Item vectors, from item-side reviews, or from the personas' texts where they [personas] are given.
  // Returns how many items have none.
  std::uint64_t make_items(const PersonaTable& personas, const SparseMatrix* words_of_persona);

  // Returns how many items have no word of a persona.
  std::uint64_t make_persona_items(const PersonaWordTexts& texts, std::size_t items);

  // The world's terms.txt, items.* and persona_words.*
  void write_items(const std::filesystem::path& folder) const;
  // users.<world>.*: one row each of `users`. Returns how many have no term. REQUIRES: make_items came before.
  [[nodiscard]] std::uint64_t write_users(const GroupedRows& liked, std::span<const std::uint32_t> users,
                                          const std::filesystem::path& folder) const;

 private:
  [[nodiscard]] std::vector<SparseVector> user_vectors(const GroupedRows& liked,
                                                       std::span<const std::uint32_t> users) const;

  const CacheOptions& options_;
  WordChannel channel_;
  World world_;
};

}  // namespace persona4rec
