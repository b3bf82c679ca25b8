// The numberings of what people did. A vector is named after what it maps: row_of_interaction[i], item_of_row[row].
//
//   interaction  place in the history file, from 0: every one of them (Interactions, Split)
//   row          place in cache/user_item: an interaction that some world may use, one a uid, ascending by interaction
//   doc          place in the order of encoding: the rows of the item side, then those of world valid, then of world
//   test uid          the published 64-bit name of an interaction, a type of its own: no place, and several may share
//   one
//
// Beside them user and item (places in Interactions::users() and items(), items that only personas know behind those)
// and persona (place in 3.5_persona_with_summary). Places are std::uint32_t.
#pragma once

#include <cstdint>

namespace persona4rec {

enum class Uid : std::uint64_t {};

// "This interaction has no row": no world may use it.
inline constexpr std::uint32_t kNoRow = UINT32_MAX;

}  // namespace persona4rec
