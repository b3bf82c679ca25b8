// What a user is like, from what the user liked (docs/method.md, 4.2 User profiles):
//
//   over the newest k_recent liked interactions, j = 0 the newest,
//     e_j = norm(x_j + norm(mean of the OTHER users' item-side x of that item))   kBoth
//         = x_j                                                                   kOwn
//         = norm(mean of the OTHER users' item-side x of that item)               kItems
//   (one side alone where the other is missing; an interaction with neither is passed over)
//     u = norm(sum_j gamma^j e_j / sum_j gamma^j)
//   Nothing liked = no profile.
//
// The division by sum_j gamma^j goes into norm. Thread-safety: const use from any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "matching/item_side.hpp"
#include "matching/vectors.hpp"
#include "persona4rec/matching_options.hpp"

namespace persona4rec {

// Writes u to `out` [dimensions]; zeros and false when there is no profile.
//   liked    rows of liked interactions of one user, newest first; may be longer than k_recent
//   without  users whose traces are left out of the other users' means: the user itself, in training also the user who
//            is to be matched (at most a handful)
bool user_profile(const ItemSide& items, std::span<const std::uint32_t> liked, std::span<const std::uint32_t> without,
                  const ProfileOptions& options, std::span<float> out);

}  // namespace persona4rec
