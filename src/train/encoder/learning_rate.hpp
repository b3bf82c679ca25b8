// The learning rate of a step: up in a line over the warm-up, then down (docs/method.md, 6.8 Training the encoder).
// Thread-safety: pure.
#pragma once

#include <cstdint>

#include "persona4rec/encoder_training.hpp"

namespace persona4rec {

// Share of the highest rate for step 0, 1, ... of `total`. `warm_up`: below 1 a share of all steps, else steps.
[[nodiscard]] double rate_share(const EncoderTrainingOptions& options, std::uint64_t step, std::uint64_t total);

}  // namespace persona4rec
