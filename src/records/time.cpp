#include "records/time.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>
#include <ctime>

#include "base/ascii.hpp"
#include "base/clock.hpp"
#include "base/utf8.hpp"

namespace persona4rec {
namespace {

constexpr std::int64_t kMaxMs = 253402300799999;  // 9999-12-31
constexpr std::int64_t kMs = 1000;
constexpr std::int64_t kDayS = 86400;

std::optional<Timestamp> from_number(double value, std::string_view text, TimeUnit unit) {
  const double ms = unit == TimeUnit::kSeconds ? value * kMs : value;
  if (!std::isfinite(ms) || std::abs(ms) > static_cast<double>(kMaxMs)) return std::nullopt;
  return Timestamp{.ms = static_cast<std::int64_t>(std::llround(ms)), .text = std::string(text), .is_string = false};
}

std::optional<Timestamp> plain_number(std::string_view digits, TimeUnit unit) {
  double value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
  return from_number(value, digits, unit);
}

// Fields of a broken-down time to milliseconds; nothing when the calendar or the clock does not have them.
std::optional<std::int64_t> ms_of(const std::tm& parts, std::int64_t offset_s) {
  namespace chr = std::chrono;
  const chr::year_month_day day{chr::year(parts.tm_year + 1900), chr::month(static_cast<unsigned>(parts.tm_mon + 1)),
                                chr::day(static_cast<unsigned>(parts.tm_mday))};
  constexpr int kLeapSecond = 60;
  if (!day.ok() || parts.tm_hour > 23 || parts.tm_min > 59 || parts.tm_sec > kLeapSecond) return std::nullopt;
  const std::int64_t days = chr::sys_days(day).time_since_epoch().count();
  const std::int64_t ms = (days * kDayS + parts.tm_hour * 3600LL + parts.tm_min * 60LL + parts.tm_sec - offset_s) * kMs;
  return std::abs(ms) > kMaxMs ? std::nullopt : std::optional(ms);
}

// Reads ISO 8601 from left to right.
class IsoReader {
 public:
  explicit IsoReader(std::string_view text) : rest_(trim(text)) {}

  std::optional<std::int64_t> read() {
    std::tm parts = {};
    const bool has_date = digits(4, 4, parts.tm_year) && take('-') && digits(1, 2, parts.tm_mon) && take('-') &&
                          digits(1, 2, parts.tm_mday);
    if (!has_date) return std::nullopt;
    parts.tm_year -= 1900;
    parts.tm_mon -= 1;
    std::int64_t fraction_ms = 0;
    std::int64_t offset_s = 0;
    if (!rest_.empty() && !(clock(parts, fraction_ms) && offset(offset_s))) return std::nullopt;
    const auto ms = ms_of(parts, offset_s);
    return rest_.empty() && ms ? std::optional(*ms + fraction_ms) : std::nullopt;
  }

 private:
  bool clock(std::tm& parts, std::int64_t& fraction_ms) {
    if (!take('T') && !take('t') && !take(' ')) return false;
    rest_ = trim(rest_);
    if (!(digits(1, 2, parts.tm_hour) && take(':') && digits(1, 2, parts.tm_min))) return false;
    if (!take(':')) return true;
    return digits(1, 2, parts.tm_sec) && fraction(fraction_ms);
  }

  // Digits beyond milliseconds are cut.
  bool fraction(std::int64_t& ms) {
    if (!take('.') && !take(',')) return true;
    std::size_t count = 0;
    for (std::int64_t unit = 100; !rest_.empty() && is_ascii_digit(rest_.front()); unit /= 10, ++count) {
      ms += unit * (rest_.front() - '0');
      rest_.remove_prefix(1);
    }
    return count > 0;
  }

  // "Z", "+01:00", "-0530", "+01"; none is UTC.
  bool offset(std::int64_t& seconds) {
    rest_ = trim(rest_);
    if (rest_.empty() || take('Z') || take('z')) return true;
    const bool west = rest_.front() == '-';
    if (!take('-') && !take('+')) return false;
    int hours = 0;
    int minutes = 0;
    if (!digits(2, 2, hours)) return false;
    take(':');
    if (!rest_.empty() && !digits(2, 2, minutes)) return false;
    if (hours > 14 || minutes > 59) return false;
    seconds = (hours * 3600LL + minutes * 60LL) * (west ? -1 : 1);
    return true;
  }

  bool take(char c) {
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }

  bool digits(std::size_t least, std::size_t most, int& value) {
    std::size_t count = 0;
    for (value = 0; count < most && count < rest_.size() && is_ascii_digit(rest_[count]); ++count) {
      value = value * 10 + (rest_[count] - '0');
    }
    rest_.remove_prefix(count);
    return count >= least;
  }

  std::string_view rest_;
};

// Where the conversion %<letter> stands in a strptime format; npos when it does not.
std::size_t find_conversion(std::string_view format, char letter) {
  for (std::size_t at = format.find('%'); at != std::string_view::npos && at + 1 < format.size();
       at = format.find('%', at + 2)) {
    if (format[at + 1] == letter) return at;
  }
  return std::string_view::npos;
}

// "%s" between literal text: strptime would read it in the machine's time zone.
std::optional<std::int64_t> parse_epoch(std::string_view text, std::string_view format, std::size_t at) {
  const auto before = format.substr(0, at);
  const auto behind = format.substr(at + 2);
  if (!text.starts_with(before) || !text.substr(before.size()).ends_with(behind)) return std::nullopt;
  text = text.substr(before.size(), text.size() - before.size() - behind.size());
  const auto time = plain_number(text, TimeUnit::kSeconds);
  return time ? std::optional(time->ms) : std::nullopt;
}

std::optional<std::int64_t> parse_by_format(const std::string& text, const std::string& format) {
  if (!time_format_problem(format).empty()) return std::nullopt;
  if (const auto at = find_conversion(format, 's'); at != std::string::npos) return parse_epoch(text, format, at);
  std::tm parts = {};
  parts.tm_mday = 1;
  const char* end = strptime(text.c_str(), format.c_str(), &parts);
  if (end == nullptr || end != text.c_str() + text.size()) return std::nullopt;
  return ms_of(parts, parts.tm_gmtoff);
}

}  // namespace

std::optional<Timestamp> parse_time_number(std::string_view digits, const TimeFormat& format) {
  if (format.unit != TimeUnit::kFormat) return plain_number(digits, format.unit);
  const auto ms = parse_by_format(std::string(digits), format.format);
  return ms ? std::optional(Timestamp{.ms = *ms, .text = std::string(digits), .is_string = false}) : std::nullopt;
}

std::optional<Timestamp> parse_time_string(std::string_view text, const TimeFormat& format) {
  const std::string copy(text);
  std::optional<std::int64_t> ms;
  if (format.unit == TimeUnit::kFormat) ms = parse_by_format(copy, format.format);
  if (!ms) ms = IsoReader(text).read();
  if (ms) return Timestamp{.ms = *ms, .text = copy, .is_string = true};
  if (format.unit == TimeUnit::kFormat) return std::nullopt;
  auto number = plain_number(text, format.unit);
  if (number) number->is_string = true;
  return number;
}

std::string time_format_problem(std::string_view format) {
  if (find_conversion(format, 'Z') != std::string_view::npos) {
    return "%Z: names of time zones are not read; write offsets as %z, or leave the name out of the files";
  }
  const auto at = find_conversion(format, 's');
  if (at == std::string_view::npos) return {};
  const bool alone = format.find('%') == at && format.find('%', at + 1) == std::string_view::npos;
  return alone ? "" : "%s (seconds since 1970) stands for a whole time: no other conversion may stand beside it";
}

std::string date_text(std::int64_t ms) {
  constexpr std::size_t kDateBytes = 10;
  return utc_text(std::floor(static_cast<double>(ms) / kMs)).substr(0, kDateBytes);
}

std::string span_text(const TimeSpan& span) {
  return span.empty() ? "" : date_text(span.first_ms) + " to " + date_text(span.last_ms);
}

std::string unit_doubt(const TimeSpan& span, const TimeFormat& format) {
  constexpr std::int64_t kYear1971 = 31536000000;
  constexpr std::int64_t kYear2100 = 4102444800000;
  if (span.empty() || format.unit == TimeUnit::kFormat || format.unit == TimeUnit::kNone) return {};
  if (span.first_ms >= kYear1971 && span.last_ms < kYear2100) return {};
  const bool seconds = format.unit == TimeUnit::kSeconds;
  return "times from " + span_text(span) + ", read as " + (seconds ? "seconds" : "milliseconds") +
         ": is timestamp-unit = \"" + (seconds ? "s" : "ms") + "\" of [schema.review] right?";
}

}  // namespace persona4rec
