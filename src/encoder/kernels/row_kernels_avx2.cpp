#include "encoder/kernels/row_kernels_avx2.hpp"

#if defined(__x86_64__)

#include <immintrin.h>

#define P4R_TARGET __attribute__((target("avx2,fma")))
#define P4R_LANE_COUNT 8
#include "encoder/kernels/row_kernels_body.hpp"

namespace persona4rec {
namespace {

// As with AVX-512 without VNNI: 16 bits, since vpmaddubsw would saturate. 3 x 4 sums of the 16 registers.
struct Avx2 {
  static constexpr std::size_t kRows = 3;
  static constexpr std::size_t kGroups = 1;
  static constexpr std::size_t kQuarters = 4;
  static constexpr std::size_t kQuarter = kInt8Columns / kQuarters;

  template <std::size_t Groups>
  P4R_TARGET static void sum(const Int8Tile& tile, std::int32_t (&sums)[kRows][kGroups * kInt8Columns]) {
    __m256i pairs[kRows][kQuarters];
    for (auto& row : pairs) {
      for (auto& pair : row) pair = _mm256_setzero_si256();
    }
    for (std::size_t k = 0; k < tile.inputs; k += kInt8Inputs) {
      __m256i inputs[kRows];
      for (std::size_t row = 0; row < kRows; ++row) inputs[row] = widened(tile.rows + row * tile.row_stride + k);
      for (std::size_t quarter = 0; quarter < kQuarters; ++quarter) {
        const std::int8_t* from = tile.weights + k * kInt8Columns + quarter * kQuarter * kInt8Inputs;
        const __m256i weights = _mm256_cvtepi8_epi16(_mm_loadu_si128(reinterpret_cast<const __m128i*>(from)));
        for (std::size_t row = 0; row < kRows; ++row) {
          pairs[row][quarter] = _mm256_add_epi32(pairs[row][quarter], _mm256_madd_epi16(inputs[row], weights));
        }
      }
    }
    for (std::size_t row = 0; row < kRows; ++row) {
      for (std::size_t quarter = 0; quarter < kQuarters; ++quarter)
        store_columns(pairs[row][quarter], &sums[row][quarter * kQuarter]);
    }
  }

 private:
  P4R_TARGET static inline __m256i widened(const std::uint8_t* from) {
    std::int32_t word = 0;
    std::memcpy(&word, from, sizeof(word));
    return _mm256_broadcastq_epi64(_mm_cvtepu8_epi16(_mm_cvtsi32_si128(word)));
  }
  // Pairs of lanes added: four columns.
  P4R_TARGET static inline void store_columns(__m256i pairs, std::int32_t* to) {
    const __m128i columns = _mm_hadd_epi32(_mm256_castsi256_si128(pairs), _mm256_extracti128_si256(pairs, 1));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(to), columns);
  }
};

}  // namespace

const RowKernels& row_kernels_avx2() {
  static const RowKernels kKernels = kernels_of<Avx2>();
  return kKernels;
}

}  // namespace persona4rec

#else

namespace persona4rec {

const RowKernels& row_kernels_avx2() {
  return row_kernels(KernelSet::kPortable);
}

}  // namespace persona4rec

#endif
