#include "llm/http/retry.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <random>

#include "base/utf8.hpp"
#include "llm/transport/late_curl.hpp"

namespace persona4rec {
namespace {

// A plain number >= 0; moves `text` behind it.
std::optional<double> take_number(std::string_view& text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
  if (error != std::errc() || !std::isfinite(value) || value < 0) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return value;
}

std::optional<double> take_unit_s(std::string_view& text) {
  // "ms" before "m".
  constexpr std::pair<std::string_view, double> kUnits[] = {{"ms", 1e-3}, {"us", 1e-6}, {"d", 86400},
                                                            {"h", 3600},  {"m", 60},    {"s", 1}};
  for (const auto& [name, seconds] : kUnits) {
    if (!text.starts_with(name)) continue;
    text.remove_prefix(name.size());
    return seconds;
  }
  return std::nullopt;
}

// Go's durations: "6m0s", "1h2m3.5s", "20ms".
std::optional<double> parse_duration_s(std::string_view text) {
  double total = 0;
  while (!text.empty()) {
    const auto number = take_number(text);
    const auto unit = take_unit_s(text);
    if (!number || !unit) return std::nullopt;
    total += *number * *unit;
  }
  return total;
}

// A number alone: seconds, or a time since 1970 where it can be nothing else.
double bare_number_s(double value, double now_unix_s) {
  constexpr double kSeconds = 1e9;
  constexpr double kMilliseconds = 1e12;
  if (value >= kMilliseconds) return value / 1e3 - now_unix_s;
  return value >= kSeconds ? value - now_unix_s : value;
}

std::optional<double> parse_date_s(std::string_view text, double now_unix_s) {
  std::string date(text);
  double fraction_s = 0;
  if (date.size() > 10 && date[4] == '-' &&
      date[10] == 'T') {  // ISO 8601, which curl reads with a space, whole seconds
    date[10] = ' ';
    if (const auto point = date.find('.', 11); point != std::string::npos) {
      date.erase(point, date.find_first_not_of("0123456789", point + 1) - point);
      fraction_s = 1;  // rather later than sooner
    }
    if (date.back() == 'Z') date.replace(date.size() - 1, 1, " GMT");
    date.erase(std::remove(date.begin() + 4, date.begin() + 10, '-'), date.begin() + 10);  // 20040912 10:01:01 GMT
  }
  const time_t when = curl_getdate(date.c_str(), nullptr);
  if (when < 0) return std::nullopt;
  return static_cast<double>(when) + fraction_s - now_unix_s;
}

// The header that says how much is left under the limit whose reset `name` announces.
std::string remaining_name(std::string_view name) {
  std::string remaining(name);
  const auto at = remaining.find("reset");
  return remaining.replace(at, 5, "remaining");
}

bool is_reset(std::string_view name) {
  return name.starts_with("x-ratelimit-reset") ||
         (name.starts_with("anthropic-ratelimit-") && name.ends_with("-reset"));
}

bool has_some_left(const HttpHeaders& headers, std::string_view reset_name) {
  const auto left = find_header(headers, remaining_name(reset_name));
  if (!left) return false;
  std::string_view text = trim(*left);
  const auto number = take_number(text);
  return number && *number > 0;
}

struct Demand {
  const HttpHeaders& headers;
  bool rate_limited;
  double now_unix_s;
};

std::optional<double> wait_of(const Demand& demand, const std::string& name, std::string_view value) {
  const double now_unix_s = demand.now_unix_s;
  if (name == "retry-after") return parse_wait_s(value, now_unix_s);
  if (name == "retry-after-ms") {
    const auto milliseconds = parse_wait_s(value, now_unix_s);
    return milliseconds ? std::optional(*milliseconds / 1e3) : std::nullopt;
  }
  if (demand.rate_limited && is_reset(name) && !has_some_left(demand.headers, name))
    return parse_wait_s(value, now_unix_s);
  return std::nullopt;
}

}  // namespace

std::optional<std::string_view> find_header(const HttpHeaders& headers, std::string_view name) {
  for (const auto& [each, value] : headers)
    if (each == name) return value;
  return std::nullopt;
}

std::optional<double> parse_wait_s(std::string_view value, double now_unix_s) {
  value = trim(value);
  if (value.empty()) return std::nullopt;
  std::string_view rest = value;
  const auto number = take_number(rest);
  std::optional<double> wait;
  if (number && rest.empty()) wait = bare_number_s(*number, now_unix_s);
  if (!wait) wait = parse_duration_s(value);
  if (!wait) wait = parse_date_s(value, now_unix_s);
  return wait ? std::optional(std::max(*wait, 0.0)) : std::nullopt;
}

std::optional<double> demanded_wait_s(int http_status, const HttpHeaders& headers, double now_unix_s) {
  double server_now = now_unix_s;  // a wrong clock on either side must not shorten the wait
  if (const auto date = find_header(headers, "date"))
    if (const time_t when = curl_getdate(std::string(*date).c_str(), nullptr); when >= 0)
      server_now = static_cast<double>(when);
  const Demand demand{.headers = headers, .rate_limited = http_status == 429, .now_unix_s = server_now};
  std::optional<double> longest;
  for (const auto& [name, value] : headers)
    if (const auto wait = wait_of(demand, name, value)) longest = std::max(longest.value_or(0), *wait);
  return longest;
}

Backoff::Backoff() : rng_(std::random_device{}()) {}

double Backoff::next_s(std::uint64_t failures) {
  const double exponent = static_cast<double>(std::min<std::uint64_t>(failures, 30));
  return rng_.uniform() * std::min(kCapS, kBaseS * std::exp2(exponent));
}

bool is_transient(int http_status) {
  return http_status == 408 || http_status == 409 || http_status == 425 || http_status == 429 || http_status >= 500;
}

}  // namespace persona4rec
