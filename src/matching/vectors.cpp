#include "matching/vectors.hpp"

#include <algorithm>
#include <cmath>

#include "base/parallel.hpp"

namespace persona4rec {
namespace {

constexpr std::size_t kUnitsPerTask = 1024;

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
  constexpr std::size_t kLanes = 8;  // partial sums in a fixed order: vectorised, and the same bits everywhere
  double sums[kLanes] = {};
  const std::size_t whole = a.size() - a.size() % kLanes;
  for (std::size_t i = 0; i < whole; i += kLanes) {
    for (std::size_t k = 0; k < kLanes; ++k) sums[k] += static_cast<double>(a[i + k]) * static_cast<double>(b[i + k]);
  }
  for (std::size_t i = whole; i < a.size(); ++i) sums[0] += static_cast<double>(a[i]) * static_cast<double>(b[i]);
  double sum = 0;
  for (const double part : sums) sum += part;
  return sum;
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
