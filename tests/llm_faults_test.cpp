// A million reviews over flaky services, in small: every kind of fault, kills at random moments, Ctrl+C, budgets,
// memory. bench/llm_bench.sh runs the same tests at full size (P4R_LLM_TEST_ROWS) and measures.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <random>
#include <thread>

#include "base/stop.hpp"
#include "llm/money/budget.hpp"
#include "llm/store/sqlite.hpp"
#include "support/llm_requests.hpp"

namespace persona4rec {
namespace {

using test::ask_all;
using test::Child;
using test::error_of;
using test::http_options;
using test::LlmServer;
using test::outcomes;
using test::rows_from_environment;
using test::taste_requests;
using test::TempDir;
using Clock = std::chrono::steady_clock;

constexpr int kConcurrency = 64;

Json thirty_percent() {
  return {{"faults", 0.3},        {"delay_ms", 10},         {"slow_ms", 60}, {"hang_ms", 1500},
          {"retry_after", "0.3"}, {"reset_after", "300ms"}, {"wait_ms", 300}};
}

class LlmFaults : public testing::Test {
 protected:
  LlmOptions options(const LlmServer& server) const {
    LlmOptions made = http_options(server, folder_);
    made.concurrency = kConcurrency;
    made.timeout_s = 1;
    return made;
  }
  // Asks in a child and writes the outcomes to a file, as a stage does.
  std::unique_ptr<Child> ask_in_child(const LlmOptions& options, std::uint64_t rows) const {
    return std::make_unique<Child>(folder_, [=, this] {
      const std::string text = ask_all(options, rows);
      std::ofstream(folder_ / "out.tmp") << text;
      std::filesystem::rename(folder_ / "out.tmp", folder_ / "out.txt");
    });
  }

  TempDir folder_;
};

TEST_F(LlmFaults, EveryRowIsAnsweredOnceThroughThirtyPercentFaultsOfEveryKind) {
  const std::uint64_t rows = rows_from_environment(800);
  const LlmServer server(thirty_percent());
  ChatTotals totals;
  const std::string text = ask_all(options(server), rows, &totals);
  EXPECT_EQ(static_cast<std::uint64_t>(std::count(text.begin(), text.end(), '\n')), rows);
  EXPECT_EQ(text.find("rejected"), std::string::npos);
  const Json stats = server.stats();
  EXPECT_EQ(stats["prompts"], rows);
  EXPECT_EQ(stats["answered_again"], 0U) << "an answer that came is never asked for again";
  EXPECT_EQ(stats["too_early"], 0U);
  EXPECT_LE(totals.requests, rows * 16 / 10);
  EXPECT_EQ(totals.requests, stats["requests"]);
  EXPECT_EQ(stats["faults"].size(), 16U) << "every kind occurred: " << stats["faults"];
}

TEST_F(LlmFaults, KillsAtRandomMomentsChangeNothingAndCostOnlyWhatIsInFlight) {
  const std::uint64_t rows = rows_from_environment(800);
  std::string undisturbed;
  {
    const LlmServer server(thirty_percent());
    const TempDir other;
    LlmOptions apart = options(server);
    apart.store = other / "llm.sqlite";
    undisturbed = ask_all(apart, rows);
  }
  const LlmServer server(thirty_percent());
  std::mt19937_64 random(7);
  std::uniform_int_distribution<int> moment_ms(20, 160);
  int kills = 0;
  while (kills < 20) {
    const auto child = ask_in_child(options(server), rows);
    std::this_thread::sleep_for(std::chrono::milliseconds(moment_ms(random)));
    child->send(SIGKILL);
    if (child->wait() != 128 + SIGKILL) break;  // it had finished
    ++kills;
  }
  EXPECT_GE(kills, 3) << "the run is too short to be killed";
  const auto last = ask_in_child(options(server), rows);
  ASSERT_EQ(last->wait(), 0) << last->message();
  EXPECT_EQ(test::read_file(folder_ / "out.txt"), undisturbed);
  const std::uint64_t again = server.count("answered_again");
  EXPECT_LE(again, static_cast<std::uint64_t>(kills) * kConcurrency);
  std::cout << kills << " kills, " << again << " answers asked for again\n";
}

TEST_F(LlmFaults, CtrlCEndsSoonAndKeepsEveryAnswerThatCame) {
  const LlmServer server(Json{{"delay_ms", 200}, {"script", {"ok"}}, {"faults", 0.1}, {"kinds", {"hang"}}});
  const std::uint64_t rows = 100'000;
  const auto child = std::make_unique<Child>(folder_, [&] {
    install_stop_signals();
    ask_all(options(server), rows);
  });
  std::this_thread::sleep_for(std::chrono::milliseconds(1500));
  const auto before = Clock::now();
  child->send(SIGINT);
  const int code = child->wait();
  EXPECT_LT(Clock::now() - before, std::chrono::seconds(4)) << "2 s, on a machine that does nothing else";
  EXPECT_EQ(code, 128 + SIGINT);
  EXPECT_THAT(child->message(), testing::HasSubstr("stopped by signal 2"));
  const std::uint64_t answered = server.faults("ok");
  Database store(folder_ / "llm.sqlite");
  const std::uint64_t kept = std::stoull(store.ask("SELECT count(*) FROM replies WHERE state = 'ok'"));
  EXPECT_EQ(kept, answered) << "what was under way got its moment to arrive";
}

// What the service really counted, in dollars.
double spent(const LlmServer& server, const Price& price) {
  const Json stats = server.stats();
  return price.cost_usd({.prompt = stats["prompt_tokens"].get<std::uint64_t>(),
                         .completion = stats["completion_tokens"].get<std::uint64_t>()});
}

TEST_F(LlmFaults, SpendNeverExceedsTheBudgetAndTheRunGoesOnWithAHigherOne) {
  const Price price{.input = 10, .output = 100};
  const auto prices = folder_.write("prices.json", R"({"models": {"test-model": {"input": 10, "output": 100}}})");
  const std::uint64_t rows = 600;
  // The service bills what is hardest: answers of full length, prompts of nearly a token a byte.
  const LlmServer server(
      Json{{"delay_ms", 5}, {"faults", 0.2}, {"longest_answers", true}, {"tokens_per_byte", 0.95}, {"hang_ms", 2500}});
  LlmOptions limited = options(server);
  limited.prices = prices;
  limited.max_cost_usd = 1.0;
  const auto thrown = error_of([&] { ask_all(limited, rows); });
  EXPECT_EQ(thrown.kind, ErrorKind::kService);
  EXPECT_TRUE(thrown.says("budget is used up")) << thrown.message;
  const double first = spent(server, price);
  EXPECT_LE(first, 1.0);
  EXPECT_GT(first, 0.5) << "and the budget is put to use";

  limited.max_cost_usd = 100;
  ChatTotals totals;
  EXPECT_EQ(ask_all(limited, rows, &totals).find("rejected"), std::string::npos);
  EXPECT_GT(totals.stored, 0U);
  EXPECT_EQ(server.count("answered_again"), 0U);
  Database store(limited.store);
  const double noted = std::stod(store.ask("SELECT sum(cost_usd) + sum(unsettled_usd) FROM spend"));
  EXPECT_GE(noted + 1e-9, spent(server, price)) << "nothing that was billed is missing in the store";
}

TEST_F(LlmFaults, TokensAreLimitedInTheSameWay) {
  const LlmServer server(Json{{"delay_ms", 5}, {"longest_answers", true}, {"tokens_per_byte", 0.95}});
  LlmOptions limited = options(server);
  limited.max_tokens_total = 20'000;
  EXPECT_TRUE(error_of([&] { ask_all(limited, 1000); }).says("--max-tokens-total 20,000"));
  const Json stats = server.stats();
  EXPECT_LE(stats["prompt_tokens"].get<std::uint64_t>() + stats["completion_tokens"].get<std::uint64_t>(), 20'000U);
}

// Peak resident memory of a child that asks for so many rows, in MiB.
double peak_mib(const LlmOptions& options, const TempDir& folder, std::uint64_t rows) {
  const auto file = folder / "peak";
  Child child(folder, [&] {
    std::ofstream("/proc/self/clear_refs") << "5";  // forget the parent's peak
    const auto client = make_chat_client(options);
    client->ask(taste_requests(rows));
    for (std::uint64_t row = 0; row < rows; ++row) static_cast<void>(client->outcome(test::taste_request(row)));
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);)
      if (line.starts_with("VmHWM:")) std::ofstream(file) << std::stod(line.substr(6)) / 1024;
  });
  EXPECT_EQ(child.wait(), 0) << child.message();
  return std::stod(test::read_file(file));
}

TEST_F(LlmFaults, MemoryIsFlatInTheNumberOfRows) {
#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
  GTEST_SKIP() << "sanitizers keep freed memory";
#endif
  const std::uint64_t rows = rows_from_environment(500);
  const LlmServer server;
  LlmOptions small = options(server);
  small.store = folder_ / "small.sqlite";
  LlmOptions large = options(server);
  large.store = folder_ / "large.sqlite";
  const double few = peak_mib(small, folder_, rows);
  const double many = peak_mib(large, folder_, 10 * rows);
  std::cout << rows << " rows: " << few << " MiB, " << 10 * rows << " rows: " << many << " MiB\n";
  EXPECT_LT(many - few, 20);
}

}  // namespace
}  // namespace persona4rec
