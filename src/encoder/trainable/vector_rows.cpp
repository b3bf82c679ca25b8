#include "encoder/trainable/vector_rows.hpp"

#include <cmath>
#include <cstring>
#include <limits>

// Vectors are never passed between functions that were compiled for different instruction sets: all are inlined.
#pragma GCC diagnostic ignored "-Wpsabi"
#define P4R_INLINE inline __attribute__((always_inline))

namespace persona4rec {
namespace {

constexpr std::size_t kLanes = 16;
using Floats = float __attribute__((vector_size(kLanes * sizeof(float))));
using Ints = std::int32_t __attribute__((vector_size(kLanes * sizeof(float))));
using Words = std::uint32_t __attribute__((vector_size(kLanes * sizeof(float))));

constexpr float kLog2e = 1.44269504088896341F;

P4R_INLINE Ints lanes() {
  return Ints{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
}
P4R_INLINE Floats load(const float* from) {
  Floats value;
  std::memcpy(&value, from, sizeof(value));
  return value;
}
P4R_INLINE void store(float* to, const Floats& value) {
  std::memcpy(to, &value, sizeof(value));
}
P4R_INLINE Floats load_part(const float* from, std::size_t count) {
  Floats value{};
  std::memcpy(&value, from, count * sizeof(float));
  return value;
}
P4R_INLINE void store_part(float* to, const Floats& value, std::size_t count) {
  std::memcpy(to, &value, count * sizeof(float));
}
P4R_INLINE Floats all(float value) {
  return Floats{} + value;
}
P4R_INLINE float largest(const Floats& values) {
  float result = values[0];
  for (std::size_t i = 1; i < kLanes; ++i) result = values[i] > result ? values[i] : result;
  return result;
}
P4R_INLINE float sum_of(const Floats& values) {
  float result = 0;
  for (std::size_t i = 0; i < kLanes; ++i) result += values[i];
  return result;
}

// 2^x for x <= 0 (or hardly above), relative error below 2e-7: the polynomial of Cephes' exp2f on [-1/2, 1/2].
P4R_INLINE Floats exp2_of(const Floats& value) {
  const Floats x = value < -126.0F ? all(-126.0F) : value;
  const Ints whole = __builtin_convertvector(x - 0.5F, Ints);  // x <= 0: to the nearest
  const Floats rest = x - __builtin_convertvector(whole, Floats);
  Floats y = all(1.535336188319500e-4F);
  y = y * rest + 1.339887440266574e-3F;
  y = y * rest + 9.618437357674640e-3F;
  y = y * rest + 5.550332471162809e-2F;
  y = y * rest + 2.402264791363012e-1F;
  y = y * rest + 6.931472028550421e-1F;
  y = y * rest + 1.0F;
  const Ints power = (whole + 127) << 23;
  Floats factor;
  std::memcpy(&factor, &power, sizeof(factor));
  return y * factor;
}

struct Mask {
  std::uint32_t row;  // mixed key of site and row
  std::int32_t threshold;
  float scale;
  // Of the 16 columns from `column` on: 1 / (1 - rate) where kept, else 0.
  P4R_INLINE Floats at(std::size_t column) const {
    Words hash = __builtin_convertvector(lanes() + static_cast<std::int32_t>(column), Words) * 0x9E3779B9U + row;
    hash ^= hash >> 16;
    hash *= 0x21f0aaadU;
    hash ^= hash >> 15;
    hash *= 0x735a2d97U;
    hash ^= hash >> 15;
    const Ints drawn = __builtin_convertvector(hash >> 1, Ints);
    return drawn >= threshold ? all(scale) : Floats{};
  }
};

P4R_INLINE Mask mask_of(const DropoutSite& site, std::uint32_t key) {
  return {.row = mix32(key ^ site.key), .threshold = site.threshold(), .scale = site.kept_scale()};
}

// Calls body(column, vector load, vector store) for whole vectors, then for the rest of the row.
template <class Body>
P4R_INLINE void for_columns(std::size_t columns, const Body& body) {
  std::size_t column = 0;
  for (; column + kLanes <= columns; column += kLanes) body(column, kLanes);
  if (column < columns) body(column, columns - column);
}
P4R_INLINE Floats load_at(const float* from, std::size_t count) {
  return count == kLanes ? load(from) : load_part(from, count);
}
P4R_INLINE void store_at(float* to, const Floats& value, std::size_t count) {
  count == kLanes ? store(to, value) : store_part(to, value, count);
}

P4R_INLINE float forward_row(const AttentionRow& row, const DropoutSite& site) {
  const float scale = row.scale * kLog2e;
  Floats best = all(-std::numeric_limits<float>::infinity());
  for_columns(row.columns, [&](std::size_t column, std::size_t count) __attribute__((always_inline)) {
    const Floats value = load_at(row.scores + column, count);
    const Floats greater = value > best ? value : best;
    best = lanes() < static_cast<std::int32_t>(count) ? greater : best;
  });
  const float shift = largest(best) * scale;
  Floats sums{};
  for_columns(row.columns, [&](std::size_t column, std::size_t count) __attribute__((always_inline)) {
    const Floats power = exp2_of(load_at(row.scores + column, count) * scale - shift);
    sums += lanes() < static_cast<std::int32_t>(count) ? power : Floats{};
    store_at(row.scores + column, power, count);
  });
  const float sum = sum_of(sums);
  const float factor = 1 / sum;
  const Mask mask = mask_of(site, row.key);
  for_columns(row.columns, [&](std::size_t column, std::size_t count) __attribute__((always_inline)) {
    Floats value = load_at(row.scores + column, count) * factor;
    if (site.rate > 0) value *= mask.at(column);
    store_at(row.scores + column, value, count);
  });
  return shift + std::log2(sum);
}

P4R_INLINE void backward_row(const AttentionRow& row, const DropoutSite& site, float log2_sum, float delta) {
  const float scale = row.scale * kLog2e;
  const Mask mask = mask_of(site, row.key);
  for_columns(row.columns, [&](std::size_t column, std::size_t count) __attribute__((always_inline)) {
    const Floats probability = exp2_of(load_at(row.scores + column, count) * scale - log2_sum);
    const Floats kept = site.rate > 0 ? mask.at(column) : all(1.0F);
    const Floats gradient = load_at(row.gradients + column, count);
    store_at(row.scores + column, probability * kept, count);
    store_at(row.gradients + column, probability * (gradient * kept - delta) * row.scale, count);
  });
}

P4R_INLINE void drop_row(const float* in, const float* add, float* out, std::size_t columns, const Mask& mask) {
  for_columns(columns, [&](std::size_t column, std::size_t count) __attribute__((always_inline)) {
    Floats value = load_at(in + column, count) * mask.at(column);
    if (add != nullptr) value += load_at(add + column, count);
    store_at(out + column, value, count);
  });
}

#if defined(__x86_64__)
#define P4R_AVX512 __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx2,fma")))
#define P4R_AVX2 __attribute__((target("avx2,fma")))

P4R_AVX512 float forward_avx512(const AttentionRow& row, const DropoutSite& site) {
  return forward_row(row, site);
}
P4R_AVX2 float forward_avx2(const AttentionRow& row, const DropoutSite& site) {
  return forward_row(row, site);
}
P4R_AVX512 void backward_avx512(const AttentionRow& row, const DropoutSite& site, float log2_sum, float delta) {
  backward_row(row, site, log2_sum, delta);
}
P4R_AVX2 void backward_avx2(const AttentionRow& row, const DropoutSite& site, float log2_sum, float delta) {
  backward_row(row, site, log2_sum, delta);
}
P4R_AVX512 void drop_avx512(const float* in, const float* add, float* out, std::size_t columns, const Mask& mask) {
  drop_row(in, add, out, columns, mask);
}
P4R_AVX2 void drop_avx2(const float* in, const float* add, float* out, std::size_t columns, const Mask& mask) {
  drop_row(in, add, out, columns, mask);
}
#endif

float forward_plain(const AttentionRow& row, const DropoutSite& site) {
  return forward_row(row, site);
}
void backward_plain(const AttentionRow& row, const DropoutSite& site, float log2_sum, float delta) {
  backward_row(row, site, log2_sum, delta);
}
void drop_plain(const float* in, const float* add, float* out, std::size_t columns, const Mask& mask) {
  drop_row(in, add, out, columns, mask);
}

struct Loops {
  decltype(&forward_plain) forward = forward_plain;
  decltype(&backward_plain) backward = backward_plain;
  decltype(&drop_plain) drop = drop_plain;
};

Loops best_loops() {
#if defined(__x86_64__)
  const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  const bool avx512 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                      __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
  if (avx2 && avx512) return {forward_avx512, backward_avx512, drop_avx512};
  if (avx2) return {forward_avx2, backward_avx2, drop_avx2};
#endif
  return {};
}

const Loops& loops() {
  static const Loops kFound = best_loops();
  return kFound;
}

}  // namespace

float attention_forward_row(const AttentionRow& row, const DropoutSite& site) {
  return loops().forward(row, site);
}

void attention_backward_row(const AttentionRow& row, const DropoutSite& site, float log2_sum, float delta) {
  loops().backward(row, site, log2_sum, delta);
}

void dropout_row(const float* in, const float* add, float* out, std::size_t columns, std::uint32_t key,
                 const DropoutSite& site) {
  loops().drop(in, add, out, columns, mask_of(site, key));
}

}  // namespace persona4rec
