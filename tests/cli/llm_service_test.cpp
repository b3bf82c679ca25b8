// The commands that ask a language model, through the real program, against a service that misbehaves as told.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <random>
#include <thread>

#include "support/llm_server.hpp"
#include "support/pipeline.hpp"

namespace persona4rec::test {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr const char* kKey = "sk-test-4f9a/b81c+77e0=secret";

// Every kind of fault but the hang, which only takes time (tests/llm_faults_test.cpp has it).
Json thirty_percent() {
  return {{"faults", 0.3},
          {"delay_ms", 2},
          {"slow_ms", 30},
          {"retry_after", "0.2"},
          {"reset_after", "200ms"},
          {"wait_ms", 200},
          {"kinds",
           {"429", "429_retry_after", "429_reset_header", "500", "503", "slow", "reset_mid_body", "broken_body",
            "truncated_json", "wrong_schema", "fenced", "length", "empty_choices", "html"}}};
}

class LlmService : public testing::Test {
 protected:
  void serve(const Json& plan) { server_ = std::make_unique<LlmServer>(plan); }

  std::vector<std::string> words(const std::string& stage, const fs::path& workspace,
                                 const std::vector<std::string>& more = {}) const {
    std::vector<std::string> all = pipeline_stage(stage, workspace).words;
    for (const char* word : {"--llm", "http", "--llm-model", "gpt-4o-mini", "--timeout", "5"}) all.emplace_back(word);
    all.insert(all.end(), {"--llm-base-url", server_->url()});
    all.insert(all.end(), {"--llm-prices", kSource / "configs/prices.json"});
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }
  RunResult run(const std::string& stage, const std::vector<std::string>& more = {}) const {
    return run_program(words(stage, dir_.path(), more), {.environment = {{"OPENAI_API_KEY", kKey}}});
  }
  std::string bytes_of(const char* name) const {
    return read_file(dir_ / name) + read_file(dir_ / (std::string(name) + ".meta.json"));
  }
  // What an undisturbed run of the first stage makes.
  std::string undisturbed() const {
    const LlmServer calm;
    const TempDir other;
    auto command = words("extract-aspects", other.path());
    std::replace(command.begin(), command.end(), server_->url(), calm.url());
    const RunResult result = run_program(command);
    EXPECT_EQ(result.exit_code, 0) << result.err;
    return read_file(other / "1_aspects.jsonl") + read_file(other / "1_aspects.jsonl.meta.json");
  }

  TempDir dir_;
  std::unique_ptr<LlmServer> server_;
};

TEST_F(LlmService, AllFourCommandsThroughEveryKindOfFaultGiveTheBytesOfACalmRun) {
  const TempDir calm_dir;
  const LlmServer calm;
  serve(thirty_percent());
  for (const char* stage : {"extract-aspects", "summarize", "personas", "prepare", "select"}) {
    const bool asks = std::string_view(stage) != "prepare";
    const RunResult faulty = asks ? run(stage) : run_program(pipeline_stage(stage, dir_.path()).words);
    ASSERT_EQ(faulty.exit_code, 0) << stage << ": " << faulty.err;
    auto command = asks ? words(stage, calm_dir.path()) : pipeline_stage(stage, calm_dir.path()).words;
    std::replace(command.begin(), command.end(), server_->url(), calm.url());
    ASSERT_EQ(run_program(command).exit_code, 0) << stage;
  }
  EXPECT_EQ(server_->count("answered_again"), 0U);
  EXPECT_EQ(server_->count("too_early"), 0U);
  EXPECT_THAT(differing(reproducible_files(dir_.path()), reproducible_files(calm_dir.path())), IsEmpty());
}

TEST_F(LlmService, KilledAtRandomMomentsItEndsWithTheBytesOfAnUndisturbedRun) {
  serve(thirty_percent());
  const std::string expected = undisturbed();
  std::mt19937_64 random(3);
  std::uniform_int_distribution<int> moment_ms(30, 400);
  for (int kills = 0; kills < 4; ++kills) {
    RunningProgram program(words("extract-aspects", dir_.path()));
    std::this_thread::sleep_for(std::chrono::milliseconds(moment_ms(random)));
    program.send(SIGKILL);
    program.wait();
  }
  const RunResult last = run("extract-aspects");
  ASSERT_EQ(last.exit_code, 0) << last.err;
  EXPECT_EQ(bytes_of("1_aspects.jsonl"), expected);
}

TEST_F(LlmService, CtrlCEndsTheRunAndTheSameCommandGoesOn) {
  serve({{"delay_ms", 100}});
  const std::string expected = undisturbed();
  RunningProgram program(words("extract-aspects", dir_.path()));
  while (server_->faults("ok") < 40) std::this_thread::sleep_for(std::chrono::milliseconds(20));
  program.send(SIGINT);
  const RunResult stopped = program.wait();
  EXPECT_EQ(stopped.exit_code, 128 + SIGINT) << stopped.err;
  EXPECT_THAT(stopped.err, HasSubstr("stopped by signal 2"));
  EXPECT_FALSE(fs::exists(dir_ / "1_aspects.jsonl"));
  ASSERT_EQ(run("extract-aspects").exit_code, 0);
  EXPECT_EQ(bytes_of("1_aspects.jsonl"), expected);
  EXPECT_EQ(server_->count("answered_again"), 0U) << "what was under way was waited for";
}

TEST_F(LlmService, TheKeyAppearsInNoFileAndNoOutput) {
  for (const char* fault : {"401_echo", "500_echo"}) {
    serve({{"script", {"ok", "ok", "500_echo"}}, {"faults", 1.0}, {"kinds", {fault}}});
    const RunResult result = run("extract-aspects", {"--log-level", "debug", "--max-outage", "0.5"});
    EXPECT_EQ(result.exit_code, 4) << result.err;
    EXPECT_THAT(result.err, HasSubstr("[key]"));
    std::string seen = result.out + result.err;
    for (const auto& entry : fs::recursive_directory_iterator(dir_.path())) {
      if (entry.is_regular_file()) seen += read_file(entry.path());
    }
    EXPECT_EQ(seen.find(kKey), std::string::npos);
    EXPECT_EQ(seen.find("b81c"), std::string::npos);
  }
}

TEST_F(LlmService, ABudgetEndsWithExit4AndAHigherOneGoesOn) {
  serve({{"delay_ms", 2}, {"longest_answers", true}, {"tokens_per_byte", 0.9}});
  const RunResult ended = run("extract-aspects", {"--max-cost", "0.05", "--concurrency", "64"});
  EXPECT_EQ(ended.exit_code, 4);
  EXPECT_THAT(ended.err, HasSubstr("the budget is used up"));
  const auto asked = server_->count("requests");
  EXPECT_GT(asked, 10U);
  const RunResult rest = run("extract-aspects", {"--max-cost", "50"});
  EXPECT_EQ(rest.exit_code, 0) << rest.err;
  EXPECT_EQ(server_->count("answered_again"), 0U);
}

TEST_F(LlmService, WhatIsSetAsideStandsInTheRejectsFileAndIsAskedAgain) {
  serve({{"always", "wrong_schema"}});
  const std::vector<std::string> few = {"--sample", "5"};
  const RunResult failed = run("extract-aspects", few);
  EXPECT_EQ(failed.exit_code, 4);
  EXPECT_THAT(failed.err, HasSubstr("--max-rejects"));
  const std::string rows = read_file(dir_ / "1_aspects.jsonl");
  EXPECT_EQ(std::count(rows.begin(), rows.end(), '\n'), 5) << "one row a review, whatever became of its answer";
  EXPECT_THAT(rows, HasSubstr(R"("status":"rejected")"));
  EXPECT_THAT(read_file(dir_ / "1_aspects.rejects.jsonl"), HasSubstr("is no field of the answer"));

  serve(Json::object());
  EXPECT_EQ(run("extract-aspects", few).exit_code, 0);
  EXPECT_FALSE(fs::exists(dir_ / "1_aspects.rejects.jsonl"));
}

TEST_F(LlmService, DozensOfRequestsThatAlwaysFailWith5xxEndNoRunByDefault) {
  serve({{"poison", {"Ten out of ten"}}, {"poison_fault", "500_retry_after"}, {"retry_after", "0.02"}});
  const RunResult result = run("extract-aspects");  // --max-outage as it is by default
  EXPECT_EQ(result.exit_code, 4);
  EXPECT_THAT(result.err, HasSubstr("47 of 591 answers were set aside"));
  EXPECT_THAT(read_file(dir_ / "1_aspects.rejects.jsonl"), HasSubstr("no answer in 8 tries; the last: HTTP 500"));
  serve(Json::object());
  EXPECT_EQ(run("extract-aspects").exit_code, 0);
  EXPECT_EQ(server_->count("requests"), 47U) << "just those again";
}

TEST_F(LlmService, AReplyThatIsNoneEndsNoRunInWhateverWay) {
  const char* const kFaults[] = {
      "http 400 nobody knows",
      "http 403 <html>Forbidden</html>",
      "http 413 <html><title>413</title></html>",
      "http 422 {\"error\":\"Input validation error\"}",
      "http 200 {\"choices\":[]}",
      "http 200 <html>portal</html>",
      R"(http 200 {"choices":[{"message":{"content":null},"finish_reason":"stop"}]})",
      R"(http 400 [{"error":{"code":400,"message":"The input token count exceeds","status":"INVALID_ARGUMENT"}}])",
      R"(http 403 {"error":"Content violates usage guidelines. Failed check: SAFETY_CHECK_TYPE_BIO"})"};
  for (const std::string fault : kFaults) {
    SCOPED_TRACE(fault);
    for (const auto& entry : fs::directory_iterator(dir_.path())) fs::remove_all(entry.path());
    serve({{"poison", {"shush bell alone"}}, {"poison_fault", fault}});
    const RunResult result = run("extract-aspects", {"--max-rejects", "10"});
    EXPECT_EQ(result.exit_code, 0) << result.err;
    EXPECT_TRUE(fs::exists(dir_ / "1_aspects.rejects.jsonl"));
  }
}

TEST_F(LlmService, ASecondProcessOnTheSameWorkspaceIsRefused) {
  serve({{"delay_ms", 300}});
  const RunningProgram first(words("extract-aspects", dir_.path()));
  while (server_->faults("ok") == 0) std::this_thread::sleep_for(std::chrono::milliseconds(20));
  const RunResult second = run("extract-aspects");
  EXPECT_EQ(second.exit_code, 1);
  EXPECT_THAT(second.err, HasSubstr("in use by another process"));
}

TEST_F(LlmService, EstimatesAndPromptsGoToStdoutAndNothingIsWritten) {
  serve(Json::object());
  const RunResult estimate = run("extract-aspects", {"--estimate"});
  EXPECT_EQ(estimate.exit_code, 0) << estimate.err;
  EXPECT_THAT(estimate.out, HasSubstr("591 to ask, 0 already answered"));
  EXPECT_THAT(estimate.out, HasSubstr("cost           about $"));
  const RunResult dump = run("personas", {"--dump-prompts", "1"});
  EXPECT_EQ(dump.exit_code, 3) << "it needs its inputs all the same";
  const RunResult prompts = run("extract-aspects", {"--dump-prompts", "2"});
  EXPECT_THAT(prompts.out, HasSubstr("===== 2: review"));
  EXPECT_THAT(prompts.out, Not(HasSubstr("===== 3")));
  EXPECT_EQ(server_->count("requests"), 0U);
  EXPECT_TRUE(fs::is_empty(dir_.path()));
}

TEST_F(LlmService, BatchesGiveTheBytesOfARunOneByOne) {
  serve({{"batch", {{"polls", 2}}}});
  const std::string expected = undisturbed();
  EXPECT_EQ(run("extract-aspects", {"--batch", "submit"}).exit_code, 0);
  EXPECT_FALSE(fs::exists(dir_ / "1_aspects.jsonl"));
  const RunResult collected = run("extract-aspects", {"--batch", "collect"});
  EXPECT_EQ(collected.exit_code, 0) << collected.err;
  EXPECT_EQ(bytes_of("1_aspects.jsonl"), expected);
  EXPECT_EQ(server_->count("requests"), 0U) << "none one by one";

  const RunResult exported = run("extract-aspects", {"--refresh", "--batch", "export", dir_ / "b.jsonl"});
  EXPECT_EQ(exported.exit_code, 0) << exported.err;
  const std::string lines = read_file(dir_ / "b.jsonl");
  EXPECT_EQ(std::count(lines.begin(), lines.end(), '\n'), 587) << "four reviews are written twice";
}

TEST_F(LlmService, FlagsThatMakeNoSenseAreRefused) {
  serve(Json::object());
  const auto refusal = [&](const std::vector<std::string>& flags) {
    auto command = pipeline_stage("extract-aspects", dir_.path()).words;
    command.insert(command.end(), flags.begin(), flags.end());
    const RunResult result = run_program(command);
    EXPECT_EQ(result.exit_code, 2) << result.err;
    return result.err;
  };
  EXPECT_THAT(refusal({"--llm", "http"}), HasSubstr("--llm-model"));
  EXPECT_THAT(refusal({"--llm-model", "m"}), HasSubstr("--llm-model needs --llm http")) << "no silent offline run";
  EXPECT_THAT(refusal({"--llm", "gpt"}), HasSubstr("offline|http"));
  EXPECT_THAT(refusal({"--llm-model", "m", "--batch", "sell"}),
              HasSubstr("export FILE, import FILE.., submit or collect"));
  EXPECT_THAT(refusal({"--llm-model", "m", "--batch", "export"}), HasSubstr("one FILE"));
  EXPECT_THAT(refusal({"--estimate", "--dump-prompts", "1"}), HasSubstr("exclude each other"));
  EXPECT_THAT(refusal({"--concurrency", "0"}), HasSubstr("--concurrency"));
  EXPECT_THAT(refusal({"--llm", "http", "--llm-model", "nobody-knows", "--max-cost", "1"}), HasSubstr("nobody-knows"));
}

}  // namespace
}  // namespace persona4rec::test
