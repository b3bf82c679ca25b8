// `--llm http` against a service that behaves, refuses, redirects, and fails for good.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "support/llm_http.hpp"

namespace persona4rec {
namespace {

using test::ask_all;
using test::error_of;
using test::LlmHttp;
using test::LlmServer;
using test::outcomes;
using test::ScopedEnvironment;
using test::taste_request;
using test::taste_requests;

TEST_F(LlmHttp, AnswersEveryRequestInInputOrder) {
  const std::string text = ask({{"delay_ms", 5}}, 200);
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 200);
  EXPECT_EQ(text.find("rejected"), std::string::npos);
  EXPECT_THAT(text, testing::StartsWith("0 ok {\"taste\":\"text "));
  EXPECT_EQ(server_->count("requests"), 200U);
  EXPECT_EQ(totals_.requests, 200U);
  EXPECT_EQ(totals_.retries, 0U);
  EXPECT_GT(totals_.use.prompt, 0U);
  EXPECT_TRUE(std::isnan(totals_.cost_usd)) << "no price is known: undefined is not zero";
}

TEST_F(LlmHttp, PaysForNothingTwice) {
  const std::string first = ask(Json::object(), 50);
  ChatTotals totals;
  EXPECT_EQ(ask_all(options(), 60, &totals).substr(0, first.size()), first);
  EXPECT_EQ(server_->count("requests"), 60U) << "only the ten new ones";
  EXPECT_EQ(totals.stored, 50U);
}

TEST_F(LlmHttp, AsksEqualRequestsOnce) {
  server_ = std::make_unique<LlmServer>(Json{{"delay_ms", 20}});
  const auto client = make_chat_client(options());
  std::uint64_t pulled = 0;
  client->ask([&]() -> std::optional<ChatRequest> {
    if (pulled == 40) return std::nullopt;
    return taste_request(pulled++ % 4);
  });
  EXPECT_EQ(server_->count("requests"), 4U);
  EXPECT_EQ(client->outcome(taste_request(3)).status, ChatStatus::kOk);
}

TEST_F(LlmHttp, RefreshAsksAgainAndNoStoreKeepsNothing) {
  ask(Json::object(), 10);
  LlmOptions again = options();
  again.refresh = true;
  ask_all(again, 10);
  EXPECT_EQ(server_->count("requests"), 20U);
  ask_all(options(), 10);
  EXPECT_EQ(server_->count("requests"), 20U);

  LlmOptions forgetful = options();
  forgetful.keep_answers = false;
  ask_all(forgetful, 10);
  EXPECT_EQ(server_->count("requests"), 30U);
  for (const auto& entry : std::filesystem::directory_iterator(folder_.path()))
    EXPECT_EQ(entry.path().filename().string().find(".tmp."), std::string::npos) << entry.path();
}

TEST_F(LlmHttp, AChangedPromptModelSchemaOrSamplingIsAnotherRequest) {
  server_ = std::make_unique<LlmServer>();
  const auto ask_one = [&](const std::function<void(ChatRequest&, LlmOptions&)>& change) {
    ChatRequest request = taste_request(0);
    LlmOptions changed = options();
    change(request, changed);
    const auto client = make_chat_client(changed);
    bool given = false;
    client->ask([&]() -> std::optional<ChatRequest> {
      if (std::exchange(given, true)) return std::nullopt;
      return request;
    });
    return server_->count("requests");
  };
  EXPECT_EQ(ask_one([](ChatRequest&, LlmOptions&) {}), 1U);
  EXPECT_EQ(ask_one([](ChatRequest& request, LlmOptions&) { request.label = "another label"; }), 1U);
  EXPECT_EQ(ask_one([](ChatRequest& request, LlmOptions&) { request.facts = {{"other", 1}}; }), 1U);
  EXPECT_EQ(ask_one([](ChatRequest& request, LlmOptions&) { request.system += "!"; }), 2U);
  EXPECT_EQ(ask_one([](ChatRequest& request, LlmOptions&) { request.sampling.temperature = 0.5; }), 3U);
  EXPECT_EQ(ask_one([](ChatRequest& request, LlmOptions&) { request.sampling.max_tokens = 99; }), 4U);
  EXPECT_EQ(ask_one([](ChatRequest&, LlmOptions& options) { options.model = "other"; }), 5U);
  EXPECT_EQ(ask_one([](ChatRequest& request, LlmOptions&) {
              Json schema = *request.schema;
              schema["properties"]["taste"]["enum"] = {"sweet", "dry"};
              request.schema = std::make_shared<const Json>(schema);
            }),
            6U);
}

// ---- forms

TEST_F(LlmHttp, FallsBackToTheFormThatTheServerTakesAndRemembersIt) {
  const std::string with_schema = ask(Json::object(), 20);
  for (const Json& refused : {Json{"json_schema"}, Json{"json_schema", "json_object"}}) {
    std::filesystem::remove(folder_ / "llm.sqlite");
    EXPECT_EQ(ask({{"refuses", refused}}, 20), with_schema);
    EXPECT_EQ(server_->count("requests"), 20U);
    EXPECT_EQ(totals_.requests, 20U + refused.size()) << "one refusal a form, not one a row";
  }
}

TEST_F(LlmHttp, LearnsWhichParametersAModelTakes) {
  EXPECT_EQ(ask({{"refuses", {"max_tokens", "temperature"}}}, 20).find("rejected"), std::string::npos);
  EXPECT_EQ(totals_.requests, 22U);
}

TEST_F(LlmHttp, StopsWithTheServersMessageWhenNoFormIsTaken) {
  server_ = std::make_unique<LlmServer>(Json{{"always", "400"}});
  const auto thrown = error_of([&] { ask_all(options(), 1000); });
  EXPECT_EQ(thrown.kind, ErrorKind::kService);
  EXPECT_TRUE(thrown.says("HTTP 400: this request makes no sense")) << thrown.message;
  EXPECT_EQ(server_->count("requests"), 9U)
      << "one for each form, of three requests: it might have been the first's matter";
}

// ---- bad replies

TEST_F(LlmHttp, RepairsAnAnswerThatFailsItsSchemaOrCheck) {
  EXPECT_EQ(ask({{"script", {"wrong_schema", "truncated_json", "fenced"}}}, 1).find("rejected"), std::string::npos);
  EXPECT_EQ(totals_.requests, 3U);

  const auto client = make_chat_client(options());
  ChatRequest picky = taste_request(7);
  int judged = 0;
  picky.check = [&judged](const Json&) { return ++judged == 1 ? std::string("too vague") : std::string(); };
  bool given = false;
  client->ask([&]() -> std::optional<ChatRequest> {
    if (std::exchange(given, true)) return std::nullopt;
    return picky;
  });
  EXPECT_EQ(client->totals().requests, 2U);
}

TEST_F(LlmHttp, SetsAsideWhatStaysWrongAndAsksJustThatAgain) {
  Json script = Json::array();
  for (int i = 0; i < 5; ++i) script.push_back("wrong_schema");
  const std::string text = ask({{"script", script}}, 1);
  EXPECT_THAT(text, testing::HasSubstr("0 rejected taste: is missing"));
  EXPECT_EQ(totals_.rejects, 1U);
  EXPECT_EQ(totals_.requests, 5U) << "--max-attempts";

  ChatTotals totals;
  EXPECT_EQ(ask_all(options(), 3, &totals).find("rejected"), std::string::npos);
  EXPECT_EQ(totals.requests, 3U);
  EXPECT_EQ(totals.rejects, 0U);
}

TEST_F(LlmHttp, ARejectCarriesItsReasonAndRawReply) {
  ask({{"always", "wrong_schema"}}, 1);
  const auto client = make_chat_client(options());
  client->ask(taste_requests(1));
  const ChatOutcome outcome = client->outcome(taste_request(0));
  EXPECT_EQ(outcome.status, ChatStatus::kRejected);
  EXPECT_EQ(outcome.raw, R"({"unexpected":true})");
  EXPECT_THAT(outcome.reason, testing::HasSubstr("unexpected: is no field of the answer"));
}

TEST_F(LlmHttp, AsksForTwiceTheTokensWhenAnAnswerIsCutOff) {
  EXPECT_EQ(ask({{"script", {"length"}}, {"longest_answers", true}}, 1).find("rejected"), std::string::npos);
  EXPECT_EQ(totals_.requests, 2U);
  EXPECT_EQ(totals_.use.completion, 100U + 200U);
}

TEST_F(LlmHttp, NeverTakesACutAnswerThatHappensToBeValid) {
  Json script(std::vector<std::string>(5, "length_valid"));
  EXPECT_THAT(ask({{"script", script}}, 1), testing::HasSubstr("rejected length: it was cut off at 200 tokens"));
}

TEST_F(LlmHttp, SetsAsideAtOnceWhatIsFilteredOrTooLong) {
  EXPECT_THAT(ask({{"script", {"content_filter", "too_long"}}, {"delay_ms", 1}}, 2),
              testing::AllOf(testing::HasSubstr("0 rejected content_filter"),
                             testing::HasSubstr("1 rejected HTTP 400: too many tokens")));
  EXPECT_EQ(totals_.requests, 2U);
}

TEST_F(LlmHttp, TriesAgainAfterRepliesThatAreNone) {
  EXPECT_EQ(
      ask({{"script", {"empty_choices", "html", "broken_body", "reset_mid_body", "500", "503"}}}, 2).find("rejected"),
      std::string::npos);
  EXPECT_EQ(totals_.requests, 8U);
}

// ---- pace

TEST_F(LlmHttp, WaitsAsLongAsTheServiceDemands) {
  EXPECT_EQ(ask({{"script", {"429_retry_after", "429_reset_header"}}}, 4).find("rejected"), std::string::npos);
  EXPECT_EQ(server_->faults("429_retry_after") + server_->faults("429_reset_header"), 2U);
  EXPECT_EQ(server_->count("too_early"), 0U);
}

TEST_F(LlmHttp, ARequestThatHangsEndsByItsTimeout) {
  server_ = std::make_unique<LlmServer>(Json{{"script", {"hang"}}, {"hang_ms", 60'000}});
  LlmOptions impatient = options();
  impatient.timeout_s = 0.5;
  EXPECT_EQ(ask_all(impatient, 3, &totals_).find("rejected"), std::string::npos);
  EXPECT_EQ(totals_.retries, 1U);
}

TEST_F(LlmHttp, KeepsWithinTheConcurrencyOfTheServiceAndUsesAllThatIsAllowed) {
  ask({{"delay_ms", 20}, {"capacity", 6}}, 150);
  EXPECT_LE(server_->count("most_in_flight"), 32U);
  EXPECT_LT(totals_.retries, 100U) << "32 in the first burst, then few";

  server_ = std::make_unique<LlmServer>(Json{{"delay_ms", 20}});
  LlmOptions eight = options();
  eight.refresh = true;
  eight.concurrency = 8;
  ask_all(eight, 100);
  EXPECT_EQ(server_->count("most_in_flight"), 8U);
}

TEST_F(LlmHttp, SpreadsRequestsOverTheMinute) {
  server_ = std::make_unique<LlmServer>();
  LlmOptions paced = options();
  paced.requests_per_minute = 600;
  const auto started = std::chrono::steady_clock::now();
  ask_all(paced, 11);
  // Ten gaps of 0.1 s, less what a late timer may catch up.
  EXPECT_GE(std::chrono::steady_clock::now() - started, std::chrono::milliseconds(900));
}

// ---- ends of a run

struct FatalCase {
  const char* fault;
  const char* message;
};

TEST_F(LlmHttp, AnErrorThatWillNotGetBetterStopsTheRunAtOnce) {
  for (const auto& [fault, message] :
       {FatalCase{"404", "The model does not exist"}, FatalCase{"429_quota", "You exceeded your current quota"}}) {
    server_ = std::make_unique<LlmServer>(Json{{"always", fault}});
    const auto thrown = error_of([&] { ask_all(options(), 50'000); });
    EXPECT_EQ(thrown.kind, ErrorKind::kService);
    EXPECT_TRUE(thrown.says(message)) << thrown.message;
    EXPECT_EQ(server_->count("requests"), 1U) << fault << " must not cost a call a row";
  }
}

TEST_F(LlmHttp, ARunInWhichEveryRequestIsTooLongEnds) {
  server_ = std::make_unique<LlmServer>(Json{{"always", "too_long"}});
  const auto thrown = error_of([&] { ask_all(options(), 50'000); });
  EXPECT_EQ(thrown.kind, ErrorKind::kService);
  EXPECT_TRUE(thrown.says("requests in a row were refused")) << thrown.message;
  EXPECT_LT(server_->count("requests"), 200U);
}

TEST_F(LlmHttp, AFatalErrorInTheMiddleKeepsWhatWasAnswered) {
  Json script(std::vector<std::string>(30, "ok"));
  script.push_back("404");
  server_ = std::make_unique<LlmServer>(Json{{"script", script}, {"delay_ms", 10}});
  EXPECT_EQ(error_of([&] { ask_all(options(), 100); }).kind, ErrorKind::kService);
  const auto before = server_->count("requests");
  EXPECT_EQ(ask_all(options(), 100).find("rejected"), std::string::npos);
  EXPECT_EQ(server_->count("requests") - before, 100 - (before - 1)) << "every other reply was kept";
  EXPECT_EQ(server_->count("answered_again"), 0U);
}

TEST_F(LlmHttp, AServiceThatIsNotThereEndsTheRunSoon) {
  server_ = std::make_unique<LlmServer>();
  LlmOptions nobody = options();
  nobody.base_url = "http://127.0.0.1:9/v1";
  nobody.max_outage_s = 1;
  const auto thrown = error_of([&] { ask_all(nobody, 1000); });
  EXPECT_EQ(thrown.kind, ErrorKind::kService);
  EXPECT_TRUE(thrown.says("no answer at all")) << thrown.message;
}

TEST_F(LlmHttp, AnOutageIsProbedNotStormed) {
  Json script(std::vector<std::string>(20, "ok"));
  server_ = std::make_unique<LlmServer>(Json{{"script", script}, {"faults", 1.0}, {"kinds", {"503"}}});
  LlmOptions patient = options();
  patient.max_outage_s = 3;
  const auto thrown = error_of([&] { ask_all(patient, 100'000); });
  EXPECT_TRUE(thrown.says("no answer for too long")) << thrown.message;
  EXPECT_TRUE(thrown.says("overloaded")) << thrown.message;
  EXPECT_LT(server_->count("requests"), 150U);
}

TEST_F(LlmHttp, AnErrorOfTheStreamKeepsWhatIsUnderWay) {
  server_ = std::make_unique<LlmServer>(Json{{"delay_ms", 50}});
  const auto client = make_chat_client(options());
  std::uint64_t row = 0;
  const auto thrown = error_of([&] {
    client->ask([&]() -> std::optional<ChatRequest> {
      if (row == 10) throw input_error({.file = "reviews.jsonl", .line = 11}, "expected JSON");
      return taste_request(row++);
    });
  });
  EXPECT_EQ(thrown.kind, ErrorKind::kInput);
  EXPECT_EQ(outcomes(*client, 10).find("rejected"), std::string::npos);
}

// ---- options

TEST_F(LlmHttp, RefusesOptionsThatMakeNoSense) {
  server_ = std::make_unique<LlmServer>();
  const auto message = [&](const std::function<void(LlmOptions&)>& change) {
    LlmOptions bad = options();
    change(bad);
    const auto thrown = error_of([&] { static_cast<void>(make_chat_client(bad)); });
    EXPECT_EQ(thrown.kind, ErrorKind::kUsage) << thrown.message;
    return thrown.message;
  };
  EXPECT_THAT(message([](LlmOptions& o) { o.model.clear(); }), testing::HasSubstr("--llm-model"));
  EXPECT_THAT(message([](LlmOptions& o) { o.concurrency = 513; }), testing::HasSubstr("--concurrency"));
  EXPECT_THAT(message([](LlmOptions& o) { o.base_url = "ftp://host/v1"; }), testing::HasSubstr("http"));
  EXPECT_THAT(message([](LlmOptions& o) { o.base_url = "https://u:p@host/v1"; }), testing::HasSubstr("password"));
  EXPECT_THAT(message([](LlmOptions& o) { o.max_cost_usd = 1; }), testing::HasSubstr("price"));
  ScopedEnvironment key("OPENAI_API_KEY", "sk-broken\nkey");
  const std::string about_key = message([](LlmOptions&) {});
  EXPECT_THAT(about_key, testing::HasSubstr("OPENAI_API_KEY"));
  EXPECT_THAT(about_key, testing::Not(testing::HasSubstr("sk-broken")));
}

TEST_F(LlmHttp, SaysHowFarItIs) {
  server_ = std::make_unique<LlmServer>(Json{{"script", {"500"}}, {"delay_ms", 5}});
  LlmOptions watched = options();
  std::vector<ProgressUpdate> updates;
  watched.progress = [&](const ProgressUpdate& update) { updates.push_back(update); };
  const auto client = make_chat_client(watched);
  client->expect(100);
  client->ask(taste_requests(100));
  ASSERT_FALSE(updates.empty());
  EXPECT_EQ(updates.back().done, 100U);
  EXPECT_EQ(updates.back().total, 100U);
  EXPECT_THAT(updates.back().detail, testing::HasSubstr("1 retries, 0 rejects"));
  EXPECT_THAT(updates.back().detail, testing::HasSubstr("tokens"));
}

}  // namespace
}  // namespace persona4rec
