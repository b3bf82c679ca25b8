// Batches: files out and in, and the Batch API of a server that plays every way a batch can end.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <set>
#include <sstream>

#include "base/stop.hpp"
#include "llm/batch/batch_client.hpp"
#include "llm/http/chat_format.hpp"
#include "llm/store/sqlite.hpp"
#include "support/json_lines.hpp"
#include "support/llm_requests.hpp"

namespace persona4rec {
namespace {

using test::ask_all;
using test::error_of;
using test::http_options;
using test::LlmServer;
using test::outcomes;
using test::taste_request;
using test::taste_requests;
using test::TempDir;
using testing::HasSubstr;

class LlmBatch : public testing::Test {
 protected:
  void serve(const Json& batch, Json more = Json::object()) {
    more["batch"] = batch;
    server_ = std::make_unique<LlmServer>(more);
  }
  LlmOptions options(LlmMode mode) const {
    LlmOptions made = http_options(*server_, folder_);
    made.mode = mode;
    return made;
  }
  std::uint64_t batch_count(const char* what) const {
    return server_->stats().at("batch").at(what).get<std::uint64_t>();
  }

  // Runs one --batch step over `rows` requests; outcomes where it has some.
  std::string step(const LlmOptions& options, std::uint64_t rows, BatchLimits limits = {}) {
    BatchClient client(options, limits);
    client.ask(taste_requests(rows));
    return client.has_outcomes() ? outcomes(client, rows) : "";
  }
  std::string submit_and_collect(std::uint64_t rows) {
    step(options(LlmMode::kBatchSubmit), rows);
    return step(options(LlmMode::kBatchCollect), rows);
  }
  std::string online(std::uint64_t rows) {
    LlmOptions direct = options(LlmMode::kAsk);
    direct.store = folder_ / "online.sqlite";
    return ask_all(direct, rows);
  }

  TempDir folder_;
  std::unique_ptr<LlmServer> server_;
};

std::vector<Json> lines_of(const std::filesystem::path& file) {
  return test::json_lines(test::read_file(file));
}

// What an answering machine (vLLM's run-batch, say) makes of an exported file, one line wrong where `spoil` says so.
std::filesystem::path answer_file(const std::filesystem::path& exported, const std::filesystem::path& to,
                                  const std::function<void(Json& line, std::size_t number)>& spoil = {}) {
  std::ofstream out(to);
  const auto lines = lines_of(exported);
  for (std::size_t i = lines.size(); i-- > 0;) {
    const Json answer = {{"taste", "t" + std::to_string(i)}, {"score", i}, {"note", nullptr}};
    Json line = {{"custom_id", lines[i]["custom_id"]},
                 {"response",
                  {{"status_code", 200},
                   {"body",
                    {{"choices", {{{"message", {{"content", answer.dump()}}}, {"finish_reason", "stop"}}}},
                     {"usage", {{"prompt_tokens", 10}, {"completion_tokens", 5}}}}}}},
                 {"error", nullptr}};
    if (spoil) spoil(line, i);
    out << line.dump() << "\n";
  }
  return to;
}

TEST_F(LlmBatch, ExportsWhatOpenAiAndVllmRead) {
  serve(Json::object());
  LlmOptions exporting = options(LlmMode::kBatchExport);
  exporting.batch_files = {folder_ / "batch.jsonl"};
  step(exporting, 5);
  const auto lines = lines_of(folder_ / "batch.jsonl");
  ASSERT_EQ(lines.size(), 5U);
  EXPECT_EQ(lines[2]["custom_id"], request_key("test-model", taste_request(2)));
  EXPECT_EQ(lines[2]["method"], "POST");
  EXPECT_EQ(lines[2]["url"], "/v1/chat/completions");
  EXPECT_EQ(lines[2]["body"], Json::parse(request_body("test-model", taste_request(2), {}, {})));
  EXPECT_EQ(server_->count("requests"), 0U);
}

TEST_F(LlmBatch, SplitsExportsAndRemovesPartsOfOlderOnes) {
  serve(Json::object());
  LlmOptions exporting = options(LlmMode::kBatchExport);
  exporting.batch_files = {folder_ / "batch.jsonl"};
  step(exporting, 25, {.requests = 10});
  EXPECT_EQ(lines_of(folder_ / "batch.jsonl").size(), 10U);
  EXPECT_EQ(lines_of(folder_ / "batch.2.jsonl").size(), 10U);
  EXPECT_EQ(lines_of(folder_ / "batch.3.jsonl").size(), 5U);
  step(exporting, 25, {.bytes = 9000});
  std::set<std::string> ids;
  for (int part = 1;
       std::filesystem::exists(folder_ / (part == 1 ? "batch.jsonl" : "batch." + std::to_string(part) + ".jsonl"));
       ++part) {
    const auto file = folder_ / (part == 1 ? "batch.jsonl" : "batch." + std::to_string(part) + ".jsonl");
    EXPECT_LE(std::filesystem::file_size(file), 9000U);
    for (const auto& line : lines_of(file)) ids.insert(line["custom_id"]);
  }
  EXPECT_EQ(ids.size(), 25U);
  step(exporting, 3);
  EXPECT_FALSE(std::filesystem::exists(folder_ / "batch.2.jsonl")) << "or it would be uploaded with the new one";
}

TEST_F(LlmBatch, ImportsAnswersInAnyOrderAndPaysForNoneTwice) {
  serve(Json::object());
  LlmOptions exporting = options(LlmMode::kBatchExport);
  exporting.batch_files = {folder_ / "batch.jsonl"};
  step(exporting, 20);
  LlmOptions importing = options(LlmMode::kBatchImport);
  importing.batch_files = {answer_file(folder_ / "batch.jsonl", folder_ / "answers.jsonl")};
  const std::string text = step(importing, 20);
  EXPECT_THAT(text, HasSubstr(R"(7 ok {"taste":"t7","score":7,"note":null})"));
  EXPECT_EQ(step(importing, 20), text) << "the same file again changes nothing";
  EXPECT_EQ(ask_all(options(LlmMode::kAsk), 20), text);
  EXPECT_EQ(server_->count("requests"), 0U);
  step(exporting, 21);
  EXPECT_EQ(lines_of(folder_ / "batch.jsonl").size(), 1U) << "only what has no answer";
}

TEST_F(LlmBatch, AFailedLineIsNoAnswer) {
  serve(Json::object());
  LlmOptions exporting = options(LlmMode::kBatchExport);
  exporting.batch_files = {folder_ / "batch.jsonl"};
  step(exporting, 8);
  LlmOptions importing = options(LlmMode::kBatchImport);
  importing.batch_files = {
      answer_file(folder_ / "batch.jsonl", folder_ / "answers.jsonl", [](Json& line, std::size_t i) {
        if (i == 1) line["response"] = {{"status_code", 429}, {"body", {{"error", {{"message", "slow down"}}}}}};
        if (i == 2) line["error"] = {{"message", "server died"}};
        if (i == 3) line["response"] = nullptr;
        if (i == 4) line["custom_id"] = "somebody-elses";
        if (i == 5) line["response"]["body"]["choices"] = Json::array();
        if (i == 6) line["response"] = Json(line["response"]["body"]);  // vLLM without an envelope
      })};
  std::ofstream(importing.batch_files[0], std::ios::app) << R"({"custom_id":"cut off in the mid)";
  const auto thrown = error_of([&] { step(importing, 8); });
  EXPECT_EQ(thrown.kind, ErrorKind::kService);
  EXPECT_TRUE(thrown.says("5 of 8 requests have no usable answer yet")) << thrown.message;
  step(exporting, 8);
  EXPECT_EQ(lines_of(folder_ / "batch.jsonl").size(), 5U);
  EXPECT_EQ(ask_all(options(LlmMode::kAsk), 8).find("rejected"), std::string::npos);
  EXPECT_EQ(server_->count("requests"), 5U) << "the three good answers are kept";
}

TEST_F(LlmBatch, ABadAnswerIsExportedAgainWithItsError) {
  serve(Json::object());
  LlmOptions exporting = options(LlmMode::kBatchExport);
  exporting.batch_files = {folder_ / "batch.jsonl"};
  step(exporting, 3);
  LlmOptions importing = options(LlmMode::kBatchImport);
  importing.batch_files = {
      answer_file(folder_ / "batch.jsonl", folder_ / "answers.jsonl", [](Json& line, std::size_t i) {
        Json& choice = line["response"]["body"]["choices"][0];
        if (i == 0) choice["message"]["content"] = R"({"taste":1})";
        if (i == 1) choice["finish_reason"] = "length";
      })};
  EXPECT_TRUE(error_of([&] { step(importing, 3); }).says("2 of 3 requests"));
  step(exporting, 3);
  const auto lines = lines_of(folder_ / "batch.jsonl");
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_EQ(lines[0]["custom_id"], request_key("test-model", taste_request(0))) << "the hash of the original request";
  EXPECT_THAT(lines[0]["body"]["messages"].back()["content"].get<std::string>(), HasSubstr("taste: expected a string"));
  EXPECT_EQ(lines[1]["body"]["max_tokens"], 200);
  importing.batch_files = {answer_file(folder_ / "batch.jsonl", folder_ / "answers.jsonl")};
  EXPECT_EQ(step(importing, 3).find("rejected"), std::string::npos);
}

TEST_F(LlmBatch, WhatStaysBadIsSetAsideAfterMaxAttempts) {
  serve(Json::object());
  LlmOptions exporting = options(LlmMode::kBatchExport);
  exporting.batch_files = {folder_ / "batch.jsonl"};
  exporting.max_attempts = 2;
  LlmOptions importing = options(LlmMode::kBatchImport);
  importing.max_attempts = 2;
  for (int round = 0; round < 2; ++round) {
    step(exporting, 1);
    importing.batch_files = {
        answer_file(folder_ / "batch.jsonl", folder_ / "answers.jsonl", [&](Json& line, std::size_t) {
          line["response"]["body"]["choices"][0]["message"]["content"] = "no " + std::to_string(round);
        })};
    if (round == 0) {
      EXPECT_EQ(error_of([&] { step(importing, 1); }).kind, ErrorKind::kService);
    }
  }
  EXPECT_THAT(step(importing, 1), HasSubstr("0 rejected the reply is not JSON"));
}

// ---- the service

TEST_F(LlmBatch, SubmitsAndCollectsTheSameAnswersAsOneByOne) {
  serve({{"polls", 2}});
  EXPECT_EQ(submit_and_collect(12), online(12));
  EXPECT_EQ(batch_count("batches"), 1U);
  EXPECT_EQ(step(options(LlmMode::kBatchCollect), 12), online(12)) << "nothing waits any more";
}

TEST_F(LlmBatch, SubmittingTwiceSendsNothingTwice) {
  serve({{"polls", 1}});
  step(options(LlmMode::kBatchSubmit), 10, {.requests = 4});
  EXPECT_EQ(batch_count("batches"), 3U);
  step(options(LlmMode::kBatchSubmit), 12, {.requests = 4});
  EXPECT_EQ(batch_count("batches"), 4U);
  EXPECT_EQ(batch_count("lines"), 12U) << "only the two new ones";
  EXPECT_EQ(step(options(LlmMode::kBatchCollect), 12).find("rejected"), std::string::npos);
}

TEST_F(LlmBatch, ExpiredAndCancelledBatchesKeepTheirAnswersAndTheRestIsSentAgain) {
  for (const char* final : {"expired", "cancelled"}) {
    for (const char* missing : {"null", "empty", "absent"}) {
      SCOPED_TRACE(std::string(final) + " " + missing);
      serve({{"final", final}, {"answer_every", 2}, {"no_output", missing}});
      std::filesystem::remove(folder_ / "llm.sqlite");
      step(options(LlmMode::kBatchSubmit), 10);
      const auto thrown = error_of([&] { step(options(LlmMode::kBatchCollect), 10); });
      EXPECT_TRUE(thrown.says("5 of 10 requests have no usable answer yet")) << thrown.message;
      EXPECT_TRUE(thrown.says("completion window expired")) << thrown.message;
      step(options(LlmMode::kBatchSubmit), 10);
      EXPECT_EQ(batch_count("lines"), 15U);
      EXPECT_EQ(ask_all(options(LlmMode::kAsk), 10).find("rejected"), std::string::npos);
      EXPECT_EQ(server_->count("requests"), 5U);
    }
  }
}

TEST_F(LlmBatch, ABatchWithoutAnyOutputIsNoDisaster) {
  for (const char* missing : {"null", "empty", "absent"}) {
    serve({{"final", "failed"}, {"no_output", missing}});
    std::filesystem::remove(folder_ / "llm.sqlite");
    step(options(LlmMode::kBatchSubmit), 4);
    testing::internal::CaptureStderr();
    const auto thrown = error_of([&] { step(options(LlmMode::kBatchCollect), 4); });
    EXPECT_THAT(testing::internal::GetCapturedStderr(), HasSubstr("line 1 is no JSON"));
    EXPECT_TRUE(thrown.says("4 of 4 requests")) << thrown.message;
  }
}

TEST_F(LlmBatch, AnErrorLineInACompletedBatchIsAFailure) {
  serve({{"reject_every", 5}});
  step(options(LlmMode::kBatchSubmit), 10);
  const auto thrown = error_of([&] { step(options(LlmMode::kBatchCollect), 10); });
  EXPECT_TRUE(thrown.says("2 of 10 requests have no usable answer yet")) << thrown.message;
  EXPECT_TRUE(thrown.says("HTTP 400: this line is refused")) << thrown.message;
}

TEST_F(LlmBatch, GuidedJsonCutAtMaxTokensIsNotTaken) {
  serve({{"faults", {"ok", "length_valid"}}});
  step(options(LlmMode::kBatchSubmit), 4);
  EXPECT_TRUE(error_of([&] { step(options(LlmMode::kBatchCollect), 4); }).says("2 of 4 requests"));
}

TEST_F(LlmBatch, AKilledSubmitGoesOnWhereItWas) {
  serve({{"lose_create_reply", true}});
  EXPECT_EQ(error_of([&] { step(options(LlmMode::kBatchSubmit), 6); }).kind, ErrorKind::kService)
      << "the batch was made, its reply was lost";
  step(options(LlmMode::kBatchSubmit), 6);
  EXPECT_EQ(batch_count("batches"), 1U) << "found again by its file, not made a second time";
  EXPECT_EQ(step(options(LlmMode::kBatchCollect), 6).find("rejected"), std::string::npos);
}

TEST_F(LlmBatch, CollectingCanBeStopped) {
  serve({{"polls", 1000}});
  step(options(LlmMode::kBatchSubmit), 3);
  LlmOptions collecting = options(LlmMode::kBatchCollect);
  collecting.progress = [](const ProgressUpdate&) { request_stop(SIGINT); };
  const auto thrown = error_of([&] { step(collecting, 3); });
  request_stop(0);
  EXPECT_EQ(thrown.exit_code, 128 + SIGINT);
  EXPECT_EQ(batch_count("batches"), 1U);
}

TEST_F(LlmBatch, CostsHalfAndKeepsToTheBudget) {
  serve(Json::object(), {{"longest_answers", true}, {"tokens_per_byte", 0.9}});
  LlmOptions limited = options(LlmMode::kBatchSubmit);
  limited.prices = folder_.write("prices.json", R"({"models": {"test-model": {"input": 10, "output": 100}}})");
  limited.max_cost_usd = 0.05;
  const auto thrown = error_of([&] { step(limited, 100); });
  EXPECT_EQ(thrown.kind, ErrorKind::kService);
  EXPECT_TRUE(thrown.says("budget")) << thrown.message;
  const std::uint64_t sent = batch_count("lines");
  EXPECT_GT(sent, 0U);
  limited.mode = LlmMode::kBatchCollect;
  limited.max_cost_usd.reset();
  EXPECT_TRUE(error_of([&] { step(limited, 100); }).says("of 100 requests"));
  Database store(limited.store);
  EXPECT_LE(std::stod(store.ask("SELECT sum(cost_usd) FROM spend")), 0.05);
  EXPECT_EQ(std::stoull(store.ask("SELECT sum(requests) FROM spend")), sent);
}

TEST_F(LlmBatch, SaysWhatItNeeds) {
  serve(Json::object());
  const auto message = [&](LlmMode mode, const std::function<void(LlmOptions&)>& change) {
    LlmOptions bad = options(mode);
    change(bad);
    const auto thrown = error_of([&] { BatchClient client(bad); });
    EXPECT_EQ(thrown.kind, ErrorKind::kUsage);
    return thrown.message;
  };
  EXPECT_THAT(message(LlmMode::kBatchExport, [](LlmOptions&) {}), HasSubstr("one FILE"));
  EXPECT_THAT(message(LlmMode::kBatchImport, [](LlmOptions&) {}), HasSubstr("needs a FILE"));
  EXPECT_THAT(message(LlmMode::kBatchCollect, [](LlmOptions& o) { o.keep_answers = false; }), HasSubstr("--no-store"));
}

}  // namespace
}  // namespace persona4rec
