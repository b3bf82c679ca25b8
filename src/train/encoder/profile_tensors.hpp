// Users and personas of a batch from the vectors of its texts, differentiably (docs/method.md, 6.8 Training the
// encoder). Thread-safety: pure.
#pragma once

#include <ATen/core/Tensor.h>

#include "train/encoder/batch_plan.hpp"

namespace persona4rec {

// What texts are centred by, [d] each, on the device.
struct TextMeans {
  at::Tensor interaction;
  at::Tensor persona;
};

struct BatchSides {
  at::Tensor users;     // [b, d] unit rows, before the maps
  at::Tensor personas;  // [b, d] likewise
};

// `vectors` [plan.texts, d]: what the encoder makes of the texts, in their order.
[[nodiscard]] BatchSides batch_sides(const BatchPlan& plan, const at::Tensor& vectors, const TextMeans& means);

}  // namespace persona4rec
