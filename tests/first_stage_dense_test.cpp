// The dense kernels of ease: products and inverses against the plain sums, whatever the kernel and the threads.
#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "base/rng.hpp"
#include "first_stage/dense_inverse.hpp"
#include "first_stage/dense_product.hpp"

namespace persona4rec {
namespace {

class Matrix {
 public:
  Matrix(std::size_t rows, std::size_t columns, std::uint64_t seed)
      : values(rows * columns), rows_(rows), columns_(columns) {
    Rng rng(seed);
    for (auto& value : values) value = rng.uniform() - 0.5;
  }
  [[nodiscard]] MatrixView view() { return {values.data(), rows_, columns_, 1, rows_}; }

  std::vector<double> values;

 private:
  std::size_t rows_, columns_;
};

double plain_product(const MatrixView& a, const MatrixView& b, std::size_t i, std::size_t j) {
  double sum = 0;
  for (std::size_t k = 0; k < a.columns; ++k) sum += a.at(i, k) * b.at(k, j);
  return sum;
}

struct Shape {
  std::size_t rows, columns, depth;
};

class DenseProduct : public testing::TestWithParam<Shape> {};

TEST_P(DenseProduct, IsThePlainSumOnEitherSideOfATranspose) {
  const auto [rows, columns, depth] = GetParam();
  Matrix a(rows, depth, 1);
  Matrix b(depth, columns, 2);
  Matrix turned(columns, depth, 3);  // read as its transpose
  for (const auto& right : {b.view(), turned.view().transposed()}) {
    Matrix c(rows, columns, 4);
    Matrix before(rows, columns, 4);
    add_product(a.view(), right, c.view(), ProductSign::kSubtract, ProductPart::kAll, 2);
    for (std::size_t j = 0; j < columns; ++j) {
      for (std::size_t i = 0; i < rows; ++i) {
        ASSERT_NEAR(c.view().at(i, j), before.view().at(i, j) - plain_product(a.view(), right, i, j), 1e-11)
            << i << ", " << j;
      }
    }
  }
}

TEST_P(DenseProduct, OfTheLowerTriangleIsThatOfTheWhole) {
  const auto [rows, columns, depth] = GetParam();
  Matrix a(rows, depth, 1);
  Matrix all(rows, rows, 2);
  Matrix lower(rows, rows, 2);
  add_product(a.view(), a.view().transposed(), all.view(), ProductSign::kAdd, ProductPart::kAll, 3);
  add_product(a.view(), a.view().transposed(), lower.view(), ProductSign::kAdd, ProductPart::kLower, 1);
  for (std::size_t j = 0; j < rows; ++j) {
    for (std::size_t i = j; i < rows; ++i) ASSERT_EQ(lower.view().at(i, j), all.view().at(i, j)) << i << ", " << j;
  }
}

INSTANTIATE_TEST_SUITE_P(Shapes, DenseProduct,
                         testing::Values(Shape{1, 1, 1}, Shape{24, 8, 5}, Shape{25, 9, 257}, Shape{300, 7, 3},
                                         Shape{601, 130, 40}, Shape{3, 1200, 2}));

TEST(DenseProduct, EveryFusingKernelGivesTheSameBytes) {
  const auto& kernels = product_kernels();
  constexpr std::size_t kDepth = 100;
  Matrix rows(24, kDepth, 5);
  Matrix columns(kDepth, 8, 6);
  std::vector<std::vector<double>> found;
  for (std::size_t n = 0; n < kernels.count; ++n) {
    const auto& kernel = kernels.kernels[n];
    std::vector<double> a;
    std::vector<double> b;
    for (std::size_t k = 0; k < kDepth; ++k) {
      for (std::size_t i = 0; i < kernel.rows; ++i) a.push_back(rows.view().at(i, k));
      for (std::size_t j = 0; j < kernel.columns; ++j) b.push_back(columns.view().at(k, j));
    }
    std::vector<double> out(kLargestPanelProduct);
    kernel.run(kDepth, a.data(), b.data(), out.data());
    for (std::size_t j = 0; j < kernel.columns; ++j) {
      for (std::size_t i = 0; i < kernel.rows; ++i) {
        const double plain = plain_product(rows.view(), columns.view(), i, j);
        ASSERT_NEAR(out[j * kernel.rows + i], plain, 1e-13) << kernel.name;
      }
    }
    found.push_back({out[0], out[1], out[kernel.rows + 2], out[3 * kernel.rows + 3]});
  }
  for (std::size_t n = 1; n + 1 < found.size(); ++n) EXPECT_EQ(found[n], found[0]) << kernels.kernels[n].name;
}

// M M' + I of a random M.
Matrix positive_definite(std::size_t n) {
  Matrix m(n, n, 7);
  Matrix out(n, n, 8);
  for (auto& value : out.values) value = 0;
  add_product(m.view(), m.view().transposed(), out.view(), ProductSign::kAdd, ProductPart::kAll, 1);
  for (std::size_t i = 0; i < n; ++i) out.view().at(i, i) += 1;
  return out;
}

class DenseInverse : public testing::TestWithParam<std::size_t> {};

TEST_P(DenseInverse, TimesTheMatrixIsTheIdentity) {
  const std::size_t n = GetParam();
  Matrix matrix = positive_definite(n);
  Matrix inverse = matrix;
  for (std::size_t j = 1; j < n; ++j) {
    for (std::size_t i = 0; i < j; ++i) inverse.view().at(i, j) = std::nan("");  // above the diagonal nothing is read
  }
  ASSERT_TRUE(invert_positive_definite(inverse.view(), 2));
  for (std::size_t j = 1; j < n; ++j) {
    for (std::size_t i = 0; i < j; ++i) inverse.view().at(i, j) = inverse.view().at(j, i);
  }
  for (std::size_t j = 0; j < n; j += n / 40 + 1) {
    for (std::size_t i = 0; i < n; ++i) {
      ASSERT_NEAR(plain_product(inverse.view(), matrix.view(), i, j), i == j ? 1 : 0, 1e-9) << i << ", " << j;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Sizes, DenseInverse, testing::Values(1, 2, 95, 96, 97, 191, 192, 193, 500));

TEST(DenseInverse, IsTheSameWhateverTheThreads) {
  Matrix one = positive_definite(1000);
  Matrix three = one;
  ASSERT_TRUE(invert_positive_definite(one.view(), 1));
  ASSERT_TRUE(invert_positive_definite(three.view(), 3));
  for (std::size_t j = 0; j < 1000; ++j) {
    for (std::size_t i = j; i < 1000; ++i) ASSERT_EQ(one.view().at(i, j), three.view().at(i, j)) << i << ", " << j;
  }
}

TEST(DenseInverse, SaysWhatIsNotPositiveDefinite) {
  for (const std::size_t broken : {0U, 100U, 299U}) {
    Matrix matrix = positive_definite(300);
    matrix.view().at(broken, broken) = -1;
    EXPECT_FALSE(invert_positive_definite(matrix.view(), 2)) << broken;
    matrix = positive_definite(300);
    matrix.view().at(broken, broken) = std::nan("");
    EXPECT_FALSE(invert_positive_definite(matrix.view(), 2)) << broken;
  }
}

}  // namespace
}  // namespace persona4rec
