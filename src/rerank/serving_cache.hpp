// A cache opened for reranking: tables in memory, vectors mapped. Checked as a whole: complete, of one build, of the
// sizes that its meta files say.
// Thread-safety: const use from any thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "io/cache/embedding_file.hpp"
#include "io/cache/id_table.hpp"
#include "lexical/term_table.hpp"
#include "matching/persona_score.hpp"
#include "matching/weights_json.hpp"
#include "persona4rec/ids.hpp"
#include "persona4rec/json.hpp"
#include "persona4rec/matching_options.hpp"
#include "persona4rec/split.hpp"
#include "rerank/mapped_sparse.hpp"
#include "rerank/persona_rows.hpp"

namespace persona4rec {

// What the cache knows of an item.
struct ItemEntry {
  PersonaRange personas;
  std::uint32_t words_row = 0;
};

// A dense channel: vectors of users and personas in one space.
struct DenseChannel {
  MappedHalfMatrix users;  // [users, d]
  PersonaRows personas;    // [personas, d]
};

class ServingCache {
 public:
  // Throws Error kInput with the command to rerun: missing, cut short, folders of different builds, sizes or tables
  // that do not fit.
  ServingCache(const std::filesystem::path& folder, World world);

  // Of the personas' vectors that these weights ask for. Throws as PersonaRows::store; before anybody else asks.
  void store_vectors(VectorStorage storage, const FusionWeights& weights);

  [[nodiscard]] const std::filesystem::path& folder() const { return folder_; }
  [[nodiscard]] World world() const { return world_; }
  [[nodiscard]] const Json& meta() const { return meta_; }           // cache.meta.json
  [[nodiscard]] const std::string& build() const { return build_; }  // id of the build
  [[nodiscard]] bool has_head() const { return has_head_; }
  [[nodiscard]] const std::optional<HeadWeights>& head_weights() const { return head_weights_; }
  // The share of the best persona that the head was trained for; nothing where its contract is unknown.
  [[nodiscard]] std::optional<double> head_alpha() const { return head_alpha_; }
  [[nodiscard]] std::size_t dimensions() const { return dimensions_; }
  [[nodiscard]] std::size_t terms() const { return terms_; }

  [[nodiscard]] const ItemEntry* find_item(std::string_view item) const;
  [[nodiscard]] const ItemEntry* find_item(const ItemId& item) const { return find_item(item.text()); }
  // Begins to load where an item stands, for find_item() soon after.
  void fetch_item(std::string_view item) const { item_ids_.fetch(item); }
  // Row of the world's profiles and word vectors.
  [[nodiscard]] std::optional<std::uint32_t> find_user(std::string_view user) const;
  [[nodiscard]] std::optional<std::uint32_t> find_user(const UserId& user) const { return find_user(user.text()); }

  [[nodiscard]] std::size_t users() const { return users_.rows(); }

  [[nodiscard]] const PersonaId& persona_id(std::size_t persona) const { return persona_ids_[persona]; }
  [[nodiscard]] const std::string& persona_name(std::size_t persona) const { return persona_names_[persona]; }

  [[nodiscard]] const DenseChannel& frozen() const { return frozen_; }
  [[nodiscard]] const DenseChannel& head() const { return head_; }  // REQUIRES: has_head()
  [[nodiscard]] const MappedSparseMatrix& item_words() const { return item_words_; }
  // Older caches have none, and one item side for both worlds.
  [[nodiscard]] bool has_persona_words() const { return !of_one_item_side_; }
  [[nodiscard]] const MappedSparseMatrix& item_persona_words() const { return item_persona_words_; }
  // The world whose item side's files serve.
  [[nodiscard]] World item_world() const { return of_one_item_side_ ? World::kTest : world_; }
  [[nodiscard]] const MappedSparseMatrix& user_words() const { return user_words_; }

 private:
  void read_metas();
  void read_items(std::size_t rows);
  void read_personas(std::size_t rows);
  void read_users(std::size_t rows);
  [[nodiscard]] std::vector<std::string> read_user_ids(std::size_t rows) const;
  [[nodiscard]] Json folder_meta(const std::filesystem::path& folder) const;

  std::filesystem::path folder_;
  World world_;
  Json meta_;
  std::string build_;
  bool has_head_ = false;
  bool of_one_item_side_ = false;
  std::optional<HeadWeights> head_weights_;
  std::optional<double> head_alpha_;
  std::size_t dimensions_ = 0;
  std::size_t terms_ = 0;
  TermTable item_ids_;            // their numbers are the rows of word vectors
  std::vector<ItemEntry> items_;  // by number
  IdTable users_;
  std::vector<PersonaId> persona_ids_;
  std::vector<std::string> persona_names_;
  DenseChannel frozen_;
  DenseChannel head_;
  MappedSparseMatrix item_words_;
  MappedSparseMatrix item_persona_words_;
  MappedSparseMatrix user_words_;
};

}  // namespace persona4rec
