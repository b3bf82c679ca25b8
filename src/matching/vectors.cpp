#include "matching/vectors.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <tuple>

#include "base/parallel.hpp"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace persona4rec {
namespace {

constexpr std::size_t kUnitsPerTask = 1024;
constexpr std::size_t kRowsBeside = 4;
constexpr std::size_t kFloatsPerLine = 16;  // of a processor's cache
constexpr std::size_t kLanes = 8;           // partial sums of dot in a fixed order: the same bits everywhere

// The loops over elements of `dot` and VectorSum::add, for as many as their vectors fill; returns how many those are.
// Products of two floats are exact in double, so that fusing them into a sum changes nothing; scaled values are not,
// and the kernel that scales them is compiled for a processor that cannot fuse.
using DotFn = std::size_t (*)(const float* a, const float* b, std::size_t n, double* sums);
using AddFn = std::size_t (*)(const float* from, double factor, std::size_t n, double* to);
using Rows = std::array<const float*, 4>;  // added to an element in this order
using AddRowsFn = std::size_t (*)(const Rows& from, const Rows& next, std::size_t n, double* to);

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

std::size_t plain_add_rows(const Rows& from, const Rows& /*next*/, std::size_t n, double* to) {
  for (const auto* row : from) plain_add(row, 1, n, to);
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

// Rows lie anywhere: those that come after are asked for meanwhile.
__attribute__((target("avx2"))) std::size_t avx2_add_rows(const Rows& from, const Rows& next, std::size_t n,
                                                          double* to) {
  const std::size_t whole = n - n % kLanes;
  for (std::size_t i = 0; i < whole; i += kLanes) {
    __m256d low = _mm256_loadu_pd(to + i);
    __m256d high = _mm256_loadu_pd(to + i + 4);
    if (i % kFloatsPerLine == 0) {
      for (const auto* row : next) _mm_prefetch(reinterpret_cast<const char*>(row + i), _MM_HINT_T0);
    }
    for (const auto* row : from) {
      low = _mm256_add_pd(low, _mm256_cvtps_pd(_mm_loadu_ps(row + i)));
      high = _mm256_add_pd(high, _mm256_cvtps_pd(_mm_loadu_ps(row + i + 4)));
    }
    _mm256_storeu_pd(to + i, low);
    _mm256_storeu_pd(to + i + 4, high);
  }
  return whole;
}

#endif

struct VectorLoops {
  DotFn dot = plain_dot_lanes;
  AddFn add = plain_add;
  AddRowsFn add_rows = plain_add_rows;
};

// The fastest ones of this processor.
VectorLoops find_loops() {
  VectorLoops best;
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (!__builtin_cpu_supports("avx2")) return best;
  best.add = avx2_add;
  best.add_rows = avx2_add_rows;
  if (__builtin_cpu_supports("fma")) best.dot = avx2_dot_lanes;
#endif
  return best;
}

const VectorLoops& loops() {
  static const VectorLoops kBest = find_loops();
  return kBest;
}

double length_of(std::span<const double> vector) {
  double sum = 0;
  for (const double value : vector) sum += value * value;
  return std::sqrt(sum);
}

// Of some rows, each sum in the order of its elements.
std::array<double, kRowsBeside> squares_of(const std::array<std::span<const double>, kRowsBeside>& rows) {
  std::array<double, kRowsBeside> sums{};
  for (std::size_t i = 0; i < rows[0].size(); ++i) {
    for (std::size_t k = 0; k < kRowsBeside; ++k) sums[k] += rows[k][i] * rows[k][i];
  }
  return sums;
}

bool write_by_length(std::span<const double> values, double length, std::span<float> out) {
  const double factor = length < kMinLength ? 0 : 1 / length;
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = static_cast<float>(values[i] * factor);
  return factor != 0;
}

void center_row(std::span<float> row, std::span<const float> mean, std::vector<double>& buffer) {
  if (is_missing(row)) return;
  for (std::size_t i = 0; i < row.size(); ++i) buffer[i] = static_cast<double>(row[i]) - static_cast<double>(mean[i]);
  write_unit(buffer, row);
}

}  // namespace

bool write_unit(std::span<const double> values, std::span<float> out) {
  return write_by_length(values, length_of(values), out);
}

void write_units(std::span<const double> values, std::span<float> out, std::span<std::uint8_t> found) {
  if (found.empty()) return;
  const std::size_t n = values.size() / found.size();
  for (std::size_t row = 0; row < found.size(); row += kRowsBeside) {
    std::array<std::span<const double>, kRowsBeside> rows;  // the last again where fewer are left
    for (std::size_t k = 0; k < kRowsBeside; ++k) rows[k] = values.subspan(std::min(row + k, found.size() - 1) * n, n);
    const auto squares = squares_of(rows);
    for (std::size_t k = 0; k < kRowsBeside && row + k < found.size(); ++k) {
      found[row + k] = write_by_length(rows[k], std::sqrt(squares[k]), out.subspan((row + k) * n, n)) ? 1 : 0;
    }
  }
}

void prefetch(std::span<const float> vector) {
  for (std::size_t i = 0; i < vector.size(); i += kFloatsPerLine) __builtin_prefetch(vector.data() + i);
}

bool is_missing(std::span<const float> vector) {
  return std::all_of(vector.begin(), vector.end(), [](float value) { return value == 0; });
}

double dot(std::span<const float> a, std::span<const float> b) {
  double sums[kLanes] = {};
  const std::size_t whole = loops().dot(a.data(), b.data(), a.size(), sums);
  for (std::size_t i = whole; i < a.size(); ++i) sums[0] += static_cast<double>(a[i]) * static_cast<double>(b[i]);
  double sum = 0;
  for (const double part : sums) sum += part;
  return sum;
}

void VectorSum::add(std::span<const float> vector, double factor) {
  const std::size_t done = loops().add(vector.data(), factor, values_.size(), values_.data());
  plain_add(vector.data() + done, factor, values_.size() - done, values_.data() + done);
}

void VectorSum::add_rows(VectorsView vectors, std::span<const std::uint32_t> rows) {
  constexpr std::size_t kAtOnce = std::tuple_size_v<Rows>;
  const auto take = [&](std::size_t first) {
    Rows taken{};
    for (std::size_t k = 0; k < kAtOnce; ++k) {
      taken[k] = vectors.row(rows[std::min(first + k, rows.size() - 1)]).data();
    }
    return taken;
  };
  std::size_t at = 0;
  for (; at + kAtOnce <= rows.size(); at += kAtOnce) {
    const Rows from = take(at);
    const std::size_t done = loops().add_rows(from, take(at + kAtOnce), values_.size(), values_.data());
    for (const auto* row : from) plain_add(row + done, 1, values_.size() - done, values_.data() + done);
  }
  for (; at < rows.size(); ++at) add(vectors.row(rows[at]));
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
