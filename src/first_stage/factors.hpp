// Vectors of users or items, a row each, as ials, bpr and lightgcn learn them. Thread-safety: values.
#pragma once

#include <Eigen/Core>
#include <cstddef>
#include <span>

#include "base/rng.hpp"

namespace persona4rec {

inline Eigen::Index eigen_index(std::size_t i) {
  return static_cast<Eigen::Index>(i);
}

using FactorRows = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;  // [rows, factors]

// Rows and positions that a task takes at once; fixed, so that the number of threads cannot change a bit.
inline constexpr std::size_t kFactorRowsPerTask = 64;

// Uniform numbers around 0 with this standard deviation, row by row: the same on every platform, as no normal
// distribution is.
[[nodiscard]] FactorRows random_factors(std::size_t rows, std::size_t factors, double deviation, Rng& rng);

// scores[j] = <items row j, vector>. REQUIRES: scores.size() == items.rows().
void score_rows(const FactorRows& items, const Eigen::VectorXf& vector, std::span<double> scores);

}  // namespace persona4rec
