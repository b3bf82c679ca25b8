// Two files' values over the same users, users with equal values taken together.
//
// Users whose values in both files are equal to another's are one outcome with a count, so what resamples or tests
// costs work in the number of distinct outcomes: exact, and quick with a million users (one true item at 20 ranks has
// at most 441 outcomes).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace persona4rec {

struct PairedOutcomes {
  std::size_t metrics = 0;
  std::vector<std::uint32_t> of_user;  // [users]
  std::vector<std::uint32_t> counts;   // [outcomes] users who have it
  std::vector<double> first;           // [outcomes, metrics]
  std::vector<double> difference;      // [outcomes, metrics] other - first

  [[nodiscard]] std::size_t users() const { return of_user.size(); }
  [[nodiscard]] std::size_t size() const { return counts.size(); }
};

// `first` and `other`: [users, metrics] f64 row-major, the same users in the same order. Outcomes stand in the order of
// their first users.
[[nodiscard]] PairedOutcomes distinct_outcomes(std::span<const double> first, std::span<const double> other,
                                               std::size_t metrics);

}  // namespace persona4rec
