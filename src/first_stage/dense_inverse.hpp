// The inverse of a symmetric positive definite matrix of f64, in place: Cholesky factor L, its inverse, L^-T L^-1; each
// by halves, so that nearly all of the n^3 operations are matrix products (first_stage/dense_product.hpp).
#pragma once

#include <cstddef>

#include "first_stage/dense_product.hpp"

namespace persona4rec {

// `lower`: the lower triangle of the matrix, then that of its inverse; what stands above is not read and may hold
// anything afterwards. Returns false, with `lower` spoilt, where the matrix is not positive definite.
// REQUIRES: row_step == 1, as many rows as columns. Bytes do not depend on `threads` (0 = default_threads()).
[[nodiscard]] bool invert_positive_definite(const MatrixView& lower, std::size_t threads);

}  // namespace persona4rec
