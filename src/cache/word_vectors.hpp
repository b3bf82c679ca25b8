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
  // REQUIRES: `options` outlives this object.
  WordVectors(const CacheOptions& options, WordChannel channel) : options_(options), channel_(std::move(channel)) {}

  [[nodiscard]] const Vocabulary& vocabulary() const { return channel_.vocabulary(); }

  // Item vectors, from item-side reviews, or from the personas' texts where they [personas] are given.
  // Returns how many items have none.
  std::uint64_t make_items(const PersonaTable& personas, const SparseMatrix* words_of_persona);

  // terms.txt and items.*
  void write_items(const std::filesystem::path& folder) const;
  // <prefix>.*: one row each of `users`. Returns how many have no term. REQUIRES: make_items came before.
  [[nodiscard]] std::uint64_t write_users(const GroupedRows& liked, std::span<const std::uint32_t> users,
                                          const std::filesystem::path& folder, const std::string& prefix) const;

 private:
  [[nodiscard]] std::vector<SparseVector> user_vectors(const GroupedRows& liked,
                                                       std::span<const std::uint32_t> users) const;

  const CacheOptions& options_;
  WordChannel channel_;
};

}  // namespace persona4rec
