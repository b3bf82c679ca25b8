// The kernels for processors with AVX2: twice the numbers of an f32 vector, in 16 bits.
#pragma once

#include "encoder/kernels/row_kernels.hpp"

namespace persona4rec {

// REQUIRES: has_kernel_set() to run them. Portable ones where the program is for another kind of processor.
[[nodiscard]] const RowKernels& row_kernels_avx2();

}  // namespace persona4rec
