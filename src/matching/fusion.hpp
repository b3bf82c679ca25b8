// How the channels of a list become one order (docs/method.md, 5.3 Fusion):
//
//   Final = sum over channels of weight * z(value)
//   z over the list's candidates that have a value, with the population standard deviation (0 where it is 0)
//   a candidate without a value has z = 0 there; ties keep candidate order; fixed positions ("[PAD]") stay
//
// Thread-safety: re-entrant.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

namespace persona4rec {

// "No value" in a channel.
inline constexpr double kNoValue = std::numeric_limits<double>::quiet_NaN();

// A standard deviation below this share of the largest |value| is rounding, not difference: it counts as 0.
inline constexpr double kFlatChannel = 1e-12;

// Writes z of every value; 0 for kNoValue. REQUIRES: equal sizes, values finite or kNoValue (up to the largest double).
void standardize(std::span<const double> values, std::span<double> z);

// Adds weight * z to `scores`. A weight of 0 adds nothing.
void add_channel(std::span<const double> z, double weight, std::span<double> scores);

// What a candidate list without scores is worth: -log(rank), rank 1-based.
[[nodiscard]] double rank_score(std::size_t rank);

// Position -> candidate: by score, highest first, ties by candidate order; candidates whose byte in `fixed` is not 0
// keep their position. REQUIRES: equal sizes, no NaN among the others' scores.
[[nodiscard]] std::vector<std::uint32_t> order_by_score(std::span<const double> scores,
                                                        std::span<const std::uint8_t> fixed);

}  // namespace persona4rec
