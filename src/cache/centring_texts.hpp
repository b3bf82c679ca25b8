// Which persona texts are encoded for the mean that centres those that stand in (docs/method.md, 3.4 Centring).
// Thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "persona4rec/ids.hpp"

namespace persona4rec {

// [personas] 1 = drawn: 16 for each of `standing_in` personas that have no vector but their text's, at least 64, at
// most 256, all where there are no more. Those whose ids hash least: which they are hardly changes when other personas
// come and go, so that their vectors are in the store next time.
[[nodiscard]] std::vector<std::uint8_t> draw_centring_texts(std::span<const PersonaId> ids, std::size_t standing_in);

}  // namespace persona4rec
