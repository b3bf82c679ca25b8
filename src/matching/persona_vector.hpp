// What a persona of an item is like (docs/method.md, 4.3 Persona vectors), item side only:
//
//   support  norm(mean x of its supporting reviews)
//   text     norm(vector of its text - mean over all persona texts)
//   readers  norm(mean profile of their writers), each writer's profile as in user_profile.hpp over the writer's liked
//            item-side interactions with other items
//   mix      norm(support + text + readers), those that exist
//
// Where the first or the third is missing, the text stands in. A user can be left out with every trace: its reviews,
// its profile, its part in the item means behind the other writers' profiles (the training's self-exclusion rule).
// Thread-safety: const use from any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "matching/grouped_rows.hpp"
#include "matching/item_side.hpp"
#include "persona4rec/matching_options.hpp"

namespace persona4rec {

struct PersonaEvidence {
  std::uint32_t item = 0;
  std::span<const std::uint32_t> support;  // item-side rows
  std::span<const float> text;             // its centred text vector; empty = none was made
};

// What the vector was made of in the end.
enum class PersonaSource : std::uint8_t { kNone, kSupport, kText, kReaders, kMix };

class PersonaVectorMaker {
 public:
  // `liked`: every user's liked item-side rows, newest first. REQUIRES: `items` and `liked` outlive this object.
  PersonaVectorMaker(const ItemSide& items, const GroupedRows& liked, const ProfileOptions& options)
      : items_(items), liked_(liked), options_(options) {}

  // Each writes `out` [dimensions] and says whether there is a vector; zeros where there is none.
  bool support(const PersonaEvidence& persona, std::optional<std::uint32_t> without, std::span<float> out) const;
  bool readers(const PersonaEvidence& persona, std::optional<std::uint32_t> without, std::span<float> out) const;

  // The vector of the kind asked for, the text where that is missing.
  PersonaSource make(PersonaVectors kind, const PersonaEvidence& persona, std::span<float> out) const;

 private:
  PersonaSource mix(const PersonaEvidence& persona, std::span<float> out) const;

  const ItemSide& items_;
  const GroupedRows& liked_;
  ProfileOptions options_;
};

}  // namespace persona4rec
