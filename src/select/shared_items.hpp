// The personas of the items that targets ask about, read once for the targets that come near each other.
#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "lexical/sparse.hpp"
#include "select/persona_store.hpp"

namespace persona4rec {

// An item's personas as its targets share them. Thread-safety: const use from any thread.
struct SharedItem {
  std::vector<Persona> personas;  // ids and names
  std::vector<std::string> rows;  // the JSON that each stands in
  // For a client that reads prompts:
  std::vector<Json> facts;  // of each, as a prompt shows it: {id, name, description, rationale}
  std::string summary;      // of the item, as a prompt shows it
  // For one that does not:
  std::vector<SparseVector> vectors;  // of each, of what a prompt would show, by the store's vocabulary

  // The vocabulary's terms in the whole texts, ascending: made when they are first asked for, which few histories do.
  // REQUIRES: the vocabulary is that of the vectors.
  [[nodiscard]] const std::vector<std::uint32_t>& terms(const Vocabulary& vocabulary) const;

  [[nodiscard]] std::size_t bytes() const;  // about, with the terms

 private:
  mutable std::once_flag once_;
  mutable std::vector<std::uint32_t> terms_;
};

// Remembers those that were asked for last, up to `most_bytes` of them; what is still held elsewhere comes on top.
// Thread-safety: any.
class SharedItems {
 public:
  static constexpr std::size_t kMostBytes = std::size_t{64} << 20U;

  // `rendered`: the client reads prompts. REQUIRES: `store` outlives the object.
  SharedItems(const PersonaStore& store, bool rendered, std::size_t most_bytes = kMostBytes)
      : store_(store), rendered_(rendered), most_bytes_(most_bytes) {}

  // One without personas where the item has no row.
  [[nodiscard]] std::shared_ptr<const SharedItem> find(const ItemId& item);

  [[nodiscard]] std::size_t bytes() const { return bytes_; }  // remembered

 private:
  struct Remembered {
    ItemId id;
    std::shared_ptr<const SharedItem> item;
  };
  [[nodiscard]] std::shared_ptr<const SharedItem> load(const ItemId& item) const;
  [[nodiscard]] std::shared_ptr<const SharedItem> remembered(const ItemId& item);
  void remember(const ItemId& id, const std::shared_ptr<const SharedItem>& item);

  const PersonaStore& store_;
  bool rendered_;
  std::size_t most_bytes_;
  std::mutex mutex_;  // guards what follows
  std::list<Remembered> newest_first_;
  std::unordered_map<ItemId, std::list<Remembered>::iterator> by_id_;
  std::size_t bytes_ = 0;
};

}  // namespace persona4rec
