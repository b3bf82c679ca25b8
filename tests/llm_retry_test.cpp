// Waits that services demand, in all their forms, and the backoff.
#include "llm/http/retry.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace persona4rec {
namespace {

constexpr double kNow = 784111777;  // Sun, 06 Nov 1994 08:49:37 GMT

TEST(ParseWait, ReadsEveryFormOfTime) {
  const std::pair<const char*, double> kCases[] = {
      {"20", 20},
      {" 1.5 ", 1.5},
      {"0", 0},
      {"350ms", 0.35},
      {"6m0s", 360},
      {"1h2m3.5s", 3723.5},
      {"1d", 86400},
      {"Sun, 06 Nov 1994 08:49:47 GMT", 10},
      {"Sunday, 06-Nov-94 08:49:40 GMT", 3},
      {"1994-11-06T08:49:39Z", 2},
      {"1994-11-06T08:49:39.25Z", 3},  // rather later than sooner
      {"784111780", 784111780},        // below a billion: seconds, however many
      {"Sun, 06 Nov 1994 08:49:30 GMT", 0},
  };
  for (const auto& [text, seconds] : kCases) {
    const auto wait = parse_wait_s(text, kNow);
    ASSERT_TRUE(wait) << text;
    EXPECT_NEAR(*wait, seconds, 1e-9) << text;
  }
  constexpr double kLater = 1'790'000'000;
  EXPECT_NEAR(*parse_wait_s("1790000012", kLater), 12, 1e-6) << "seconds since 1970";
  EXPECT_NEAR(*parse_wait_s("1790000012500", kLater), 12.5, 1e-6) << "milliseconds since 1970";
}

TEST(ParseWait, TakesNothingElse) {
  for (const char* text : {"", "soon", "5x", "-3", "1h2", "m5", "nan", "inf", "1e400", ".3A2-11-14T"})
    EXPECT_FALSE(parse_wait_s(text, kNow)) << text;
}

TEST(DemandedWait, IsTheLongestOfAllDemands) {
  EXPECT_FALSE(demanded_wait_s(429, {}, kNow));
  EXPECT_EQ(demanded_wait_s(503, {{"retry-after", "7"}}, kNow), 7);
  EXPECT_EQ(demanded_wait_s(429, {{"retry-after-ms", "1500"}}, kNow), 1.5);
  EXPECT_EQ(demanded_wait_s(429, {{"retry-after", "1"}, {"x-ratelimit-reset-requests", "6m0s"}}, kNow), 360);
  EXPECT_EQ(demanded_wait_s(429, {{"anthropic-ratelimit-requests-reset", "1994-11-06T08:49:39Z"}}, kNow), 2);
}

TEST(DemandedWait, ALimitThatIsNotReachedDemandsNothing) {
  const HttpHeaders headers = {{"x-ratelimit-remaining-requests", "0"},
                               {"x-ratelimit-reset-requests", "2s"},
                               {"x-ratelimit-remaining-tokens", "140000"},
                               {"x-ratelimit-reset-tokens", "6m0s"}};
  EXPECT_EQ(demanded_wait_s(429, headers, kNow), 2);
  EXPECT_FALSE(demanded_wait_s(503, headers, kNow)) << "a 503 is no rate limit";
}

TEST(DemandedWait, CountsDatesByTheServersClock) {
  const HttpHeaders headers = {{"date", "Sun, 06 Nov 1994 08:49:37 GMT"},
                               {"retry-after", "Sun, 06 Nov 1994 08:49:42 GMT"}};
  EXPECT_EQ(demanded_wait_s(429, headers, kNow + 3600), 5) << "our clock is an hour ahead";
}

TEST(Backoff, GrowsToItsCapWithFullJitter) {
  Backoff backoff(7);
  double largest[12] = {};
  double sum = 0;
  for (int round = 0; round < 2000; ++round) {
    for (std::uint64_t failures = 0; failures < 12; ++failures) {
      const double wait = backoff.next_s(failures);
      ASSERT_GE(wait, 0);
      ASSERT_LT(wait, std::min(15.0, 0.5 * std::pow(2, failures)));
      largest[failures] = std::max(largest[failures], wait);
    }
    sum += backoff.next_s(3);
  }
  for (int failures = 0; failures < 12; ++failures)
    EXPECT_GT(largest[failures], 0.98 * std::min(15.0, 0.5 * std::pow(2, failures)));
  EXPECT_NEAR(sum / 2000, 2, 0.1) << "uniform, not bunched at one end";
  EXPECT_LT(backoff.next_s(1'000'000), 15);
}

TEST(Transient, IsWhatMayGetBetter) {
  for (const int status : {408, 409, 425, 429, 500, 502, 503, 504, 529}) EXPECT_TRUE(is_transient(status)) << status;
  for (const int status : {400, 401, 403, 404, 413, 422}) EXPECT_FALSE(is_transient(status)) << status;
}

}  // namespace
}  // namespace persona4rec
