#include "first_stage/dense_product.hpp"

#include <algorithm>
#include <vector>

#include "base/parallel.hpp"
#include "base/stop.hpp"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace persona4rec {
namespace {

// What is multiplied at once: packed, a tile's share of A lies in the second cache and a panel of B in the first.
constexpr std::size_t kTileRows = 288;  // of every kernel's rows and columns a multiple
constexpr std::size_t kTileColumns = 1152;
constexpr std::size_t kDepth = 256;         // fixed, as it is the order of the sums
constexpr double kSmallProduct = 2e7;       // multiplications that are done before a thread has started
constexpr std::size_t kPackedTogether = 8;  // of a row: what a cache line holds
constexpr std::size_t kPlainRows = 4;
constexpr std::size_t kPlainColumns = 4;

void plain_panels(std::size_t depth, const double* a, const double* b, double* out) {
  double sums[kPlainColumns * kPlainRows] = {};
  for (std::size_t k = 0; k < depth; ++k) {
    for (std::size_t j = 0; j < kPlainColumns; ++j) {
      for (std::size_t i = 0; i < kPlainRows; ++i) {
        sums[j * kPlainRows + i] += a[k * kPlainRows + i] * b[k * kPlainColumns + j];
      }
    }
  }
  std::ranges::copy(sums, out);
}

#if defined(__x86_64__)

__attribute__((target("avx2,fma"))) void avx2_panels(std::size_t depth, const double* a, const double* b, double* out) {
  __m256d sums[4][3];
  for (auto& column : sums) {
    for (auto& sum : column) sum = _mm256_setzero_pd();
  }
  for (std::size_t k = 0; k < depth; ++k, a += 12, b += 4) {
    const __m256d rows[3] = {_mm256_loadu_pd(a), _mm256_loadu_pd(a + 4), _mm256_loadu_pd(a + 8)};
#pragma GCC unroll 4
    for (std::size_t j = 0; j < 4; ++j) {
      const __m256d column = _mm256_broadcast_sd(b + j);
#pragma GCC unroll 3
      for (std::size_t i = 0; i < 3; ++i) sums[j][i] = _mm256_fmadd_pd(rows[i], column, sums[j][i]);
    }
  }
  for (const auto& column : sums) {
    for (const auto& sum : column) {
      _mm256_storeu_pd(out, sum);
      out += 4;
    }
  }
}

__attribute__((target("avx512f"))) void avx512_panels(std::size_t depth, const double* a, const double* b,
                                                      double* out) {
  __m512d sums[8][3];
  for (auto& column : sums) {
    for (auto& sum : column) sum = _mm512_setzero_pd();
  }
  for (std::size_t k = 0; k < depth; ++k, a += 24, b += 8) {
    const __m512d rows[3] = {_mm512_loadu_pd(a), _mm512_loadu_pd(a + 8), _mm512_loadu_pd(a + 16)};
#pragma GCC unroll 8
    for (std::size_t j = 0; j < 8; ++j) {
      const __m512d column = _mm512_set1_pd(b[j]);
#pragma GCC unroll 3
      for (std::size_t i = 0; i < 3; ++i) sums[j][i] = _mm512_fmadd_pd(rows[i], column, sums[j][i]);
    }
  }
  for (const auto& column : sums) {
    for (const auto& sum : column) {
      _mm512_storeu_pd(out, sum);
      out += 8;
    }
  }
}

#endif

ProductKernels find_kernels() {
  ProductKernels found;
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx512f")) {
    found.kernels[found.count++] = {.name = "avx512", .rows = 24, .columns = 8, .run = avx512_panels};
  }
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
    found.kernels[found.count++] = {.name = "avx2", .rows = 12, .columns = 4, .run = avx2_panels};
  }
#endif
  found.kernels[found.count++] = {.name = "plain", .rows = kPlainRows, .columns = kPlainColumns, .run = plain_panels};
  return found;
}

// Rows of `from` in panels of `height`, each column after column, the last filled up with zeros.
void pack(const MatrixView& from, std::size_t height, std::vector<double>& to) {
  const std::size_t panels = (from.rows + height - 1) / height;
  to.resize(panels * height * from.columns);
  for (std::size_t panel = 0; panel < panels; ++panel) {
    double* const out = to.data() + panel * height * from.columns;
    const std::size_t first = panel * height;
    const std::size_t rows = std::min(height, from.rows - first);
    if (rows < height) std::fill(out, out + height * from.columns, 0.0);
    if (from.row_step == 1) {
      for (std::size_t k = 0; k < from.columns; ++k) std::copy_n(&from.at(first, k), rows, out + k * height);
    } else {
      for (std::size_t k = 0; k < from.columns; k += kPackedTogether) {
        const std::size_t end = std::min(k + kPackedTogether, from.columns);
        for (std::size_t i = 0; i < rows; ++i) {
          for (std::size_t c = k; c < end; ++c) out[c * height + i] = from.at(first + i, c);
        }
      }
    }
  }
}

// One tile of C by one thread.
class TileProduct {
 public:
  TileProduct(const ProductKernel& kernel, double sign) : kernel_(kernel), sign_(sign) {}

  // a [rows, depth], b [depth, columns], c [rows, columns]
  void add(const MatrixView& a, const MatrixView& b, const MatrixView& c) {
    for (std::size_t k = 0; k < a.columns; k += kDepth) {
      const std::size_t depth = std::min(kDepth, a.columns - k);
      pack(a.block(0, k, a.rows, depth), kernel_.rows, rows_);
      pack(b.block(k, 0, depth, b.columns).transposed(), kernel_.columns, columns_);
      multiply(depth, c);
    }
  }

 private:
  void multiply(std::size_t depth, const MatrixView& c) {
    for (std::size_t j = 0; j < c.columns; j += kernel_.columns) {
      for (std::size_t i = 0; i < c.rows; i += kernel_.rows) {
        kernel_.run(depth, rows_.data() + i * depth, columns_.data() + j * depth, out_);
        add_out(c.block(i, j, std::min(kernel_.rows, c.rows - i), std::min(kernel_.columns, c.columns - j)));
      }
    }
  }

  void add_out(const MatrixView& c) {
    for (std::size_t j = 0; j < c.columns; ++j) {
      double* const column = &c.at(0, j);
      const double* const sums = out_ + j * kernel_.rows;
      for (std::size_t i = 0; i < c.rows; ++i) column[i] += sign_ * sums[i];
    }
  }

  const ProductKernel& kernel_;
  double sign_;
  std::vector<double> rows_;
  std::vector<double> columns_;
  alignas(64) double out_[kLargestPanelProduct] = {};
};

}  // namespace

const ProductKernels& product_kernels() {
  static const ProductKernels kKernels = find_kernels();
  return kKernels;
}

void add_product(const MatrixView& a, const MatrixView& b, const MatrixView& c, ProductSign sign, ProductPart part,
                 std::size_t threads) {
  const double products = static_cast<double>(c.rows) * static_cast<double>(c.columns) * static_cast<double>(a.columns);
  const std::size_t down = (c.rows + kTileRows - 1) / kTileRows;
  const std::size_t across = (c.columns + kTileColumns - 1) / kTileColumns;
  parallel_ranges(down * across, 1, products < kSmallProduct ? 1 : threads, [&](std::size_t tile, std::size_t) {
    throw_if_stopped();
    const std::size_t i = tile / across * kTileRows;
    const std::size_t j = tile % across * kTileColumns;
    const std::size_t rows = std::min(kTileRows, c.rows - i);
    const std::size_t columns = std::min(kTileColumns, c.columns - j);
    if (part == ProductPart::kLower && j > i + rows - 1) return;
    TileProduct(product_kernels().kernels[0], sign == ProductSign::kAdd ? 1.0 : -1.0)
        .add(a.block(i, 0, rows, a.columns), b.block(0, j, b.rows, columns), c.block(i, j, rows, columns));
  });
}

}  // namespace persona4rec
