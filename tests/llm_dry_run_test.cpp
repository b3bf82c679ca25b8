// --estimate and --dump-prompts: nothing is sent, nothing is written.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regex>

#include "llm/money/budget.hpp"
#include "support/llm_requests.hpp"

namespace persona4rec {
namespace {

using test::ask_all;
using test::http_options;
using test::LlmServer;
using test::taste_requests;
using test::TempDir;
using testing::HasSubstr;

class LlmDryRun : public testing::Test {
 protected:
  std::string print(LlmOptions options, std::uint64_t rows) {
    std::string text;
    options.print = [&](std::string_view part) { text += part; };
    const auto client = make_chat_client(options);
    client->ask(taste_requests(rows));
    EXPECT_FALSE(client->has_outcomes());
    return text;
  }
  LlmOptions options(LlmMode mode) const {
    LlmOptions made = http_options(server_, folder_);
    made.mode = mode;
    made.prices = prices_;
    return made;
  }
  // The number behind `label` and "about" ("at most"): tokens or dollars.
  static double number(const std::string& text, const std::string& label, const std::string& which) {
    std::smatch found;
    const std::regex pattern(label + " +.*" + which + " \\$?([0-9.,]+[0-9])");
    EXPECT_TRUE(std::regex_search(text, found, pattern)) << text;
    std::string digits = found[1];
    std::erase(digits, ',');
    return std::stod(digits);
  }

  TempDir folder_;
  LlmServer server_;
  std::filesystem::path prices_ =
      folder_.write("prices.json", R"({"models": {"test-model": {"input": 10, "output": 100}}})");
};

TEST_F(LlmDryRun, AnEstimateSendsNothingAndMakesNoStore) {
  const std::string text = print(options(LlmMode::kEstimate), 1000);
  EXPECT_THAT(text, HasSubstr("extract_aspects with test-model; nothing was sent"));
  EXPECT_THAT(text, HasSubstr("1,000 to ask, 0 already answered"));
  EXPECT_THAT(text, HasSubstr("not calibrated yet"));
  EXPECT_EQ(number(text, "answer tokens", "with one answer each"), 100'000);
  EXPECT_EQ(number(text, "answer tokens", "at most"), 900'000) << "five answers, four of them with twice the tokens";
  EXPECT_EQ(server_.count("requests"), 0U);
  EXPECT_FALSE(std::filesystem::exists(folder_ / "llm.sqlite"));
}

TEST_F(LlmDryRun, AnEstimateIsCalibratedWithWhatTheStoreHasSeen) {
  LlmOptions asking = options(LlmMode::kAsk);
  ChatTotals totals;
  ask_all(asking, 50, &totals);
  const std::string text = print(options(LlmMode::kEstimate), 500);
  EXPECT_THAT(text, HasSubstr("450 to ask, 50 already answered"));
  EXPECT_THAT(text, testing::Not(HasSubstr("not calibrated")));
  const double about = number(text, "cost", "about");

  ChatTotals rest;
  ask_all(asking, 500, &rest);
  EXPECT_EQ(rest.stored, 50U);
  EXPECT_NEAR(rest.cost_usd, about, 0.02 * rest.cost_usd) << text;
  EXPECT_LT(rest.cost_usd, number(text, "cost", "at most"));
  EXPECT_NEAR(number(text, "cost by batch", "about"), about / 2, 0.01);
}

TEST_F(LlmDryRun, AnUnknownPriceIsNotZero) {
  LlmOptions unknown = options(LlmMode::kEstimate);
  unknown.model = "nobody-knows";
  EXPECT_THAT(print(unknown, 3), HasSubstr("cost           -- (no price of nobody-knows is known)"));
  LlmOptions offline = options(LlmMode::kEstimate);
  offline.provider = LlmProvider::kOffline;
  EXPECT_THAT(print(offline, 3), HasSubstr("costs nothing"));
}

TEST_F(LlmDryRun, DumpsTheFirstPromptsAndPullsNoMore) {
  LlmOptions dumping = options(LlmMode::kDumpPrompts);
  dumping.dump_prompts = 2;
  std::string text;
  dumping.print = [&](std::string_view part) { text += part; };
  const auto client = make_chat_client(dumping);
  std::uint64_t pulled = 0;
  client->ask([&]() -> std::optional<ChatRequest> { return test::taste_request(pulled++); });
  EXPECT_EQ(pulled, 2U);
  EXPECT_THAT(text, HasSubstr("===== 1: review 0 (extract_aspects)"));
  EXPECT_THAT(text, HasSubstr("----- system\nYou read reviews.\n----- user\nReview number 1: a fine record"));
  EXPECT_THAT(text, HasSubstr("\"additionalProperties\": false"));
  EXPECT_EQ(server_.count("requests"), 0U);
}

}  // namespace
}  // namespace persona4rec
