// How fast requests may go out: requests and tokens per minute, concurrency that follows the service's 429s, and the
// circuit breaker. Pure arithmetic on a clock that the caller passes in (seconds, monotonic).
// Thread-safety: one object, one thread.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <unordered_set>

namespace persona4rec {

inline constexpr double kNever = std::numeric_limits<double>::infinity();

// Spreads units evenly over the minute (generic cell rate algorithm, ITU-T I.371): in any minute at most the limit,
// plus what a late timer may catch up.
class Pace {
 public:
  explicit Pace(double units_per_minute) : units_per_s_(units_per_minute / 60) {}  // 0 = no limit

  // When the next unit may go.
  [[nodiscard]] double ready_s() const { return units_per_s_ > 0 ? ready_s_ : 0; }
  void spend(double units, double now_s);
  // Units spent that turned out not to be used.
  void refund(double units);

 private:
  double units_per_s_;
  double ready_s_ = 0;
};

// Halves when the service says 429 and grows back by 1 / sqrt(limit) a success: faster than TCP's 1 / limit, because a
// stray 429 must not slow a run down for long, and slow enough to waste few requests against a hard limit. Starts with
// one request, so that a wrong key or a refused format costs one call and not --concurrency of them; the first reply of
// any kind opens the rest.
class Concurrency {
 public:
  explicit Concurrency(std::size_t most) : most_(most) {}

  [[nodiscard]] std::size_t limit() const { return started_ ? static_cast<std::size_t>(limit_) : 1; }
  // A request went out; the answer is to be handed back with its reply.
  [[nodiscard]] std::uint64_t generation() const { return generation_; }
  void on_reply();  // of any kind
  void on_success();
  // Halves, once for all requests that were under way together.
  void on_rate_limit(std::uint64_t generation);
  // Begins again with one request: a service that comes back is not run over.
  void restart();

 private:
  std::size_t most_;
  bool started_ = false;
  double limit_ = 1;
  std::uint64_t generation_ = 0;
};

// Consecutive failures of different requests open it: then one request at a time probes, with growing pauses. A success
// closes it; an outage that is longer than allowed, counted from the first failure, ends the run. Waiting that the
// service demanded is no outage (for an hour), nor is one request that fails again and again.
class Breaker {
 public:
  // `max_outage_s`: seconds without success; of a service that has never answered, at most `first_contact_s`.
  Breaker(double max_outage_s, double first_contact_s)
      : max_outage_s_(max_outage_s), first_contact_s_(first_contact_s) {}

  void on_start(double now_s);  // of a run
  // An earlier run got answers: what fails here may be a request that never works.
  void on_known_service() { known_ = true; }
  void on_success(double now_s);
  // `request`: whose failure it is; nothing = of the service as such (no connection).
  void on_failure(double now_s, std::optional<std::uint64_t> request = std::nullopt);
  void on_demanded_wait(double until_s);
  // Lets everything through until a success or a lost connection: what is left to ask is little, and bounds itself.
  void stand_aside() { stands_aside_ = true; }

  [[nodiscard]] bool is_open() const { return different_ >= kOpensAt && !stands_aside_; }
  // When the next probe may go. REQUIRES: is_open().
  [[nodiscard]] double probe_s() const { return probe_s_; }
  void on_probe(double now_s);
  // Whether the outage has lasted too long.
  [[nodiscard]] bool has_given_up(double now_s) const;
  // Whether a run that waits no longer than this for a service to come back has waited.
  [[nodiscard]] bool is_open_for(double patience_s, double now_s) const {
    return is_open() && outage_s(now_s) > patience_s;
  }
  // The same for people; empty while it has not.
  [[nodiscard]] std::string describe_if_given_up(double now_s) const;
  [[nodiscard]] double last_success_s() const { return last_success_s_; }

 private:
  static constexpr std::uint64_t kOpensAt = 10;
  static constexpr std::uint64_t kGivesUpAt = 3;

  // Since the first failure after an answer: a slow request that is under way is none.
  [[nodiscard]] double outage_s(double now_s) const { return now_s - std::max(well_until_s_, failing_since_s_); }

  double max_outage_s_;
  double first_contact_s_;
  bool ever_succeeded_ = false;
  bool known_ = false;
  bool reached_ = false;  // the service failed a request, instead of not being there
  bool stands_aside_ = false;
  double last_success_s_ = -kNever;
  double well_s_ = 0;                 // the start of the run, or the last success
  double failing_since_s_ = -kNever;  // the first failure after that
  std::uint64_t failures_ = 0;
  std::uint64_t different_ = 0;  // failures, one a request
  std::unordered_set<std::uint64_t> failing_;
  std::uint64_t probes_ = 0;
  double well_until_s_ = 0;
  double probe_s_ = 0;
};

}  // namespace persona4rec
