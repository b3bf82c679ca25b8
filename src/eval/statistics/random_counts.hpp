// Random counts by a seeded generator; std:: distributions differ between platforms.
#pragma once

#include <cstdint>
#include <span>

#include "base/rng.hpp"

namespace persona4rec {

// How many of `trials` succeed, each with probability p in [0, 1]. Exact: by rejection (BTRS, Hoermann 1993) where
// 10 or more are expected, else from one success to the next.
[[nodiscard]] std::uint64_t draw_binomial(Rng& rng, std::uint64_t trials, double p);

// How many of `trials` fair coins show heads: one bit a coin.
[[nodiscard]] std::uint64_t toss_coins(Rng& rng, std::uint64_t trials);

// As many draws with replacement as there are users, shared out among outcomes with so many users each: a multinomial
// by conditional binomials. `drawn`: [outcomes], written.
void draw_multinomial(Rng& rng, std::span<const std::uint32_t> counts, std::span<std::uint32_t> drawn);

}  // namespace persona4rec
