#include "matching/fusion.hpp"

#include <algorithm>
#include <cmath>

namespace persona4rec {

namespace {

// A power of two that brings values whose sum or squares would leave the range of a double near 1; 1 for all others. z
// does not change by it: such a product is exact.
double scale_for(double largest) {
  constexpr double kLargest = 1e100;
  constexpr double kSmallest = 1e-100;
  if (largest == 0 || (largest <= kLargest && largest >= kSmallest)) return 1;
  return std::ldexp(1.0, std::clamp(-std::ilogb(largest), -1000, 1000));
}

}  // namespace

void standardize(std::span<const double> values, std::span<double> z) {
  double largest = 0;
  for (const double value : values) {
    if (!std::isnan(value)) largest = std::max(largest, std::abs(value));
  }
  const double scale = scale_for(largest);
  double sum = 0;
  std::size_t count = 0;
  for (const double value : values) {
    if (std::isnan(value)) continue;
    sum += value * scale;
    ++count;
  }
  const double mean = count == 0 ? 0 : sum / static_cast<double>(count);
  double squares = 0;
  for (const double value : values) {
    if (!std::isnan(value)) squares += (value * scale - mean) * (value * scale - mean);
  }
  const double deviation = count == 0 ? 0 : std::sqrt(squares / static_cast<double>(count));
  const double factor = deviation <= kFlatChannel * largest * scale ? 0 : 1 / deviation;
  for (std::size_t i = 0; i < values.size(); ++i)
    z[i] = std::isnan(values[i]) ? 0 : (values[i] * scale - mean) * factor;
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
