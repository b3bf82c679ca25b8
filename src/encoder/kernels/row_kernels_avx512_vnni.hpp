// The kernels for processors with AVX-512 VNNI.
#pragma once

#include "encoder/kernels/row_kernels.hpp"

namespace persona4rec {

// REQUIRES: has_kernel_set() to run them. Portable ones where the program is for another kind of processor.
[[nodiscard]] const RowKernels& row_kernels_avx512_vnni();

}  // namespace persona4rec
