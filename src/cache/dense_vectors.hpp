// The dense channel: centred interaction vectors, persona vectors and user profiles, written as fp16 matrices.
// Formulas: src/matching. Each world has an item side of its own: that of world test sees the histories of world test
// too, and its support the reviews there, each with the persona of its item that is nearest to it.
// Thread-safety: one object, one thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "io/mapped_file.hpp"
#include "matching/item_side.hpp"
#include "matching/persona_vector.hpp"
#include "persona4rec/cache.hpp"
#include "profiles/interaction_rows.hpp"
#include "profiles/persona_table.hpp"

namespace persona4rec {

// What is subtracted before norm, [d] each; zeros where nothing is.
struct Means {
  std::vector<float> interactions;
  std::vector<float> personas;  // empty until persona texts were encoded (or from the head)
};

class DenseVectors {
 public:
  // Centres `vectors` in place of a copy. `head` may be null. REQUIRES: everything but `vectors` outlives this object.
  DenseVectors(const CacheOptions& options, const InteractionRows& rows, ScratchFloats vectors, std::size_t items,
               const EncoderHead* head);
  DenseVectors(const DenseVectors&) = delete;
  DenseVectors& operator=(const DenseVectors&) = delete;

  [[nodiscard]] std::size_t dimensions() const { return dimensions_; }
  [[nodiscard]] const Means& means() const { return means_; }

  // interaction_embeds.fp16.mmap [rows, d]: x.
  void write_interactions(const std::filesystem::path& folder) const;

  // Personas whose text's vector is needed: all of a kind made of texts; else those whose evidence gives none and,
  // where there are such, those that the mean of the texts is taken over (docs/method.md, 3.4 Centring).
  [[nodiscard]] std::vector<std::uint8_t> need_text(const PersonaTable& personas);
  // `texts`: [personas, d] as encoded, rows that were not encoded zero; empty = none was needed. REQUIRES: need_text
  // came before.
  void take_persona_texts(ScratchFloats texts);
  // The world's persona_embeds.fp16.mmap [personas, d] and, with a head, persona_head.fp16.mmap.
  // REQUIRES: take_persona_texts came before.
  void write_personas(const PersonaTable& personas, World world, const std::filesystem::path& folder,
                      CacheReport& report) const;

  // frozen.fp16.mmap and, with a head, head.fp16.mmap [users, d] of the users who liked something in the world.
  // Returns how many of them have no vector all the same.
  [[nodiscard]] std::uint64_t write_profiles(const GroupedRows& liked, std::span<const std::uint32_t> users,
                                             World world, const std::filesystem::path& folder) const;

 private:
  // What a world knows of items.
  struct Side {
    Side(const DenseVectors& vectors, World world, std::size_t items);
    std::vector<std::uint8_t> on;  // [rows]
    ItemSide items;
    GroupedRows liked;
    PersonaVectorMaker maker;
  };
  [[nodiscard]] const Side& side(World world) const { return world == World::kValid ? *valid_ : *test_; }
  [[nodiscard]] PersonaEvidence evidence(const PersonaTable& personas, std::uint32_t persona,
                                         std::span<const std::uint32_t> support) const;
  // The world's rows of each persona. `added`: how many of them its text does not name.
  [[nodiscard]] GroupedRows support_of(const PersonaTable& personas, World world, std::uint64_t& added) const;
  // Adds each of the item's rows to those of its nearest persona; to none where it has no persona with a vector.
  void give_to_nearest(const PersonaTable& personas, std::uint32_t item, std::span<const std::uint32_t> rows,
                       std::vector<std::vector<std::uint32_t>>& rows_of_persona) const;

  // Calls make(i, out) for i in [0, count) on several threads and writes the vectors in order, also through `map`.
  template <class Make>
  void write_vectors(std::size_t count, const std::filesystem::path& frozen, const std::filesystem::path& mapped,
                     const std::vector<float>* map, const Make& make) const;

  const CacheOptions& options_;
  const InteractionRows& rows_;
  const EncoderHead* head_;
  std::size_t dimensions_;
  Means means_;
  ScratchFloats x_;                           // [rows, d] centred
  ScratchFloats texts_;                       // [personas, d] centred; empty = none was needed
  std::vector<std::uint8_t> centring_texts_;  // [personas] 1 = takes part in the mean
  std::unique_ptr<const Side> valid_;         // made once the vectors are centred
  std::unique_ptr<const Side> test_;
};

}  // namespace persona4rec
