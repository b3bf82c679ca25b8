// Spherical k-means over sparse unit vectors, deterministic (docs/method.md, 10.1 Grouping reviews).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "lexical/sparse.hpp"

namespace persona4rec {

// The cluster of each point, below k, every cluster with at least one point. The best of several starts (k-means++ with
// a fixed seed) by the sum of cosines to the cluster's mean direction. Vectors may be empty: they are near to nothing.
// REQUIRES: 1 <= k <= points.size(), every term < terms. Thread-safety: re-entrant.
[[nodiscard]] std::vector<std::uint32_t> cluster_points(std::span<const SparseVector> points, std::size_t k,
                                                        std::size_t terms);

}  // namespace persona4rec
