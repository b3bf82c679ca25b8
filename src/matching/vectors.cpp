#include "matching/vectors.hpp"

#include <algorithm>
#include <cmath>

#include "base/parallel.hpp"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace persona4rec {
namespace {

constexpr std::size_t kUnitsPerTask = 1024;
constexpr std::size_t kLanes = 8;  // partial sums of dot in a fixed order: the same bits everywhere

// The loops over elements of `dot` and VectorSum::add, for as many as their vectors fill; returns how many those are.
// Products of two floats are exact in double, so that fusing them into a sum changes nothing; scaled values are not,
// and the kernel that scales them is compiled for a processor that cannot fuse.
using DotFn = std::size_t (*)(const float* a, const float* b, std::size_t n, double* sums);
using AddFn = std::size_t (*)(const float* from, double factor, std::size_t n, double* to);

std::size_t plain_dot_lanes(const float* a, const float* b, std::size_t n, double* sums) {
  const std::size_t whole = n - n % kLanes;
  for (std::size_t i = 0; i < whole; i += kLanes) {
    for (std::size_t k = 0; k < kLanes; ++k) sums[k] += static_cast<double>(a[i + k]) * static_cast<double>(b[i + k]);
  }
  return whole;
}

std::size_t plain_add(const float* from, double factor, std::size_t n, double* to) {
  for (std::size_t i = 0; i < n; ++i) to[i] += factor * static_cast<double>(from[i]);
  return n;
}

#if defined(__x86_64__)

__attribute__((target("avx2,fma"))) std::size_t avx2_dot_lanes(const float* a, const float* b, std::size_t n,
                                                               double* sums) {
  __m256d low = _mm256_setzero_pd();
  __m256d high = _mm256_setzero_pd();
  const std::size_t whole = n - n % kLanes;
  for (std::size_t i = 0; i < whole; i += kLanes) {
    low = _mm256_fmadd_pd(_mm256_cvtps_pd(_mm_loadu_ps(a + i)), _mm256_cvtps_pd(_mm_loadu_ps(b + i)), low);
    high = _mm256_fmadd_pd(_mm256_cvtps_pd(_mm_loadu_ps(a + i + 4)), _mm256_cvtps_pd(_mm_loadu_ps(b + i + 4)), high);
  }
  _mm256_storeu_pd(sums, low);
  _mm256_storeu_pd(sums + 4, high);
  return whole;
}

__attribute__((target("avx2"))) std::size_t avx2_add(const float* from, double factor, std::size_t n, double* to) {
  const __m256d scale = _mm256_set1_pd(factor);
  const std::size_t whole = n - n % 4;
  for (std::size_t i = 0; i < whole; i += 4) {
    const __m256d scaled = _mm256_mul_pd(scale, _mm256_cvtps_pd(_mm_loadu_ps(from + i)));
    _mm256_storeu_pd(to + i, _mm256_add_pd(_mm256_loadu_pd(to + i), scaled));
  }
  return whole;
}

#endif

DotFn find_dot() {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return avx2_dot_lanes;
#endif
  return plain_dot_lanes;
}

AddFn find_add() {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx2")) return avx2_add;
#endif
  return plain_add;
}

double length_of(std::span<const double> vector) {
  double sum = 0;
  for (const double value : vector) sum += value * value;
  return std::sqrt(sum);
}

void center_row(std::span<float> row, std::span<const float> mean, std::vector<double>& buffer) {
  if (is_missing(row)) return;
  for (std::size_t i = 0; i < row.size(); ++i) buffer[i] = static_cast<double>(row[i]) - static_cast<double>(mean[i]);
  write_unit(buffer, row);
}

}  // namespace

bool write_unit(std::span<const double> values, std::span<float> out) {
  const double length = length_of(values);
  const double factor = length < kMinLength ? 0 : 1 / length;
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = static_cast<float>(values[i] * factor);
  return factor != 0;
}

bool is_missing(std::span<const float> vector) {
  return std::all_of(vector.begin(), vector.end(), [](float value) { return value == 0; });
}

double dot(std::span<const float> a, std::span<const float> b) {
  static const DotFn kBest = find_dot();
  double sums[kLanes] = {};
  const std::size_t whole = kBest(a.data(), b.data(), a.size(), sums);
  for (std::size_t i = whole; i < a.size(); ++i) sums[0] += static_cast<double>(a[i]) * static_cast<double>(b[i]);
  double sum = 0;
  for (const double part : sums) sum += part;
  return sum;
}

void VectorSum::add(std::span<const float> vector, double factor) {
  static const AddFn kBest = find_add();
  const std::size_t done = kBest(vector.data(), factor, values_.size(), values_.data());
  plain_add(vector.data() + done, factor, values_.size() - done, values_.data() + done);
}

bool VectorSum::unit(std::span<float> out) const {
  return write_unit(values_, out);
}

std::vector<float> mean_of_rows(VectorsView vectors, std::span<const std::uint8_t> take) {
  VectorSum sum(vectors.dimensions);
  std::size_t count = 0;
  for (std::size_t i = 0; i < vectors.rows(); ++i) {
    if (take[i] == 0 || is_missing(vectors.row(i))) continue;
    sum.add(vectors.row(i));
    ++count;
  }
  std::vector<float> mean(vectors.dimensions, 0.0F);
  if (count == 0) return mean;
  const auto n = static_cast<double>(count);
  std::transform(sum.values().begin(), sum.values().end(), mean.begin(),
                 [n](double value) { return static_cast<float>(value / n); });
  return mean;
}

void center_rows(std::span<float> values, std::span<const float> mean, std::size_t threads) {
  const std::size_t dimensions = mean.size();
  if (dimensions == 0) return;
  parallel_ranges(values.size() / dimensions, kUnitsPerTask, threads, [&](std::size_t begin, std::size_t end) {
    std::vector<double> buffer(dimensions);
    for (std::size_t i = begin; i < end; ++i) center_row(values.subspan(i * dimensions, dimensions), mean, buffer);
  });
}

}  // namespace persona4rec
