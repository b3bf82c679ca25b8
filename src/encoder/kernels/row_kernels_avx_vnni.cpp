#include "encoder/kernels/row_kernels_avx_vnni.hpp"

#if defined(__x86_64__)

#include <immintrin.h>

#define P4R_TARGET __attribute__((target("avx2,fma,avxvnni")))
#define P4R_LANE_COUNT 8
#include "encoder/kernels/row_kernels_body.hpp"

namespace persona4rec {
namespace {

// 6 x 2 sums, 2 weights and a row's inputs of the 16 registers.
struct AvxVnni {
  static constexpr std::size_t kRows = 6;
  static constexpr std::size_t kGroups = 1;
  static constexpr std::size_t kHalf = kInt8Columns / 2;

  template <std::size_t Groups>
  P4R_TARGET static void sum(const Int8Tile& tile, std::int32_t (&sums)[kRows][kGroups * kInt8Columns]) {
    __m256i totals[kRows][2];
    for (auto& row : totals) {
      for (auto& total : row) total = _mm256_setzero_si256();
    }
    for (std::size_t k = 0; k < tile.inputs; k += kInt8Inputs) {
      const auto* from = reinterpret_cast<const __m256i*>(tile.weights + k * kInt8Columns);
      const __m256i weights[2] = {_mm256_loadu_si256(from), _mm256_loadu_si256(from + 1)};
      for (std::size_t row = 0; row < kRows; ++row) {
        std::int32_t word = 0;
        std::memcpy(&word, tile.rows + row * tile.row_stride + k, sizeof(word));
        const __m256i inputs = _mm256_set1_epi32(word);
        for (std::size_t half = 0; half < 2; ++half) {
          totals[row][half] = _mm256_dpbusd_avx_epi32(totals[row][half], inputs, weights[half]);
        }
      }
    }
    for (std::size_t row = 0; row < kRows; ++row) {
      for (std::size_t half = 0; half < 2; ++half) {
        _mm256_storeu_si256(reinterpret_cast<__m256i*>(&sums[row][half * kHalf]), totals[row][half]);
      }
    }
  }
};

}  // namespace

const RowKernels& row_kernels_avx_vnni() {
  static const RowKernels kKernels = kernels_of<AvxVnni>();
  return kKernels;
}

}  // namespace persona4rec

#else

namespace persona4rec {

const RowKernels& row_kernels_avx_vnni() {
  return row_kernels(KernelSet::kPortable);
}

}  // namespace persona4rec

#endif
