#include "train/encoder/learning_rate.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace persona4rec {

double rate_share(const EncoderTrainingOptions& options, std::uint64_t step, std::uint64_t total) {
  const double steps = static_cast<double>(total);
  const double warm = std::floor(options.warm_up < 1 ? options.warm_up * steps : options.warm_up);
  const double now = static_cast<double>(step);
  if (now < warm) return (now + 1) / warm;
  if (options.decay == RateDecay::kConstant || total == 0) return 1;
  const double left = std::clamp((steps - now) / std::max(1.0, steps - warm), 0.0, 1.0);
  return options.decay == RateDecay::kLinear ? left : (1 - std::cos(std::numbers::pi * left)) / 2;
}

}  // namespace persona4rec
