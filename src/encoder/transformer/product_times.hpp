// How fast this processor computes a model's matrix products, by what would compute them. LibTorch lives in the .cpp
// alone.
#pragma once

#include "encoder/model_folder/model_config.hpp"

namespace persona4rec {

// Seconds that the matrix products of one layer take on the calling thread, by dtype: the best of a few, some
// milliseconds in all.
struct ProductTimes {
  double f32_s = 0;
  double bf16_s = 0;
};
[[nodiscard]] ProductTimes time_products(const ModelConfig& model);

}  // namespace persona4rec
