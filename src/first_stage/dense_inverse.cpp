#include "first_stage/dense_inverse.hpp"

#include <cmath>
#include <vector>

namespace persona4rec {
namespace {

constexpr std::size_t kLeaf = 96;  // rows of a triangle that is not halved further

// A matrix of its own, column by column.
class Scratch {
 public:
  Scratch(std::size_t rows, std::size_t columns) : values_(rows * columns, 0.0), rows_(rows), columns_(columns) {}

  [[nodiscard]] MatrixView view() { return {values_.data(), rows_, columns_, 1, rows_}; }

 private:
  std::vector<double> values_;
  std::size_t rows_;
  std::size_t columns_;
};

// Of a triangle: the corners and what lies below the first.
struct Halves {
  MatrixView first, below, second;

  explicit Halves(const MatrixView& triangle) {
    const std::size_t n = triangle.rows;
    const std::size_t half = (n / kLeaf + 1) / 2 * kLeaf;
    first = triangle.block(0, 0, half, half);
    below = triangle.block(half, 0, n - half, half);
    second = triangle.block(half, half, n - half, n - half);
  }
};

MatrixView left(const MatrixView& x, const MatrixView& like) {
  return x.block(0, 0, x.rows, like.rows);
}
MatrixView right(const MatrixView& x, const MatrixView& like) {
  return x.block(0, x.columns - like.rows, x.rows, like.rows);
}
MatrixView top(const MatrixView& x, const MatrixView& like) {
  return x.block(0, 0, like.rows, x.columns);
}
MatrixView bottom(const MatrixView& x, const MatrixView& like) {
  return x.block(x.rows - like.rows, 0, like.rows, x.columns);
}

// Moves the values out of `x`, which is zero afterwards.
Scratch taken(const MatrixView& x) {
  Scratch out(x.rows, x.columns);
  for (std::size_t j = 0; j < x.columns; ++j) {
    for (std::size_t i = 0; i < x.rows; ++i) std::swap(out.view().at(i, j), x.at(i, j));
  }
  return out;
}

// A leaf's triangle, zero above.
Scratch triangle_of(const MatrixView& lower) {
  Scratch out(lower.rows, lower.rows);
  for (std::size_t j = 0; j < lower.rows; ++j) {
    for (std::size_t i = j; i < lower.rows; ++i) out.view().at(i, j) = lower.at(i, j);
  }
  return out;
}

bool factor_leaf(const MatrixView& lower) {
  for (std::size_t j = 0; j < lower.rows; ++j) {
    const double pivot = lower.at(j, j);
    if (!(pivot > 0) || !std::isfinite(pivot)) return false;
    const double root = std::sqrt(pivot);
    lower.at(j, j) = root;
    for (std::size_t i = j + 1; i < lower.rows; ++i) lower.at(i, j) /= root;
    for (std::size_t k = j + 1; k < lower.rows; ++k) {
      const double factor = lower.at(k, j);
      for (std::size_t i = k; i < lower.rows; ++i) lower.at(i, k) -= factor * lower.at(i, j);
    }
  }
  return true;
}

// A triangle's inverse, column by column, zero above.
Scratch inverse_of_leaf(const MatrixView& lower) {
  Scratch out(lower.rows, lower.rows);
  const MatrixView inverse = out.view();
  for (std::size_t j = 0; j < lower.rows; ++j) {
    inverse.at(j, j) = 1;
    for (std::size_t k = j; k < lower.rows; ++k) {
      const double value = inverse.at(k, j) /= lower.at(k, k);
      for (std::size_t i = k + 1; i < lower.rows; ++i) inverse.at(i, j) -= value * lower.at(i, k);
    }
  }
  return out;
}

class Inversion {
 public:
  explicit Inversion(std::size_t threads) : threads_(threads) {}

  // A -> L with L L' = A
  [[nodiscard]] bool factor(const MatrixView& a) const {
    if (a.rows <= kLeaf) return factor_leaf(a);
    const Halves half(a);
    if (!factor(half.first)) return false;
    divide_by_transpose(half.below, half.first);
    add_product(half.below, half.below.transposed(), half.second, ProductSign::kSubtract, ProductPart::kLower,
                threads_);
    return factor(half.second);
  }

  // L -> L^-1
  void invert(const MatrixView& l) const {
    if (l.rows <= kLeaf) return put(inverse_of_leaf(l), l);
    const Halves half(l);
    invert(half.first);
    invert(half.second);
    multiply_right(half.below, half.first);
    multiply_left(half.second, half.below);
    for (std::size_t j = 0; j < half.below.columns; ++j) {
      for (std::size_t i = 0; i < half.below.rows; ++i) half.below.at(i, j) = -half.below.at(i, j);
    }
  }

  // L -> the lower triangle of L' L
  void square(const MatrixView& l) const {
    if (l.rows <= kLeaf) {
      Scratch triangle = triangle_of(l);
      (void)taken(l);
      return add(triangle.view().transposed(), triangle.view(), l);
    }
    const Halves half(l);
    square(half.first);
    add_product(half.below.transposed(), half.below, half.first, ProductSign::kAdd, ProductPart::kLower, threads_);
    multiply_left_transposed(half.second, half.below);
    square(half.second);
  }

 private:
  void add(const MatrixView& a, const MatrixView& b, const MatrixView& c) const {
    add_product(a, b, c, ProductSign::kAdd, ProductPart::kAll, threads_);
  }

  static void put(Scratch from, const MatrixView& lower) {
    for (std::size_t j = 0; j < lower.rows; ++j) {
      for (std::size_t i = j; i < lower.rows; ++i) lower.at(i, j) = from.view().at(i, j);
    }
  }

  // X -> X L^-T
  void divide_by_transpose(const MatrixView& x, const MatrixView& l) const {
    if (l.rows <= kLeaf) {
      Scratch inverse = inverse_of_leaf(l);
      Scratch old = taken(x);
      return add(old.view(), inverse.view().transposed(), x);
    }
    const Halves half(l);
    divide_by_transpose(left(x, half.first), half.first);
    add_product(left(x, half.first), half.below.transposed(), right(x, half.second), ProductSign::kSubtract,
                ProductPart::kAll, threads_);
    divide_by_transpose(right(x, half.second), half.second);
  }

  // X -> X L
  void multiply_right(const MatrixView& x, const MatrixView& l) const {
    if (l.rows <= kLeaf) {
      Scratch triangle = triangle_of(l);
      Scratch old = taken(x);
      return add(old.view(), triangle.view(), x);
    }
    const Halves half(l);
    multiply_right(left(x, half.first), half.first);
    add(right(x, half.second), half.below, left(x, half.first));
    multiply_right(right(x, half.second), half.second);
  }

  // X -> L X
  void multiply_left(const MatrixView& l, const MatrixView& x) const {
    if (l.rows <= kLeaf) {
      Scratch triangle = triangle_of(l);
      Scratch old = taken(x);
      return add(triangle.view(), old.view(), x);
    }
    const Halves half(l);
    multiply_left(half.second, bottom(x, half.second));
    add(half.below, top(x, half.first), bottom(x, half.second));
    multiply_left(half.first, top(x, half.first));
  }

  // X -> L' X
  void multiply_left_transposed(const MatrixView& l, const MatrixView& x) const {
    if (l.rows <= kLeaf) {
      Scratch triangle = triangle_of(l);
      Scratch old = taken(x);
      return add(triangle.view().transposed(), old.view(), x);
    }
    const Halves half(l);
    multiply_left_transposed(half.first, top(x, half.first));
    add(half.below.transposed(), bottom(x, half.second), top(x, half.first));
    multiply_left_transposed(half.second, bottom(x, half.second));
  }

  std::size_t threads_;
};

}  // namespace

bool invert_positive_definite(const MatrixView& lower, std::size_t threads) {
  const Inversion inversion(threads);
  if (!inversion.factor(lower)) return false;
  inversion.invert(lower);
  inversion.square(lower);
  return true;
}

}  // namespace persona4rec
