// When to try again: what a service's headers demand, and exponential backoff with full jitter.
// Thread-safety: functions are re-entrant; a Backoff belongs to one thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/rng.hpp"

namespace persona4rec {

// Names in lower case, in the order received.
using HttpHeaders = std::vector<std::pair<std::string, std::string>>;

[[nodiscard]] std::optional<std::string_view> find_header(const HttpHeaders& headers, std::string_view name);

// Seconds that a header value asks to wait: "20", "1.5", "350ms", "6m0s", "1h2m3.5s", an HTTP date, an ISO 8601 date,
// seconds or milliseconds since 1970. Dates count from `now_unix_s`, the service's own clock where it sent a Date.
// Never negative; nothing for anything else.
[[nodiscard]] std::optional<double> parse_wait_s(std::string_view value, double now_unix_s);

// Seconds before the next request, as the longest of: Retry-After, retry-after-ms and, where a rate limit was hit
// (status 429), every x-ratelimit-reset-* (and anthropic-ratelimit-*-reset) unless its *-remaining-* says that
// something is left. Nothing = no demand.
[[nodiscard]] std::optional<double> demanded_wait_s(int http_status, const HttpHeaders& headers, double now_unix_s);

// A service that asks to wait longer ends the run, to be resumed.
inline constexpr double kLongestWaitS = 3600;

// "Exponential Backoff And Jitter" (AWS, 2015), full jitter: uniform in [0, min(cap, base * 2^failures)).
class Backoff {
 public:
  static constexpr double kBaseS = 0.5;
  static constexpr double kCapS = 15;

  // Seeded by chance: jitter must differ between machines, and nothing that is written depends on it.
  Backoff();
  explicit Backoff(std::uint64_t seed) : rng_(seed) {}
  // `failures`: how many there were before this one.
  [[nodiscard]] double next_s(std::uint64_t failures);

 private:
  Rng rng_;
};

// Whether a request that failed with this status may be repeated: 408, 409, 425, 429 and 5xx.
[[nodiscard]] bool is_transient(int http_status);

}  // namespace persona4rec
