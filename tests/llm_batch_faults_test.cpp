// Batches that are lost, asked for again, of several models, or refused line by line.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>

#include "llm/batch/batch_client.hpp"
#include "llm/store/sqlite.hpp"
#include "support/json_lines.hpp"
#include "support/llm_http.hpp"

namespace persona4rec {
namespace {

using test::Child;
using test::error_of;
using test::LlmServer;
using test::outcomes;
using test::taste_requests;
using testing::HasSubstr;

class LlmBatchFaults : public test::LlmHttp {
 protected:
  void serve(const Json& batch, Json more = Json::object()) {
    more["batch"] = batch;
    server_ = std::make_unique<LlmServer>(more);
  }
  std::string step(LlmMode mode, std::uint64_t rows, const std::function<void(LlmOptions&)>& change = {}) {
    LlmOptions made = options();
    made.mode = mode;
    if (change) change(made);
    BatchClient client(made, {.requests = 4});
    client.ask(taste_requests(rows));
    return client.has_outcomes() ? outcomes(client, rows) : "";
  }
  std::uint64_t lines() const { return server_->stats().at("batch").at("lines").get<std::uint64_t>(); }
};

TEST_F(LlmBatchFaults, ABatchThatIsGoneIsLostAndTheOthersAreCollected) {
  serve({{"gone", "batch_2"}});
  step(LlmMode::kBatchSubmit, 12);
  EXPECT_TRUE(error_of([&] { step(LlmMode::kBatchCollect, 12); }).says("4 of 12 requests have no usable answer yet"));
  step(LlmMode::kBatchSubmit, 12);
  EXPECT_EQ(lines(), 16U) << "its requests are open again";
  EXPECT_EQ(step(LlmMode::kBatchCollect, 12).find("rejected"), std::string::npos);
}

TEST_F(LlmBatchFaults, AFileThatIsGoneIsLostToo) {
  serve({{"files_are_gone", true}});
  step(LlmMode::kBatchSubmit, 3);
  EXPECT_TRUE(error_of([&] { step(LlmMode::kBatchCollect, 3); }).says("3 of 3 requests"));
  Database store(folder_ / "llm.sqlite");
  EXPECT_EQ(store.ask("SELECT status FROM batches"), "lost");
}

TEST_F(LlmBatchFaults, AWrongAddressLosesNoBatch) {
  serve(Json::object());
  step(LlmMode::kBatchSubmit, 3);
  const auto wrong = [&](LlmOptions& o) { o.base_url = server_->origin() + "/nowhere"; };
  EXPECT_EQ(error_of([&] { step(LlmMode::kBatchCollect, 3, wrong); }).kind, ErrorKind::kService);
  EXPECT_EQ(step(LlmMode::kBatchCollect, 3).find("rejected"), std::string::npos);
  EXPECT_EQ(lines(), 3U);
}

TEST_F(LlmBatchFaults, CollectAfterSubmitRefreshKeepsTheNewAnswers) {
  ask(Json::object(), 3);
  Database(folder_ / "llm.sqlite").exec("UPDATE replies SET reply = '{\"taste\":\"old\",\"score\":1,\"note\":null}'");
  serve(Json::object());
  step(LlmMode::kBatchSubmit, 3, [](LlmOptions& o) { o.refresh = true; });
  EXPECT_EQ(step(LlmMode::kBatchCollect, 3).find("old"), std::string::npos);
}

TEST_F(LlmBatchFaults, PartsArePricedByTheirOwnModel) {
  serve(Json::object(), {{"longest_answers", true}});
  const auto prices = folder_.write("prices.json", R"({"models": {"cheap": {"input": 0, "output": 2},
                                                                  "dear": {"input": 0, "output": 2000}}})");
  const auto with = [&](const char* model) {
    return [&, model](LlmOptions& o) {
      o.model = model;
      o.prices = prices;
    };
  };
  step(LlmMode::kBatchSubmit, 2, with("dear"));
  step(LlmMode::kBatchSubmit, 2, with("cheap"));
  step(LlmMode::kBatchCollect, 2, with("cheap"));
  Database store(folder_ / "llm.sqlite");
  const auto spent = [&](const std::string& model) {
    return std::stod(
        store.ask("SELECT total(cost_usd) FROM spend JOIN runs USING (run) WHERE model = '" + model + "'"));
  };
  EXPECT_DOUBLE_EQ(spent("dear"), 2 * 100 * 1000 / 1e6) << "at half the price";
  EXPECT_DOUBLE_EQ(spent("cheap"), 2 * 100 * 1 / 1e6);
}

TEST_F(LlmBatchFaults, ModelsThatThinkAreAskedInTheFormThatTheyTake) {
  for (const char* model : {"gpt-5", "gpt-5-mini", "gpt-5-nano", "o3", "o4-mini", "openai/o3-mini"}) {
    const ServerForm form = form_of_model(model, AnswerFormat::kJsonSchema);
    EXPECT_TRUE(form.max_completion_tokens && !form.temperature) << model;
  }
  for (const char* model : {"gpt-4o", "gpt-4.1-nano", "gpt-5-chat-latest", "ollama", "meta/llama"})
    EXPECT_EQ(form_of_model(model, AnswerFormat::kJsonSchema), ServerForm{}) << model;
  serve(Json::object(), {{"refuses", {"max_tokens", "temperature"}}});
  const auto thinking = [](LlmOptions& o) { o.model = "o3"; };
  step(LlmMode::kBatchSubmit, 3, thinking);
  LlmOptions collecting = options();
  collecting.mode = LlmMode::kBatchCollect;
  thinking(collecting);
  BatchClient client(collecting);
  client.ask(taste_requests(3));
  EXPECT_EQ(outcomes(client, 3).find("rejected"), std::string::npos);
}

TEST_F(LlmBatchFaults, ABatchLearnsTheFormFromTheRefusalsOfTheOneBefore) {
  serve(Json::object(), {{"refuses", {"max_tokens", "temperature"}}});  // the model's name says nothing
  for (int round = 0; round < 2; ++round) {
    step(LlmMode::kBatchSubmit, 3);
    EXPECT_TRUE(error_of([&] { step(LlmMode::kBatchCollect, 3); }).says("3 of 3 requests")) << round;
  }
  step(LlmMode::kBatchSubmit, 3);
  EXPECT_EQ(step(LlmMode::kBatchCollect, 3).find("rejected"), std::string::npos);
}

TEST_F(LlmBatchFaults, ALineThatIsAlwaysRefusedIsSetAsideInTheEnd) {
  serve({{"reject_every", 3}});
  const auto twice = [](LlmOptions& o) { o.max_attempts = 2; };
  step(LlmMode::kBatchSubmit, 3, twice);
  EXPECT_TRUE(error_of([&] { step(LlmMode::kBatchCollect, 3, twice); }).says("1 of 3 requests"));
  serve({{"reject_every", 1}});
  step(LlmMode::kBatchSubmit, 3, twice);
  EXPECT_THAT(step(LlmMode::kBatchCollect, 3, twice), HasSubstr("rejected HTTP 400: this line is refused"));
}

TEST_F(LlmBatchFaults, ABatchThatFailsInTheSameBytesAsAnotherCountsAsWell) {
  const auto twice = [](LlmOptions& o) { o.max_attempts = 2; };
  serve({{"reject_every", 1}});
  step(LlmMode::kBatchSubmit, 3, twice);
  EXPECT_TRUE(error_of([&] { step(LlmMode::kBatchCollect, 3, twice); }).says("3 of 3 requests"));
  step(LlmMode::kBatchSubmit, 3, twice);
  Database(folder_ / "llm.sqlite").exec("DELETE FROM forms");
  const std::string text = step(LlmMode::kBatchCollect, 3, twice);
  EXPECT_THAT(text, HasSubstr("0 rejected HTTP 400"));
  EXPECT_THAT(text, HasSubstr("2 rejected HTTP 400"));
}

TEST_F(LlmBatchFaults, ADownloadThatTheDiskDoesNotTakeWholeIsAnError) {
  serve(Json::object());
  step(LlmMode::kBatchSubmit, 3);
  Child child(folder_, [&] {
    signal(SIGXFSZ, SIG_IGN);
    const rlimit few{.rlim_cur = 20, .rlim_max = 20};
    setrlimit(RLIMIT_FSIZE, &few);
    Transport transport(Secret(), 1);
    HttpRequest request;
    request.url = server_->url() + "/files/file-1/content";
    request.save_to = folder_ / "download";
    request.timeout = std::chrono::seconds(20);
    transport.start(1, request);
    std::optional<HttpResponse> response;
    while (!response)
      transport.wait(std::chrono::milliseconds(100), [&](std::uint64_t, HttpResponse&& r) { response = std::move(r); });
    if (response->failure != TransportFailure::kNotSaved) throw internal_error("the tail was lost in silence");
  });
  EXPECT_EQ(child.wait(), 0) << child.message();
}

}  // namespace
}  // namespace persona4rec
