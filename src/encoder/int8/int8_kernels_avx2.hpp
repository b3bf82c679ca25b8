// The kernels for processors with AVX2: twice the numbers of an f32 vector, in 16 bits.
#pragma once

#include "encoder/int8/int8_kernels.hpp"

namespace persona4rec {

// REQUIRES: has_int8_set() to run them. Portable ones where the program is for another kind of processor.
[[nodiscard]] const Int8Kernels& int8_kernels_avx2();

}  // namespace persona4rec
