// What a service's headers demand to wait.
#include "fuzz/fuzz_target.hpp"
#include "llm/http/retry.hpp"

namespace persona4rec {

FUZZ_TARGET(wait_headers) {
  const double now = 1'700'000'000;
  if (const auto wait = parse_wait_s(input, now); wait && !(*wait >= 0)) __builtin_trap();
  const std::string value(input);
  const HttpHeaders headers = {{"retry-after", value}, {"retry-after-ms", value}, {"x-ratelimit-reset-tokens", value}};
  if (const auto wait = demanded_wait_s(429, headers, now); wait && !(*wait >= 0)) __builtin_trap();
}

}  // namespace persona4rec
