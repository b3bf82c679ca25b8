// The linear map of a head's side, as `train` validates with it, `cache` stores by it and `encode` applies it.
//
// A result shorter than kMinLength (vectors.hpp, 1e-6) has no direction and counts as missing. sentence-transformers
// divides by max(length, 1e-12) instead: there, what f32 rounding leaves of a vector that equals the mean (some 1e-7)
// becomes a unit vector of noise. Vectors that carry anything are longer, and come out alike.
// Thread-safety: const use from any thread.
#pragma once

#include <cstddef>
#include <span>

namespace persona4rec {

// Without bias, so that map(sum of vectors) = sum of map(vector).
struct LinearMap {
  std::size_t inputs = 0;
  std::size_t outputs = 0;
  std::span<const float> weights;  // [outputs, inputs] f32 row-major, as torch.nn.Linear keeps them

  // out = norm(weights * vector); zeros and false when there is no direction. REQUIRES: the sizes fit; `out` is not
  // `vector`.
  bool apply(std::span<const float> vector, std::span<float> out) const;
};

// The same for each row of `rows` [n, inputs] into `out` [n, outputs]. `threads`: 0 = all processors; changes no
// result.
void map_rows(const LinearMap& map, std::span<const float> rows, std::span<float> out, std::size_t threads);

}  // namespace persona4rec
