#include "llm/http/throttle.hpp"

#include <algorithm>

namespace persona4rec {
namespace {

constexpr double kFirstContactS = 15;  // a service that never answered is a wrong address more often than an outage
// One 429 among successes holds its own request; this many in a row, with a demand to wait, hold them all.
constexpr std::uint64_t kHoldsAllAt = 3;
constexpr double kLastPatienceS = 60;  // a service that starts again takes less
constexpr double kFirstReplyS = 2;     // a refusal comes sooner; a slow answer must not keep all others waiting

}  // namespace

Throttle::Throttle(const LlmOptions& options, double now_s)
    : concurrency_(options.concurrency),
      breaker_(options.max_outage_s, kFirstContactS),
      requests_(options.requests_per_minute),
      tokens_(options.tokens_per_minute),
      last_patience_s_(std::min(options.max_outage_s, kLastPatienceS)) {
  breaker_.on_start(now_s);
}

std::size_t Throttle::slots(double now_s) {
  if (now_s - first_sent_s_ > kFirstReplyS) concurrency_.on_reply();
  return breaker_.is_open() ? 1 : concurrency_.limit();
}

double Throttle::gate_s() const {
  const double gate = std::max({hold_until_s_, requests_.ready_s(), tokens_.ready_s()});
  return breaker_.is_open() ? std::max(gate, breaker_.probe_s()) : gate;
}

void Throttle::on_sent(double tokens, double now_s) {
  first_sent_s_ = std::min(first_sent_s_, now_s);
  requests_.spend(1, now_s);
  tokens_.spend(tokens, now_s);
  if (breaker_.is_open()) breaker_.on_probe(now_s);
}

void Throttle::on_success(double now_s) {
  if (breaker_.is_open()) concurrency_.restart();
  concurrency_.on_reply();
  concurrency_.on_success();
  breaker_.on_success(now_s);
  rate_limits_in_a_row_ = 0;
}

void Throttle::on_failure(double now_s, std::optional<std::uint64_t> request) {
  concurrency_.on_reply();
  breaker_.on_failure(now_s, request);
}

void Throttle::on_rate_limit(std::uint64_t request, std::uint64_t generation, double wait_s, double now_s) {
  concurrency_.on_reply();
  concurrency_.on_rate_limit(generation);
  breaker_.on_failure(now_s, request);
  if (wait_s > 0) breaker_.on_demanded_wait(now_s + wait_s);
  if (++rate_limits_in_a_row_ >= kHoldsAllAt) hold_until_s_ = std::max(hold_until_s_, now_s + wait_s);
}

void Throttle::on_nothing_new(double now_s) {
  if (breaker_.is_open_for(last_patience_s_, now_s)) breaker_.stand_aside();
}

}  // namespace persona4rec
