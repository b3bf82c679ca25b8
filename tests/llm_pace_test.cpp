// Pace, concurrency, breaker and their sum, on a clock that the test turns.
#include "llm/http/pace.hpp"

#include <gtest/gtest.h>
#include <optional>

#include <algorithm>
#include <vector>

#include "llm/http/throttle.hpp"

namespace persona4rec {
namespace {

// Sends as soon as the pace allows, on a timer that wakes `late_s` too late, and returns when.
std::vector<double> send_all(Pace& pace, int count, double late_s) {
  std::vector<double> times;
  double now = 100;
  for (int i = 0; i < count; ++i) {
    now = std::max(now, pace.ready_s()) + late_s;
    times.push_back(now);
    pace.spend(1, now);
  }
  return times;
}

TEST(Pace, SpreadsEvenlyAndNeverExceedsTheMinute) {
  for (const double late_s : {0.0, 0.004, 0.2}) {
    Pace pace(600);
    const auto times = send_all(pace, 2000, late_s);
    for (std::size_t first = 0, last = 0; last < times.size(); ++last) {
      while (times[last] - times[first] >= 60) ++first;
      ASSERT_LE(last - first + 1, 601U) << "in any minute";
    }
    for (std::size_t i = 1; i < times.size(); ++i) ASSERT_GE(times[i] - times[i - 1], 0.04) << "no bursts";
  }
}

TEST(Pace, MakesUpForALateTimer) {
  Pace pace(6000);  // one in 10 ms
  const auto times = send_all(pace, 1000, 0.004);
  EXPECT_NEAR(times.back() - times.front(), 9.99, 0.1);
}

TEST(Pace, GivesBackWhatWasNotUsedAndIsOffAtZero) {
  Pace tokens(60'000);
  tokens.spend(5000, 10);
  EXPECT_NEAR(tokens.ready_s(), 15, 0.1);
  tokens.refund(4000);
  EXPECT_NEAR(tokens.ready_s(), 11, 0.1);
  Pace off(0);
  off.spend(1e9, 10);
  EXPECT_EQ(off.ready_s(), 0);
}

TEST(Concurrency, BeginsWithOneAndOpensWithTheFirstReply) {
  Concurrency concurrency(64);
  EXPECT_EQ(concurrency.limit(), 1U);
  concurrency.on_reply();
  EXPECT_EQ(concurrency.limit(), 64U);
}

TEST(Concurrency, HalvesOncePerBurstOf429AndGrowsBack) {
  Concurrency concurrency(64);
  concurrency.on_reply();
  const auto burst = concurrency.generation();
  for (int i = 0; i < 40; ++i) concurrency.on_rate_limit(burst);
  EXPECT_EQ(concurrency.limit(), 32U);
  for (int i = 0; i < 10; ++i) concurrency.on_rate_limit(concurrency.generation());
  EXPECT_EQ(concurrency.limit(), 1U) << "never below one";
  for (int i = 0; i < 400; ++i) concurrency.on_success();
  EXPECT_EQ(concurrency.limit(), 64U) << "never above what was asked for";
}

TEST(Breaker, OpensAfterConsecutiveFailuresOnly) {
  Breaker breaker(300, 15);
  breaker.on_start(0);
  for (int i = 0; i < 100; ++i) {
    for (int k = 0; k < 9; ++k) breaker.on_failure(i);
    EXPECT_FALSE(breaker.is_open());
    breaker.on_success(i);
  }
  for (int k = 0; k < 10; ++k) breaker.on_failure(100);
  EXPECT_TRUE(breaker.is_open());
}

TEST(Breaker, ProbesEverMoreSeldomAndGivesUpAfterTheOutage) {
  Breaker breaker(300, 15);
  breaker.on_success(0);
  for (int k = 0; k < 10; ++k) breaker.on_failure(1);
  int probes = 0;
  double now = 1;
  while (!breaker.has_given_up(now)) {
    EXPECT_LE(breaker.probe_s() - now, 15);
    now = std::max(now, breaker.probe_s());
    breaker.on_probe(now);
    breaker.on_failure(now);
    ++probes;
  }
  EXPECT_GT(now, 300);
  EXPECT_LT(now, 330);
  EXPECT_LT(probes, 40);
  breaker.on_success(now);
  EXPECT_FALSE(breaker.is_open());
  EXPECT_FALSE(breaker.has_given_up(now));
}

TEST(Breaker, GivesUpSoonerOnAServiceThatNeverAnswered) {
  Breaker breaker(300, 15);
  breaker.on_start(0);
  for (int k = 0; k < 10; ++k) breaker.on_failure(1);
  EXPECT_FALSE(breaker.has_given_up(14));
  EXPECT_TRUE(breaker.has_given_up(16));
}

TEST(Breaker, AWaitThatWasDemandedIsNoOutage) {
  Breaker breaker(300, 15);
  breaker.on_success(0);
  for (int k = 0; k < 10; ++k) breaker.on_failure(1);
  breaker.on_demanded_wait(1801);
  EXPECT_FALSE(breaker.has_given_up(1900));
  EXPECT_TRUE(breaker.has_given_up(2200));
}

TEST(Breaker, AWaitThatIsDemandedForMoreThanAnHourIsOne) {
  Breaker breaker(300, 15);
  breaker.on_success(0);
  double now = 0;
  for (; now < 7200 && !breaker.has_given_up(now); now += 60) {
    for (std::uint64_t request = 0; request < 10; ++request) breaker.on_failure(now, request);
    breaker.on_demanded_wait(now + 60);
  }
  EXPECT_NEAR(now, 3600 + 300, 60.1);
}

TEST(Breaker, AnOutageBeginsWithTheFirstFailureNotWithTheLastAnswer) {
  Breaker breaker(300, 15);
  breaker.on_success(0);
  for (int k = 0; k < 10; ++k) breaker.on_failure(301);  // ten timeouts of --timeout 300
  EXPECT_FALSE(breaker.has_given_up(310));
  EXPECT_TRUE(breaker.has_given_up(602));
}

TEST(Throttle, WhenNothingNewIsLeftAnOutageIsProbedForAMinuteAndThenEveryRequestGoes) {
  LlmOptions options;
  Throttle throttle(options, 0);
  throttle.on_success(0);
  for (std::uint64_t request = 0; request < 12; ++request) throttle.on_failure(1, request);
  throttle.on_nothing_new(60);
  EXPECT_EQ(throttle.slots(60), 1U);
  throttle.on_nothing_new(62);
  EXPECT_EQ(throttle.slots(62), 32U);
  EXPECT_EQ(throttle.gate_s(), 0);
  throttle.on_failure(63, std::nullopt);
  EXPECT_EQ(throttle.slots(63), 1U) << "a connection that is lost is no matter of the requests";
}

TEST(Throttle, A429WithoutADemandToWaitIsAnOutageInTheEnd) {
  LlmOptions options;
  Throttle throttle(options, 0);
  throttle.on_success(0);
  double now = 0;
  for (; now < 7200 && !throttle.breaker().has_given_up(now); now += 15)
    for (std::uint64_t request = 0; request < 10; ++request)
      throttle.on_rate_limit(request, throttle.generation(), 0, now);
  EXPECT_NEAR(now, options.max_outage_s, 15.1);
}

TEST(Throttle, TheRateLimitsOfFewRequestsAreNoOutage) {
  LlmOptions options;
  Throttle throttle(options, 0);
  throttle.on_success(0);
  for (int again = 0; again < 50; ++again) throttle.on_rate_limit(7, throttle.generation(), 0, 1);
  EXPECT_FALSE(throttle.breaker().is_open());
}

TEST(Throttle, OneRateLimitHoldsItsRequestManyHoldAll) {
  LlmOptions options;
  Throttle throttle(options, 0);
  throttle.on_success(0);
  throttle.on_rate_limit(7, throttle.generation(), 5, 1);
  EXPECT_LE(throttle.gate_s(), 1);
  throttle.on_rate_limit(7, throttle.generation(), 5, 1);
  throttle.on_rate_limit(7, throttle.generation(), 5, 1);
  EXPECT_EQ(throttle.gate_s(), 6);
}

TEST(Throttle, ASlowFirstAnswerDoesNotKeepAllOthersWaiting) {
  LlmOptions options;
  Throttle throttle(options, 0);
  throttle.on_sent(10, 0);
  EXPECT_EQ(throttle.slots(1), 1U);
  EXPECT_EQ(throttle.slots(2.5), 32U);
}

TEST(Throttle, AnOutageLetsOneRequestThroughAndComesBackSlowly) {
  LlmOptions options;
  Throttle throttle(options, 0);
  throttle.on_success(0);
  for (int k = 0; k < 10; ++k) throttle.on_failure(1, std::nullopt);
  EXPECT_EQ(throttle.slots(1), 1U);
  EXPECT_GT(throttle.gate_s(), 1);
  throttle.on_success(3);
  EXPECT_EQ(throttle.slots(3), 2U);
  EXPECT_EQ(throttle.gate_s(), 0);
}

}  // namespace
}  // namespace persona4rec
