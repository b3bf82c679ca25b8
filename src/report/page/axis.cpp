#include "report/page/axis.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "base/format.hpp"

namespace persona4rec {
namespace {

double round_step(double span, int count) {
  const double rough = span / std::max(count, 1);
  const double power = std::pow(10.0, std::floor(std::log10(rough)));
  for (const double factor : {1.0, 2.0, 5.0}) {
    if (factor * power >= rough * (1 - 1e-9)) return factor * power;
  }
  return 10 * power;
}

}  // namespace

std::vector<double> round_ticks(double low, double high, int count) {
  if (!(high > low)) high = low + (low == 0 ? 1 : std::abs(low));
  const double step = round_step(high - low, count);
  const double first = std::floor(low / step + 1e-9);
  const auto count_of_steps = std::llround(std::ceil(high / step - 1e-9) - first);
  std::vector<double> ticks;
  for (std::int64_t i = 0; i <= count_of_steps; ++i) ticks.push_back((first + static_cast<double>(i)) * step);
  return ticks;
}

std::vector<double> log_ticks(double low, double high) {
  std::vector<double> ticks{low};
  for (int exponent = 0; std::pow(10.0, exponent) <= high; ++exponent) {
    for (const double factor : {1.0, 2.0, 5.0}) {
      if (const double tick = factor * std::pow(10.0, exponent); tick > low && tick < high) ticks.push_back(tick);
    }
  }
  if (high > low) {
    if (ticks.size() > 1 && ticks.back() > high / 1.3) ticks.pop_back();  // their texts would touch
    ticks.push_back(high);
  }
  return ticks;
}

std::string tick_text(double value, double step) {
  const int digits = step >= 1 ? 0 : static_cast<int>(std::ceil(-std::log10(step) - 1e-9));
  if (std::abs(value) < step * 1e-6) return "0";
  if (digits == 0 && std::abs(value) >= 1000) {
    return (value < 0 ? "-" : "") + with_commas(static_cast<std::uint64_t>(std::llround(std::abs(value))));
  }
  return fixed_text(value, digits);
}

std::string coordinate(double value) {
  std::string text = fixed_text(value, 1);
  if (text.ends_with(".0")) text.resize(text.size() - 2);
  return text == "-0" ? "0" : text;
}

double Axis::at(double value) const {
  const double share = logarithmic ? std::log(value / low) / std::log(high / low) : (value - low) / (high - low);
  return high == low ? (from + to) / 2 : from + share * (to - from);
}

}  // namespace persona4rec
