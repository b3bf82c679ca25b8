// C += A B or C -= A B of f64 matrices, on all cores and as fast as the processor multiplies.
//
// AVX-512, else AVX2 + FMA, else plain C++, chosen once at start. Every element is summed up in one order, whatever the
// number of threads; the first two kernels give the same bytes, the plain one, which rounds products too, gives others.
// Thread-safety: re-entrant.
#pragma once

#include <cstddef>

namespace persona4rec {

// A part of a matrix; its transpose has rows and strides the other way round.
struct MatrixView {
  double* data = nullptr;
  std::size_t rows = 0, columns = 0;
  std::size_t row_step = 1, column_step = 0;  // element (i, j) = data[i * row_step + j * column_step]

  [[nodiscard]] double& at(std::size_t i, std::size_t j) const { return data[i * row_step + j * column_step]; }
  [[nodiscard]] MatrixView block(std::size_t row, std::size_t column, std::size_t height, std::size_t width) const {
    return {&at(row, column), height, width, row_step, column_step};
  }
  [[nodiscard]] MatrixView transposed() const { return {data, columns, rows, column_step, row_step}; }
};

enum class ProductSign { kAdd, kSubtract };
enum class ProductPart { kAll, kLower };  // kLower: above the diagonal C holds anything afterwards

// REQUIRES: shapes that fit, c.row_step == 1, C no part of A or B. `threads`: 0 = default_threads().
void add_product(const MatrixView& a, const MatrixView& b, const MatrixView& c, ProductSign sign, ProductPart part,
                 std::size_t threads);

// out [rows, columns] column by column = the product of two packed panels: a[k * rows + i], b[k * columns + j].
using PanelProductFn = void (*)(std::size_t depth, const double* a, const double* b, double* out);
struct ProductKernel {
  const char* name = nullptr;
  std::size_t rows = 0, columns = 0;
  PanelProductFn run = nullptr;
};
inline constexpr std::size_t kLargestPanelProduct = 192;  // 24 x 8

// Every kernel that this processor can run, the one that add_product uses first (for tests and benchmarks).
struct ProductKernels {
  ProductKernel kernels[3];
  std::size_t count = 0;
};
[[nodiscard]] const ProductKernels& product_kernels();

}  // namespace persona4rec
