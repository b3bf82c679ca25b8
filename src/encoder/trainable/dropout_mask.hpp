// Which elements dropout keeps, from a hash of seed, layer, place and text: no state, so a mask is drawn again at will.
//
// The hash of an element is a 32-bit mixer with low bias (C. Wellons' "lowbias32" constants) over its row's key and its
// column. Vectors are GCC's and clang's own, which every instruction set has in some width.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace persona4rec {

// One place of dropout in one pass. rate 0 = everything is kept.
struct DropoutSite {
  std::uint32_t key = 0;
  double rate = 0;
  [[nodiscard]] DropoutSite part(std::uint32_t index) const;  // the index-th place inside, e.g. a head
  [[nodiscard]] float kept_scale() const { return static_cast<float>(1 / (1 - rate)); }
  // An element is kept when the upper 31 bits of its hash reach this.
  [[nodiscard]] std::int32_t threshold() const { return static_cast<std::int32_t>(rate * 2147483648.0); }
};

constexpr std::uint32_t mix32(std::uint32_t x) {
  x ^= x >> 16U;
  x *= 0x21f0aaadU;
  x ^= x >> 15U;
  x *= 0x735a2d97U;
  return x ^ (x >> 15U);
}

inline DropoutSite DropoutSite::part(std::uint32_t index) const {
  return {.key = mix32(key + 0x9E3779B9U * (index + 1)), .rate = rate};
}

// The sites of a layer of a pass.
inline DropoutSite dropout_site(std::uint64_t seed, std::size_t layer, double rate) {
  const std::uint32_t low = mix32(static_cast<std::uint32_t>(seed) + 0x85EBCA6BU);
  const std::uint32_t high = mix32(static_cast<std::uint32_t>(seed >> 32U) ^ low);
  return {.key = mix32(high + 0x9E3779B9U * static_cast<std::uint32_t>(layer + 1)), .rate = rate};
}

}  // namespace persona4rec
