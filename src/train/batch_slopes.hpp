// Parts of the loss (docs/method.md, 6.3 Loss) whose slopes are written out here instead of being found operator by
// operator: on the CPU in f32 the same bits as LibTorch's own operators and autograd give, in a fraction of the passes
// over [b, b] and [b, d]; anywhere else those operators themselves. Thread-safety: pure. Threads:
// at::get_num_threads(), which change no bit.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

namespace persona4rec {

// Rows at unit length; a row shorter than 1e-12 is divided by that. Differentiable.
[[nodiscard]] at::Tensor unit_rows(const at::Tensor& rows);

// What a batch's own columns are compared by and moved by.
struct OwnColumns {
  std::vector<at::Tensor> ids;  // [b] i64 each, below 2^32: a column that shares one with the row is left out
  at::Tensor log_q;             // [b] added to the columns; undefined = 0
  double temperature = 1;       // > 0
};

// mean_i of the cross-entropy of row i to column i, l_ij = <u_i, p_j> / temperature + log_q_j; users, personas [b, d]
// f32 on the CPU. Differentiable by both.
[[nodiscard]] at::Tensor own_columns_loss(const at::Tensor& users, const at::Tensor& personas,
                                          const OwnColumns& columns);

}  // namespace persona4rec
