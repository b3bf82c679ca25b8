// P4R_LANE_COUNT f32 at once, as many as a register of P4R_TARGET holds: vectors of GCC and Clang. Included as
// row_kernels_body.hpp is, which says how both are to be.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>

// Functions that pass vectors are all inlined, so that no calling convention for them matters; and GCC 12 takes its own
// _mm512_undefined_epi32() for a use without a value (its bug 105593).
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wpsabi"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif

#define P4R_INLINE_LANES P4R_TARGET inline __attribute__((always_inline))

namespace persona4rec {
namespace {

constexpr std::size_t kFloatLanes = P4R_LANE_COUNT;
using Lanes = float __attribute__((vector_size(kFloatLanes * sizeof(float))));
using IntLanes = std::int32_t __attribute__((vector_size(kFloatLanes * sizeof(std::int32_t))));
using ByteLanes = std::uint8_t __attribute__((vector_size(kFloatLanes)));

P4R_INLINE_LANES Lanes all_lanes(float value) {
  return value - Lanes{};
}
P4R_INLINE_LANES IntLanes all_lanes(std::int32_t value) {
  return value - IntLanes{};
}
P4R_INLINE_LANES Lanes load(const float* from) {
  Lanes lanes;
  std::memcpy(&lanes, from, sizeof(lanes));
  return lanes;
}
P4R_INLINE_LANES IntLanes load_ints(const std::int32_t* from) {
  IntLanes lanes;
  std::memcpy(&lanes, from, sizeof(lanes));
  return lanes;
}
P4R_INLINE_LANES Lanes to_floats(IntLanes lanes) {
  return __builtin_convertvector(lanes, Lanes);
}

// The first `count` of a register's values, `other` behind them.
P4R_INLINE_LANES Lanes load_part(const float* from, std::size_t count, float other) {
  if (count >= kFloatLanes) return load(from);
  Lanes lanes = all_lanes(other);
  std::memcpy(&lanes, from, count * sizeof(float));
  return lanes;
}
P4R_INLINE_LANES void store(float* to, std::size_t count, Lanes lanes) {
  if (count >= kFloatLanes) {
    std::memcpy(to, &lanes, sizeof(lanes));
  } else {
    std::memcpy(to, &lanes, count * sizeof(float));
  }
}
// Whole parts of numbers from 0 to 255.
P4R_INLINE_LANES void store_bytes(std::uint8_t* to, std::size_t count, Lanes lanes) {
  const IntLanes whole = __builtin_convertvector(lanes, IntLanes);
  const IntLanes most = all_lanes(std::int32_t{255});
  const ByteLanes bytes = __builtin_convertvector(whole > most ? most : whole, ByteLanes);
  if (count >= kFloatLanes) {
    std::memcpy(to, &bytes, sizeof(bytes));
  } else {
    std::memcpy(to, &bytes, count);
  }
}

// Over the lanes, pairwise in one order for every instruction set.
P4R_INLINE_LANES float total(Lanes lanes) {
  float values[kFloatLanes];
  std::memcpy(values, &lanes, sizeof(values));
  for (std::size_t half = kFloatLanes / 2; half > 0; half /= 2) {
    for (std::size_t i = 0; i < half; ++i) values[i] += values[i + half];
  }
  return values[0];
}
P4R_INLINE_LANES float smallest(Lanes lanes) {
  float best = lanes[0];
  for (std::size_t i = 1; i < kFloatLanes; ++i) best = lanes[i] < best ? lanes[i] : best;
  return best;
}
P4R_INLINE_LANES float largest(Lanes lanes) {
  float best = lanes[0];
  for (std::size_t i = 1; i < kFloatLanes; ++i) best = lanes[i] > best ? lanes[i] : best;
  return best;
}

// erf as a quotient of two polynomials, as Eigen computes it: beyond 4 it is 1 to the last bit of an f32.
P4R_INLINE_LANES Lanes erf_of(Lanes x) {
  const Lanes four = all_lanes(4.0F);
  x = x > four ? four : x;
  x = x < -four ? -four : x;
  const Lanes y = x * x;
  Lanes above = y * -2.72614225801306e-10F + 2.77068142495902e-08F;
  above = above * y + -2.10102402082508e-06F;
  above = above * y + -5.69250639462346e-05F;
  above = above * y + -7.34990630326855e-04F;
  above = above * y + -2.95459980854025e-03F;
  above = above * y + -1.60960333262415e-02F;
  Lanes below = y * -1.45660718464996e-05F + -2.13374055278905e-04F;
  below = below * y + -1.68282697438203e-03F;
  below = below * y + -7.37332916720468e-03F;
  below = below * y + -1.42647390514189e-02F;
  return x * above / below;
}

// e^x, relative error below 3e-7; 0 and 2^127 beyond what f32 holds. Cephes' expf.
P4R_INLINE_LANES Lanes exp_of(Lanes x) {
  const Lanes least = all_lanes(-87.33654F);
  const Lanes most = all_lanes(88.02969F);
  const IntLanes kept = x >= least;
  x = x > most ? most : x;
  x = x < least ? least : x;
  const Lanes in_twos = x * 1.44269504F;
  const Lanes half = all_lanes(0.5F);
  const IntLanes whole = __builtin_convertvector(in_twos + (in_twos < all_lanes(0.0F) ? -half : half), IntLanes);
  const Lanes count = to_floats(whole);
  x = x - count * 0.693359375F;
  x = x - count * -2.12194440e-4F;
  Lanes y = x * 1.9875691500e-4F + 1.3981999507e-3F;
  y = y * x + 8.3334519073e-3F;
  y = y * x + 4.1665795894e-2F;
  y = y * x + 1.6666665459e-1F;
  y = y * x + 5.0000001201e-1F;
  y = y * x * x + x + 1.0F;
  const IntLanes exponent = (whole + 127) << 23;
  Lanes power;
  std::memcpy(&power, &exponent, sizeof(power));
  return kept ? y * power : all_lanes(0.0F);
}

// x (1 + tanh(u)) / 2 = x / (1 + e^-2u) with u = sqrt(2 / pi) (x + 0.044715 x^3)
P4R_INLINE_LANES Lanes gelu_tanh_of(Lanes x) {
  const Lanes u = 0.7978845608F * (x + 0.044715F * x * x * x);
  return x / (1.0F + exp_of(-2.0F * u));
}

P4R_INLINE_LANES Lanes gelu_of(Lanes x) {
  const Lanes half = x * 0.5F;
  return half * erf_of(x * 0.70710678118654752F) + half;
}

}  // namespace
}  // namespace persona4rec
