// The end of a run, where nothing is left but requests that always fail: each is set aside by its own count.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "support/llm_http.hpp"

namespace persona4rec {
namespace {

using test::ask_all;
using test::error_of;
using test::LlmServer;
using testing::HasSubstr;

// These rows fail in this way each time, and are told to come back soon.
Json poisoned(std::uint64_t first, std::uint64_t end, const std::string& fault) {
  Json texts = Json::array();
  for (std::uint64_t row = first; row < end; ++row) texts.push_back("number " + std::to_string(row) + ":");
  return {{"poison", texts}, {"poison_fault", fault}, {"retry_after", "0.02"}, {"hang_ms", 60'000}};
}

std::ptrdiff_t rejected(const std::string& outcomes) {
  std::ptrdiff_t count = 0;
  for (auto at = outcomes.find(" rejected "); at != std::string::npos; at = outcomes.find(" rejected ", at + 1))
    ++count;
  return count;
}

class LlmTail : public test::LlmHttp {
 protected:
  LlmOptions impatient(std::uint64_t concurrency = 32) const {
    LlmOptions made = options();
    made.max_outage_s = 1;
    made.concurrency = concurrency;
    return made;
  }
};

TEST_F(LlmTail, TwelveRequestsThatAlwaysFailWith5xxAreSetAsideByTheirOwnCount) {
  for (const std::uint64_t concurrency : {32, 1}) {
    std::filesystem::remove(folder_ / "llm.sqlite");
    server_ = std::make_unique<LlmServer>(poisoned(4, 16, "500_retry_after"));
    LlmOptions options = impatient(concurrency);
    if (concurrency == 1) options.max_outage_s = 20;  // four requests at a time use up their tries first
    const std::string text = ask_all(options, 16, &totals_);
    EXPECT_EQ(rejected(text), 12) << text;
    EXPECT_THAT(text, HasSubstr("no answer in 8 tries; the last: HTTP 500"));
    EXPECT_EQ(totals_.requests, 4 + 12 * 8U);
  }
}

TEST_F(LlmTail, TheyAreSetAsideOnARerunTooWhereNothingElseIsLeft) {
  ask(Json::object(), 4);
  server_ = std::make_unique<LlmServer>(poisoned(4, 16, "500_retry_after"));
  EXPECT_EQ(rejected(ask_all(impatient(), 16, &totals_)), 12);
  EXPECT_EQ(totals_.stored, 4U);
}

TEST_F(LlmTail, TwelveRequestsThatHangAreSetAsideAfterMaxAttemptsWhereTimeoutIsMaxOutage) {
  server_ = std::make_unique<LlmServer>(poisoned(4, 16, "hang"));
  LlmOptions hanging = impatient();
  hanging.timeout_s = 1;  // as by default: a timeout takes as long as an outage may
  hanging.max_attempts = 2;
  const std::string text = ask_all(hanging, 16, &totals_);
  EXPECT_EQ(rejected(text), 12) << text;
}

TEST_F(LlmTail, ARowOfFailingRequestsDoesNotEndARunThatHasMoreToAsk) {
  server_ = std::make_unique<LlmServer>(poisoned(4, 16, "500_retry_after"));
  LlmOptions patient = impatient(4);
  patient.max_outage_s = 20;
  EXPECT_EQ(rejected(ask_all(patient, 60, &totals_)), 12);
}

TEST_F(LlmTail, AnOutageAtTheTailThatEndsLosesNothing) {
  Json plan{{"script", std::vector<std::string>(4, "ok")}};
  for (int failure = 0; failure < 18; ++failure) plan["script"].push_back("503");
  server_ = std::make_unique<LlmServer>(plan);
  EXPECT_EQ(rejected(ask_all(options(), 20, &totals_)), 0) << "it is probed for a minute, and no tries are used up";
}

// ---- rate limits

TEST_F(LlmTail, ALoneRequestWithAnEndless429IsSetAsideInTheEnd) {
  for (const std::uint64_t last : {5, 8}) {
    std::filesystem::remove(folder_ / "llm.sqlite");
    server_ = std::make_unique<LlmServer>(poisoned(4, last, "429_retry_after"));
    const std::string text = ask_all(impatient(), 20, &totals_);
    EXPECT_EQ(rejected(text), static_cast<std::ptrdiff_t>(last - 4)) << text;
    EXPECT_THAT(text, HasSubstr("tries; the last: HTTP 429"));
  }
}

TEST_F(LlmTail, An429OfAllThatIsLeftConcernsTheRun) {
  Json plan = poisoned(4, 24, "429");
  server_ = std::make_unique<LlmServer>(plan);
  const auto thrown = error_of([&] { ask_all(impatient(), 24); });
  EXPECT_TRUE(thrown.says("no answer for too long")) << thrown.message;
  EXPECT_TRUE(thrown.says("HTTP 429")) << thrown.message;
  server_ = std::make_unique<LlmServer>();
  EXPECT_EQ(rejected(ask_all(options(), 24, &totals_)), 0) << "they were left open";
  EXPECT_EQ(totals_.stored, 4U);
}

}  // namespace
}  // namespace persona4rec
