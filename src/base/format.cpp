#include "base/format.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

namespace persona4rec {

std::string with_commas(std::uint64_t value) {
  std::string text = std::to_string(value);
  for (std::size_t i = text.size(); i > 3; i -= 3) text.insert(i - 3, ",");
  return text;
}

std::string number_text(const char* format, double value) {
  if (std::isnan(value)) return "--";
  std::array<char, 400> text{};  // a double has at most 309 digits before the point
  std::snprintf(text.data(), text.size(), format, value);
  return text.data();
}

std::string fixed_text(double value, int digits) {
  return number_text(("%." + std::to_string(digits) + "f").c_str(), value);
}

std::string duration_text(double seconds) {
  constexpr std::uint64_t kMinute = 60;
  constexpr std::uint64_t kHour = 60 * kMinute;
  constexpr std::uint64_t kDay = 24 * kHour;
  if (seconds > 0 && seconds < 9.95) return fixed_text(seconds, 1) + " s";
  const auto whole = static_cast<std::uint64_t>(std::llround(std::max(0.0, seconds)));
  const auto part = [](std::uint64_t value, const char* unit) { return std::to_string(value) + unit; };
  if (whole < kMinute) return part(whole, " s");
  if (whole < kHour) return part(whole / kMinute, " min ") + part(whole % kMinute, " s");
  if (whole < 2 * kDay) return part(whole / kHour, " h ") + part(whole % kHour / kMinute, " min");
  return part(whole / kDay, " d ") + part(whole % kDay / kHour, " h");
}

}  // namespace persona4rec
