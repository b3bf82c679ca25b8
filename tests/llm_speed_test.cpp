// How fast, and at what cost of processor and memory. Timings mean nothing on a busy machine: only bench/llm_bench.sh
// runs this, through $P4R_LLM_SPEED_ROWS.
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <chrono>

#include "support/llm_requests.hpp"

namespace persona4rec {
namespace {

double cpu_s() {
  rusage use{};
  getrusage(RUSAGE_SELF, &use);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
  };
  return seconds(use.ru_utime) + seconds(use.ru_stime);
}

TEST(LlmSpeed, AgainstAServiceThatTakes50Ms) {
  const char* given = std::getenv("P4R_LLM_SPEED_ROWS");
  if (given == nullptr) GTEST_SKIP() << "timings are measured by bench/llm_bench.sh";
  const std::uint64_t rows = std::stoull(given);
  constexpr std::uint64_t kConcurrency = 64;
  constexpr double kServiceS = 0.05;
  const test::LlmServer server(Json{{"delay_ms", 50}});
  const test::TempDir folder;
  LlmOptions options = test::http_options(server, folder);
  options.concurrency = kConcurrency;
  const auto client = make_chat_client(options);

  const double cpu_before_s = cpu_s();
  const auto started = std::chrono::steady_clock::now();
  client->ask(test::taste_requests(rows));
  const double wall_s = std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
  const double ideal_s = static_cast<double>(rows) * kServiceS / static_cast<double>(kConcurrency);
  const double cpu_us = (cpu_s() - cpu_before_s) / static_cast<double>(rows) * 1e6;
  std::printf(
      "%llu rows, concurrency %llu: %.2f s, ideal %.2f s (+%.1f %%), %.0f rows/s, %.0f us of processor a request\n",
      static_cast<unsigned long long>(rows), static_cast<unsigned long long>(kConcurrency), wall_s, ideal_s,
      100 * (wall_s / ideal_s - 1), static_cast<double>(rows) / wall_s, cpu_us);
  EXPECT_LE(wall_s, 1.05 * ideal_s);
  EXPECT_LE(cpu_us, 250) << "a quarter of one core at 1,000 requests a second";
}

}  // namespace
}  // namespace persona4rec
