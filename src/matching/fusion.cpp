#include "matching/fusion.hpp"

#include <algorithm>
#include <cmath>

namespace persona4rec {

namespace {

// Outside of these the squares of values leave the range of a double.
constexpr double kLeastSquared = 1e-150;
constexpr double kMostSquared = 1e150;

// By a power of two, which loses no bit and leaves z as it is.
void standardize_scaled(std::span<const double> values, double largest, std::span<double> z) {
  std::vector<double> scaled(values.begin(), values.end());
  for (double& value : scaled) value = std::scalbn(value, -std::ilogb(largest));
  standardize(scaled, z);
}

}  // namespace

void standardize(std::span<const double> values, std::span<double> z) {
  double sum = 0;
  double largest = 0;
  std::size_t count = 0;
  for (const double value : values) {
    if (std::isnan(value)) continue;
    sum += value;
    largest = std::max(largest, std::abs(value));
    ++count;
  }
  if (largest > kMostSquared || (largest < kLeastSquared && largest > 0)) {
    return standardize_scaled(values, largest, z);
  }
  const double mean = count == 0 ? 0 : sum / static_cast<double>(count);
  double squares = 0;
  for (const double value : values) {
    if (!std::isnan(value)) squares += (value - mean) * (value - mean);
  }
  const double deviation = count == 0 ? 0 : std::sqrt(squares / static_cast<double>(count));
  const double factor = deviation <= kFlatChannel * largest ? 0 : 1 / deviation;
  for (std::size_t i = 0; i < values.size(); ++i) z[i] = std::isnan(values[i]) ? 0 : (values[i] - mean) * factor;
}

void add_channel(std::span<const double> z, double weight, std::span<double> scores) {
  if (weight == 0) return;
  for (std::size_t i = 0; i < z.size(); ++i) scores[i] += weight * z[i];
}

double rank_score(std::size_t rank) {
  return -std::log(static_cast<double>(rank));
}

std::vector<std::uint32_t> order_by_score(std::span<const double> scores, std::span<const std::uint8_t> fixed) {
  std::vector<std::uint32_t> free;
  for (std::uint32_t i = 0; i < scores.size(); ++i) {
    if (fixed[i] == 0) free.push_back(i);
  }
  std::vector<std::uint32_t> order(scores.size());
  auto sorted = free;
  std::stable_sort(sorted.begin(), sorted.end(), [&](auto a, auto b) { return scores[a] > scores[b]; });
  for (std::uint32_t i = 0; i < order.size(); ++i) order[i] = i;
  for (std::size_t k = 0; k < free.size(); ++k) order[free[k]] = sorted[k];
  return order;
}

}  // namespace persona4rec
