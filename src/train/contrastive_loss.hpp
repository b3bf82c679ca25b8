// The contrastive loss on tensors, one for every mode of training (docs/method.md, 6.3 Loss):
//
//   c_ij = <u_i, p_j>;  l_ij = c_ij / temperature + q_j;  loss = mean_i cross_entropy(row i of l, column i)
//
// Columns of row i: the personas of the batch, those of `others`, and the hard negatives of row i. Masked columns are
// left out of the softmax and of the smoothing. Differentiable by every tensor of floats. Thread-safety: pure.
#pragma once

#include <ATen/core/Tensor.h>

#include "persona4rec/train.hpp"

namespace persona4rec {

// On one device; b samples, d dimensions. An undefined tensor is a part that is not there.
struct ContrastiveBatch {
  at::Tensor users;                         // [b, d] unit rows
  at::Tensor personas;                      // [b, d] unit rows; row i is the positive of users' row i
  at::Tensor hard;                          // [b, h, d] unit rows, missing ones all zero
  at::Tensor others;                        // [m, d] unit rows, negatives of every row
  at::Tensor log_q;                         // [b] added to the columns of the batch
  double others_log_q = 0;                  // added to those of `others`
  at::Tensor user_id, persona_id, item_id;  // [b] i64, what the masks compare
  at::Tensor masked_others;                 // [b, m] bool
};

// A number. `temperature`: a learned one, a number; undefined = options.temperature.
[[nodiscard]] at::Tensor contrastive_loss(const ContrastiveBatch& batch, const LossOptions& options,
                                          const at::Tensor& temperature = {});

}  // namespace persona4rec
