// The frozen vectors of one view of the item side: all that the split allows, or the same without a fold of held-out
// rows. Everything that is averaged over the item side (means, item vectors, support) is made again without them.
// Thread-safety: const use from any thread after construction.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "matching/item_side.hpp"
#include "matching/persona_vector.hpp"
#include "train/train_data.hpp"

namespace persona4rec {

class FrozenWorld {
 public:
  // `held_out` [rows]: 1 = not on this world's item side; empty = none. `vectors` [rows, d]: those of data.texts, to be
  // copied or, where nobody needs them as encoded any more, the original. REQUIRES: `data` outlives this object.
  FrozenWorld(const TrainData& data, ScratchFloats vectors, const ProfileOptions& profile,
              std::span<const std::uint8_t> held_out, std::size_t threads);
  FrozenWorld(const TrainData& data, std::span<const float> vectors, const ProfileOptions& profile,
              std::span<const std::uint8_t> held_out, std::size_t threads)
      : FrozenWorld(data, scratch_copy(vectors, data.scratch), profile, held_out, threads) {}
  FrozenWorld(const FrozenWorld&) = delete;
  FrozenWorld& operator=(const FrozenWorld&) = delete;

  [[nodiscard]] const TrainData& data() const { return data_; }
  [[nodiscard]] const ProfileOptions& profile() const { return profile_; }
  [[nodiscard]] std::size_t dimensions() const { return data_.dimensions; }
  [[nodiscard]] const ItemSide& items() const { return *items_; }
  [[nodiscard]] std::span<const std::uint8_t> item_side_of_row() const { return item_side_of_row_; }
  // Every user's liked item-side rows, newest first.
  [[nodiscard]] const GroupedRows& liked() const { return liked_; }
  [[nodiscard]] std::span<const float> interaction_mean() const { return interaction_mean_; }  // [d]
  [[nodiscard]] std::span<const float> persona_mean() const { return persona_mean_; }          // [d]

  // The persona's vector as `cache` makes it; false when it has none.
  bool persona(PersonaVectors kind, std::uint32_t persona, std::span<float> out) const;
  // ... without any trace of a user: its rows, its profile; the text of a persona that stands on the user's reviews is
  // itself a trace. False when nothing is left.
  bool persona_without(PersonaVectors kind, std::uint32_t persona, std::uint32_t user, std::span<float> out) const;
  // The row of data().persona_texts with the persona's text, or that as it reads without the user.
  [[nodiscard]] std::optional<std::uint32_t> text_without(std::uint32_t persona, std::uint32_t user) const;

 private:
  [[nodiscard]] PersonaEvidence evidence(std::uint32_t persona) const;
  [[nodiscard]] bool text_is_free_of(std::uint32_t persona, std::uint32_t user) const;
  bool text_without(std::uint32_t persona, std::uint32_t user, std::span<float> out) const;

  const TrainData& data_;
  ProfileOptions profile_;
  std::vector<std::uint8_t> item_side_of_row_;
  ScratchFloats x_;           // [rows, d] centred, unit
  std::vector<float> texts_;  // data.persona_texts, centred, unit; empty = none were encoded
  std::vector<float> interaction_mean_, persona_mean_;
  GroupedRows support_;  // [personas]
  GroupedRows liked_;    // [users]
  std::unique_ptr<ItemSide> items_;
  std::unique_ptr<PersonaVectorMaker> maker_;
};

}  // namespace persona4rec
