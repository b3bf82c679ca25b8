// What a kind of person also likes, by name. Counted names are traces of the users that were counted: for a training
// sample or a fold of one of them they are named again without that user. Thread-safety: re-entrant.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "persona4rec/records.hpp"

namespace persona4rec {

inline constexpr std::size_t kMaxAffinities = 10;        // counted names of a persona
inline constexpr std::uint64_t kAffinitySupporters = 2;  // a counted name stands for at least so many supporters

// "Shepherd Moons, Clannad, Celtic new age"; "" for none. What encoder text and word vectors see.
[[nodiscard]] std::string affinity_text(const std::vector<std::string>& affinities);

// The user to leave out: which items the user liked, and whether the counts hold the user.
struct LeftOut {
  std::function<bool(const ItemId&)> liked;
  bool counted = true;
};

// The names of `counts` with the greatest count / sqrt(liked_by), equal ones as they stand; at most kMaxAffinities of
// at least kAffinitySupporters.
[[nodiscard]] std::vector<std::string> counted_affinities(const std::vector<AffinityCount>& counts,
                                                          const std::optional<LeftOut>& without = std::nullopt);

// The persona as it would be if a user were in no count; `supports`: the user wrote one of the reviews behind it.
// Affinities that were not counted stay.
[[nodiscard]] Persona without_affinities_of(const Persona& persona, bool supports,
                                            const std::function<bool(const ItemId&)>& liked);

}  // namespace persona4rec
