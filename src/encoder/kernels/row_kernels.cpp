#include "encoder/kernels/row_kernels.hpp"

#include "encoder/kernels/row_kernels_avx2.hpp"
#include "encoder/kernels/row_kernels_avx512.hpp"
#include "encoder/kernels/row_kernels_avx512_vnni.hpp"
#include "encoder/kernels/row_kernels_avx_vnni.hpp"

#define P4R_TARGET
#define P4R_LANE_COUNT 4
#include "encoder/kernels/row_kernels_body.hpp"

namespace persona4rec {
namespace {

struct Portable {
  static constexpr std::size_t kRows = 1;
  static constexpr std::size_t kGroups = 1;

  template <std::size_t Groups>
  static void sum(const Int8Tile& tile, std::int32_t (&sums)[kRows][kGroups * kInt8Columns]) {
    for (auto& row : sums) std::fill(std::begin(row), std::end(row), 0);
    for (std::size_t k = 0; k < tile.inputs; k += kInt8Inputs) {
      const std::int8_t* weights = tile.weights + k * kInt8Columns;
      for (std::size_t n = 0; n < kInt8Columns; ++n) {
        for (std::size_t i = 0; i < kInt8Inputs; ++i) sums[0][n] += tile.rows[k + i] * weights[n * kInt8Inputs + i];
      }
    }
  }
};

}  // namespace

void Int8Rows::shape(std::size_t rows, std::size_t width) {
  count = rows;
  stride = (width + kInt8Inputs - 1) / kInt8Inputs * kInt8Inputs;
  bytes.resize((rows + kRowTile - 1) / kRowTile * kRowTile * stride);
  scales.resize(rows);
  zeros.resize(rows);
}

#if defined(__x86_64__)
bool has_kernel_set(KernelSet set) {
  const bool avx512 = __builtin_cpu_supports("avx512f") != 0 && __builtin_cpu_supports("avx512bw") != 0 &&
                      __builtin_cpu_supports("avx512dq") != 0 && __builtin_cpu_supports("avx512vl") != 0;
  const bool avx2 = __builtin_cpu_supports("avx2") != 0 && __builtin_cpu_supports("fma") != 0;
  switch (set) {
    case KernelSet::kPortable:
      return true;
    case KernelSet::kAvx2:
      return avx2;
    case KernelSet::kAvxVnni:
      return avx2 && __builtin_cpu_supports("avxvnni") != 0;
    case KernelSet::kAvx512:
      return avx512;
    case KernelSet::kAvx512Vnni:
      return avx512 && __builtin_cpu_supports("avx512vnni") != 0;
  }
  return false;
}
#else
bool has_kernel_set(KernelSet set) {
  return set == KernelSet::kPortable;
}
#endif

// Eight bits a lane for 512-bit vectors come first; a processor with AVX-VNNI and no AVX-512 VNNI has no AVX-512 at
// all.
KernelSet best_kernel_set() {
  KernelSet best = KernelSet::kPortable;
  for (const KernelSet set : kKernelSets) {
    if (has_kernel_set(set)) best = set;
  }
  return best;
}

const RowKernels& row_kernels(KernelSet set) {
  static const RowKernels kPortable = kernels_of<Portable>();
  switch (set) {
    case KernelSet::kPortable:
      return kPortable;
    case KernelSet::kAvx2:
      return row_kernels_avx2();
    case KernelSet::kAvxVnni:
      return row_kernels_avx_vnni();
    case KernelSet::kAvx512:
      return row_kernels_avx512();
    case KernelSet::kAvx512Vnni:
      return row_kernels_avx512_vnni();
  }
  return kPortable;
}

}  // namespace persona4rec
