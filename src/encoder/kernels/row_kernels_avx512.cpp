#include "encoder/kernels/row_kernels_avx512.hpp"

#if defined(__x86_64__)

#include <immintrin.h>

#define P4R_TARGET __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl")))
#define P4R_LANE_COUNT 16
#include "encoder/kernels/row_kernels_body.hpp"

namespace persona4rec {
namespace {

// vpmaddubsw would saturate in 16 bits, so both factors are widened to 16 bits and vpmaddwd sums pairs in 32. A lane
// pair holds a column's inputs 0 + 1 and 2 + 3; they are added at the end.
struct Avx512 {
  static constexpr std::size_t kRows = 6;
  static constexpr std::size_t kGroups = 2;
  static constexpr std::size_t kHalf = kInt8Columns / 2;

  template <std::size_t Groups>
  P4R_TARGET static void sum(const Int8Tile& tile, std::int32_t (&sums)[kRows][kGroups * kInt8Columns]) {
    __m512i pairs[kRows][2 * Groups];
    for (auto& row : pairs) {
      for (auto& pair : row) pair = _mm512_setzero_si512();
    }
    for (std::size_t k = 0; k < tile.inputs; k += kInt8Inputs) {
      __m512i weights[2 * Groups];
      for (std::size_t half = 0; half < 2 * Groups; ++half) {
        const std::int8_t* from =
            tile.weights + half / 2 * tile.group_stride + (2 * k + half % 2 * kInt8Inputs) * kHalf;
        weights[half] = _mm512_cvtepi8_epi16(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(from)));
      }
      for (std::size_t row = 0; row < kRows; ++row) {
        const __m512i inputs = widened(tile.rows + row * tile.row_stride + k);
        for (std::size_t half = 0; half < 2 * Groups; ++half) {
          pairs[row][half] = _mm512_add_epi32(pairs[row][half], _mm512_madd_epi16(inputs, weights[half]));
        }
      }
    }
    for (std::size_t row = 0; row < kRows; ++row) {
      for (std::size_t half = 0; half < 2 * Groups; ++half) {
        const __m512i both = _mm512_add_epi32(pairs[row][half], _mm512_srli_epi64(pairs[row][half], 32));
        _mm256_storeu_si256(reinterpret_cast<__m256i*>(&sums[row][half * kHalf]), _mm512_cvtepi64_epi32(both));
      }
    }
  }

 private:
  P4R_TARGET static inline __m512i widened(const std::uint8_t* from) {
    std::int32_t word = 0;
    std::memcpy(&word, from, sizeof(word));
    return _mm512_broadcastq_epi64(_mm_cvtepu8_epi16(_mm_cvtsi32_si128(word)));
  }
};

}  // namespace

const RowKernels& row_kernels_avx512() {
  static const RowKernels kKernels = kernels_of<Avx512>();
  return kKernels;
}

}  // namespace persona4rec

#else

namespace persona4rec {

const RowKernels& row_kernels_avx512() {
  return row_kernels(KernelSet::kPortable);
}

}  // namespace persona4rec

#endif
