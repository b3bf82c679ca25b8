#include "records/time.hpp"

#include <charconv>
#include <cmath>
#include <ctime>
#include <string>

namespace persona4rec {
namespace {

constexpr double kMaxMs = 253402300799999.0;  // 9999-12-31

std::optional<Timestamp> from_number(double value, std::string_view text, TimeUnit unit) {
  const double ms = unit == TimeUnit::kSeconds ? value * 1000.0 : value;
  if (!std::isfinite(ms) || std::abs(ms) > kMaxMs) return std::nullopt;
  return Timestamp{.ms = static_cast<std::int64_t>(std::llround(ms)), .text = std::string(text), .is_string = false};
}

std::optional<std::int64_t> parse_date(const std::string& text, const char* format) {
  std::tm parts = {};
  parts.tm_mday = 1;
  const char* end = strptime(text.c_str(), format, &parts);
  if (end == nullptr || *end != '\0') return std::nullopt;
  return static_cast<std::int64_t>(timegm(&parts)) * 1000;
}

}  // namespace

std::optional<Timestamp> parse_time_number(std::string_view digits, const TimeFormat& format) {
  double value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
  return from_number(value, digits, format.unit);
}

std::optional<Timestamp> parse_time_string(std::string_view text, const TimeFormat& format) {
  const std::string copy(text);
  const auto made = [&](std::int64_t ms) { return Timestamp{.ms = ms, .text = copy, .is_string = true}; };
  if (format.unit == TimeUnit::kFormat) {
    if (const auto ms = parse_date(copy, format.format.c_str())) return made(*ms);
  }
  for (const char* known : {"%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d"}) {
    if (const auto ms = parse_date(copy, known)) return made(*ms);
  }
  auto number = parse_time_number(text, format);
  if (number) number->is_string = true;
  return number;
}

}  // namespace persona4rec
