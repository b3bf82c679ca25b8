#include "llm/http/pace.hpp"

#include <algorithm>
#include <cmath>

#include "llm/http/retry.hpp"

namespace persona4rec {
namespace {

constexpr double kCatchUpS = 0.05;     // a timer that woke late may make up for this much
constexpr double kLongestProbeS = 15;  // between two probes of a service that is down

}  // namespace

void Pace::spend(double units, double now_s) {
  if (units_per_s_ <= 0) return;
  ready_s_ = std::max(ready_s_, now_s - kCatchUpS) + units / units_per_s_;
}

void Pace::refund(double units) {
  if (units_per_s_ > 0) ready_s_ -= units / units_per_s_;
}

void Concurrency::on_reply() {
  if (started_) return;
  started_ = true;
  limit_ = static_cast<double>(most_);
}

void Concurrency::on_success() {
  limit_ = std::min(limit_ + 1 / std::sqrt(limit_), static_cast<double>(most_));
}

void Concurrency::on_rate_limit(std::uint64_t generation) {
  if (generation != generation_) return;  // sent before the last halving, which has dealt with it
  ++generation_;
  limit_ = std::max(1.0, std::floor(limit_ / 2));
}

void Concurrency::restart() {
  ++generation_;
  limit_ = 1;
}

void Breaker::on_start(double now_s) {
  failures_ = 0;
  different_ = 0;
  failing_.clear();
  probes_ = 0;
  stands_aside_ = false;
  well_s_ = now_s;
  well_until_s_ = now_s;
  failing_since_s_ = -kNever;
}

void Breaker::on_success(double now_s) {
  ever_succeeded_ = true;
  last_success_s_ = now_s;
  on_start(now_s);
}

void Breaker::on_failure(double now_s, std::optional<std::uint64_t> request) {
  if (failures_++ == 0) failing_since_s_ = now_s;
  request ? reached_ = true : stands_aside_ = false;
  if (!request || failing_.insert(*request).second) ++different_;
  if (is_open() && probes_ == 0) on_probe(now_s);
}

void Breaker::on_demanded_wait(double until_s) {
  // A service that demands it again and again, and never answers, is down as well.
  well_until_s_ = std::max(well_until_s_, std::min(until_s, well_s_ + kLongestWaitS));
}

void Breaker::on_probe(double now_s) {
  probe_s_ =
      now_s + std::min(kLongestProbeS, 0.5 * std::exp2(static_cast<double>(std::min<std::uint64_t>(probes_, 10))));
  ++probes_;
}

bool Breaker::has_given_up(double now_s) const {
  if (ever_succeeded_ || (known_ && reached_)) return is_open_for(max_outage_s_, now_s);
  return failures_ >= kGivesUpAt && now_s - well_until_s_ > std::min(first_contact_s_, max_outage_s_);
}

std::string Breaker::describe_if_given_up(double now_s) const {
  if (!has_given_up(now_s)) return {};
  return (ever_succeeded_ ? "no answer for too long, " : "no answer at all, ") + std::to_string(failures_) +
         " failures in a row";
}

}  // namespace persona4rec
