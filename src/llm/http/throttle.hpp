// When the next request of a run may go, and how many at once: everything of pace.hpp put together.
// Thread-safety: one object, one thread. Times: seconds of one monotonic clock.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "llm/http/pace.hpp"
#include "persona4rec/llm.hpp"

namespace persona4rec {

class Throttle {
 public:
  Throttle(const LlmOptions& options, double now_s);

  // Requests that may be under way at once.
  [[nodiscard]] std::size_t slots(double now_s);
  // No request before this time.
  [[nodiscard]] double gate_s() const;
  [[nodiscard]] std::uint64_t generation() const { return concurrency_.generation(); }

  void on_sent(double tokens, double now_s);
  // Tokens counted when sending that were not used in the end.
  void refund_tokens(double tokens) { tokens_.refund(tokens); }

  void on_success(double now_s);
  // As Breaker::on_failure.
  void on_failure(double now_s, std::optional<std::uint64_t> request);
  // A reply that is neither: the service is there.
  void on_reply() { concurrency_.on_reply(); }
  void on_known_service() { breaker_.on_known_service(); }
  // Of a request that went out in `generation`. `wait_s`: what the service demands; 0 = nothing.
  void on_rate_limit(std::uint64_t request, std::uint64_t generation, double wait_s, double now_s);
  // Nothing is left to ask but what fails. An outage may pass, so it is probed as any other for a minute (or
  // --max-outage where that is less); then every request goes out, until its own tries are used up.
  void on_nothing_new(double now_s);

  [[nodiscard]] const Breaker& breaker() const { return breaker_; }

 private:
  Concurrency concurrency_;
  Breaker breaker_;
  Pace requests_;
  Pace tokens_;
  double hold_until_s_ = 0;
  std::uint64_t rate_limits_in_a_row_ = 0;
  double last_patience_s_;
  double first_sent_s_ = kNever;
};

}  // namespace persona4rec
