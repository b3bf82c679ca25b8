#include "encoder/kernels/row_kernels_avx512_vnni.hpp"

#if defined(__x86_64__)

#include <immintrin.h>

#define P4R_TARGET __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni")))
#define P4R_LANE_COUNT 16
#include "encoder/kernels/row_kernels_body.hpp"

namespace persona4rec {
namespace {

// 6 x 4 sums, 4 weights and a row's inputs fill the 32 registers. vpdpbusd sums four products without saturation.
struct Avx512Vnni {
  static constexpr std::size_t kRows = 6;
  static constexpr std::size_t kGroups = 4;

  template <std::size_t Groups>
  P4R_TARGET static void sum(const Int8Tile& tile, std::int32_t (&sums)[kRows][kGroups * kInt8Columns]) {
    __m512i totals[kRows][Groups];
    for (auto& row : totals) {
      for (auto& total : row) total = _mm512_setzero_si512();
    }
    for (std::size_t k = 0; k < tile.inputs; k += kInt8Inputs) {
      __m512i weights[Groups];
      for (std::size_t group = 0; group < Groups; ++group) {
        weights[group] = _mm512_loadu_si512(tile.weights + group * tile.group_stride + k * kInt8Columns);
      }
      for (std::size_t row = 0; row < kRows; ++row) {
        std::int32_t word = 0;
        std::memcpy(&word, tile.rows + row * tile.row_stride + k, sizeof(word));
        const __m512i inputs = _mm512_set1_epi32(word);
        for (std::size_t group = 0; group < Groups; ++group) {
          totals[row][group] = _mm512_dpbusd_epi32(totals[row][group], inputs, weights[group]);
        }
      }
    }
    for (std::size_t row = 0; row < kRows; ++row) {
      for (std::size_t group = 0; group < Groups; ++group) {
        _mm512_storeu_si512(&sums[row][group * kInt8Columns], totals[row][group]);
      }
    }
  }
};

}  // namespace

const RowKernels& row_kernels_avx512_vnni() {
  static const RowKernels kKernels = kernels_of<Avx512Vnni>();
  return kKernels;
}

}  // namespace persona4rec

#else

namespace persona4rec {

const RowKernels& row_kernels_avx512_vnni() {
  return row_kernels(KernelSet::kPortable);
}

}  // namespace persona4rec

#endif
