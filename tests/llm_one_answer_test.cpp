// One answer never ends or stalls a run: what is wrong with single requests, and what concerns them all.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "llm/http/chat_service.hpp"
#include "llm/http/verdict.hpp"
#include "support/llm_http.hpp"

namespace persona4rec {
namespace {

using test::ask_all;
using test::error_of;
using test::LlmServer;
using test::taste_request;
using testing::HasSubstr;
using testing::Not;

std::string error_body(const std::string& message, const Json& code = nullptr) {
  return Json{{"error", {{"message", message}, {"type", "invalid_request_error"}, {"code", code}}}}.dump();
}

std::string answered(int status, const std::string& body) {
  return "http " + std::to_string(status) + " " + body;
}

// Row 2 of five fails in this way each time; "number 2:" stands in its prompt alone.
Json poisoned(const std::string& fault) {
  return {{"poison", {"number 2:"}}, {"poison_fault", fault}};
}

class LlmOneAnswer : public test::LlmHttp {
 protected:
  // Asks five rows one after the other and expects that only row 2 is set aside, for a reason with this text.
  void expect_one_set_aside(const Json& plan, const std::string& reason) {
    std::filesystem::remove(folder_ / "llm.sqlite");
    server_ = std::make_unique<LlmServer>(plan);
    LlmOptions one_by_one = options();
    one_by_one.concurrency = 1;
    totals_ = {};
    const std::string text = ask_all(one_by_one, 5, &totals_);
    EXPECT_EQ(totals_.rejects, 1U) << text;
    EXPECT_THAT(text, HasSubstr("2 rejected "));
    EXPECT_THAT(text, HasSubstr(reason));
  }
};

TEST_F(LlmOneAnswer, ARefusalOfOneRequestIsThatRequestsMatterAndTheFormStays) {
  expect_one_set_aside(poisoned(answered(400, error_body("nobody knows why"))), "nobody knows why");
  EXPECT_EQ(totals_.requests, 6U) << "tried in the next weaker form, then set aside; all others with a schema";
}

TEST_F(LlmOneAnswer, ContentFiltersOfSeveralServices) {
  const std::string kBodies[] = {
      error_body("The response was filtered due to the prompt triggering content management policy.", "content_filter"),
      error_body("Invalid prompt: your prompt was flagged as potentially violating our usage policy.",
                 "invalid_prompt"),
      error_body("Input data may contain inappropriate content.", "data_inspection_failed"),
      R"({"error":{"code":403,"message":"Your input was flagged by moderation","metadata":{"reasons":["violence"]}}})",
  };
  for (const auto& body : kBodies)
    for (const int status : {400, 403}) {
      SCOPED_TRACE(body);
      expect_one_set_aside(poisoned(answered(status, body)), "HTTP " + std::to_string(status));
      EXPECT_EQ(totals_.requests, 5U);
    }
}

TEST_F(LlmOneAnswer, OverlongPromptsInAnyWording) {
  const std::pair<int, std::string> kReplies[] = {
      {400, error_body("You passed 5001 input tokens and requested 500 output tokens. However, the model's context "
                       "length is only 4096 tokens.")},
      {400, error_body("This model's maximum context length is 4096 tokens. However, you requested 5501 tokens.")},
      {400, error_body("The input (5001 tokens) is longer than the model's context length (4096 tokens).")},
      {422,
       R"({"error":"Input validation error: `inputs` tokens + `max_new_tokens` must be <= 4096.","error_type":"validation"})"},
      {400,
       R"([{"error":{"code":400,"message":"The input token count (5001) exceeds the maximum number of tokens allowed (4096).","status":"INVALID_ARGUMENT"}}])"},
      {413, "<html><head><title>413 Request Entity Too Large</title></head></html>"},
      {400, error_body("something in a wording that nobody has seen")},
  };
  for (const auto& [status, body] : kReplies) {
    SCOPED_TRACE(body);
    expect_one_set_aside(poisoned(answered(status, body)), "HTTP " + std::to_string(status));
  }
}

TEST_F(LlmOneAnswer, AnOverlongFirstPromptDoesNotEndTheRunEither) {
  server_ = std::make_unique<LlmServer>(
      Json{{"poison", {"number 0:"}}, {"poison_fault", answered(400, error_body("nobody knows why"))}});
  const std::string text = ask_all(options(), 5, &totals_);
  EXPECT_EQ(totals_.rejects, 1U) << text;
  EXPECT_EQ(ask_all(options(), 5, &totals_), text) << "alone on a rerun: the store knows that the service answers";
}

TEST_F(LlmOneAnswer, ARefusalThatARerunBeginsWithDoesNotChangeTheFormOfTheRun) {
  ask(Json::object(), 2);
  Json plan = poisoned(answered(400, error_body("nobody knows why")));
  plan["poison_formats"] = {"json_schema"};
  server_ = std::make_unique<LlmServer>(plan);
  LlmOptions one_by_one = options();
  one_by_one.concurrency = 1;
  EXPECT_THAT(ask_all(one_by_one, 8, &totals_), Not(HasSubstr("rejected")));
  EXPECT_EQ(server_->stats()["formats"], (Json{{"json_object", 1}, {"json_schema", 6}})) << "row 2 alone, in both";
}

TEST_F(LlmOneAnswer, ARerunFindsTheFormThatTheServiceTakesAgain) {
  for (const Json& refuses : {Json{"json_schema"}, Json{"json_schema", "json_object"}}) {
    std::filesystem::remove(folder_ / "llm.sqlite");
    const Json plan = {{"refuses", refuses}};
    ask(plan, 2);
    server_ = std::make_unique<LlmServer>(plan);
    LlmOptions one_by_one = options();
    one_by_one.concurrency = 1;
    EXPECT_THAT(ask_all(one_by_one, 8, &totals_), Not(HasSubstr("rejected")));
    EXPECT_LE(totals_.requests, 10U) << "two refusals tell that it is not the requests";
  }
}

TEST_F(LlmOneAnswer, JsonThatTheServiceCouldNotMakeIsTriedInAWeakerForm) {
  Json plan = poisoned(answered(400, error_body("Failed to generate JSON.", "json_validate_failed")));
  plan["poison_formats"] = {"json_schema"};
  server_ = std::make_unique<LlmServer>(plan);
  EXPECT_THAT(ask_all(options(), 5, &totals_), Not(HasSubstr("rejected")));
  EXPECT_EQ(totals_.requests, 6U);
}

TEST_F(LlmOneAnswer, WhatConcernsTheRunEndsItEarlyOrLateAndLeavesRequestsOpen) {
  for (const int status : {401, 402, 404}) {
    std::filesystem::remove(folder_ / "llm.sqlite");
    server_ = std::make_unique<LlmServer>(poisoned(answered(status, error_body("so says the service"))));
    const auto thrown = error_of([&] { ask_all(options(), 5); });
    EXPECT_EQ(thrown.kind, ErrorKind::kService);
    EXPECT_TRUE(thrown.says("so says the service")) << thrown.message;
    server_ = std::make_unique<LlmServer>();
    EXPECT_THAT(ask_all(options(), 5, &totals_), Not(HasSubstr("rejected")));
    EXPECT_EQ(totals_.rejects, 0U);
  }
}

TEST_F(LlmOneAnswer, A403EndsTheRunWhenNothingWasAnsweredAndOnFiveInARow) {
  const std::string forbidden = answered(403, error_body("Country, region, or territory not supported"));
  server_ = std::make_unique<LlmServer>(Json{{"always", forbidden}});
  EXPECT_TRUE(error_of([&] { ask_all(options(), 500); }).says("territory not supported"));
  EXPECT_EQ(server_->count("requests"), 1U);

  expect_one_set_aside(poisoned(forbidden), "HTTP 403");

  std::filesystem::remove(folder_ / "llm.sqlite");
  Json script(std::vector<std::string>(20, "ok"));
  server_ = std::make_unique<LlmServer>(Json{{"script", script}, {"faults", 1.0}, {"kinds", {forbidden}}});
  LlmOptions one_by_one = options();
  one_by_one.concurrency = 1;
  EXPECT_TRUE(error_of([&] { ask_all(one_by_one, 500); }).says("territory not supported"));
  EXPECT_EQ(server_->count("requests"), 30U) << "five requests, each in a weaker form too";
}

TEST_F(LlmOneAnswer, A403WithoutAFilterCodeIsTriedInAWeakerFormOnceOthersWereAnswered) {
  Json plan = poisoned(answered(403, error_body("Forbidden")));
  plan["poison_formats"] = {"json_schema"};
  server_ = std::make_unique<LlmServer>(plan);
  LlmOptions one_by_one = options();
  one_by_one.concurrency = 1;
  EXPECT_THAT(ask_all(one_by_one, 5, &totals_), Not(HasSubstr("rejected")));
  EXPECT_EQ(totals_.requests, 6U) << "and the others in the form of the run";
}

// ---- replies without an answer

TEST_F(LlmOneAnswer, A200WithoutAUsableChoiceIsAFailedAnswerOfItsRequest) {
  const std::string kFaults[] = {
      "empty_choices",
      answered(200, R"({"choices":[{"message":{"role":"assistant","content":null},"finish_reason":"stop"}]})"),
      answered(200, R"({"choices":[{"message":{"content":"{\"taste\":\"good \ud83d\"}"},"finish_reason":"stop"}]})"),
      answered(200, R"({"choices":[{"message":{"content":"{\"taste\":\"good \\ud83d\"}"},"finish_reason":"stop"}]})"),
      answered(200, "<html>a portal</html>"),
      answered(200, R"({"promptFeedback":{"blockReason":"SAFETY"}})"),
  };
  for (const auto& fault : kFaults) {
    SCOPED_TRACE(fault);
    expect_one_set_aside(poisoned(fault), "2 rejected");
    EXPECT_EQ(totals_.requests, 9U) << "--max-attempts of one, and four others";
  }
}

TEST_F(LlmOneAnswer, TwentyRequestsInARowWithoutAnAnswerAreAnOutage) {
  server_ = std::make_unique<LlmServer>(
      Json{{"script", std::vector<std::string>(5, "ok")}, {"faults", 1.0}, {"kinds", {"empty_choices"}}});
  LlmOptions impatient = options();
  impatient.max_outage_s = 2;
  const auto thrown = error_of([&] { ask_all(impatient, 5000); });
  EXPECT_TRUE(thrown.says("no answer for too long")) << thrown.message;
  EXPECT_TRUE(thrown.says("no choices")) << thrown.message;
}

TEST_F(LlmOneAnswer, A5xxAtTheTailIsSetAsideByItsOwnCountEvenIfItIsTheOnlyOneLeft) {
  ask(Json::object(), 2);
  server_ = std::make_unique<LlmServer>(poisoned("500"));
  LlmOptions again = options();
  again.max_outage_s = 1;
  const std::string text = ask_all(again, 3, &totals_);  // nothing but row 2 is left to ask
  EXPECT_THAT(text, HasSubstr("2 rejected no answer in 8 tries"));
  EXPECT_EQ(totals_.requests, 8U);
}

TEST_F(LlmOneAnswer, A5xxThatNamesAGrammarIsAskedInAWeakerForm) {
  EXPECT_THAT(ask({{"refuses", {"json_schema", "json_object"}}, {"refuse_status", 500}}, 5),
              Not(HasSubstr("rejected")));
  EXPECT_EQ(totals_.requests, 7U);
}

TEST_F(LlmOneAnswer, TheAnswerFormatCanBeSetByHand) {
  server_ = std::make_unique<LlmServer>(Json{{"refuses", {"json_schema", "json_object"}}});
  LlmOptions by_hand = options();
  by_hand.answer_format = AnswerFormat::kPlain;
  EXPECT_THAT(ask_all(by_hand, 5, &totals_), Not(HasSubstr("rejected")));
  EXPECT_EQ(totals_.requests, 5U) << "nothing was refused";
}

// ---- rejects and thinking

TEST_F(LlmOneAnswer, TheRunStopsAsSoonAsMaxRejectsCannotBeKept) {
  server_ = std::make_unique<LlmServer>(poisoned(answered(400, error_body("filtered", "content_filter"))));
  LlmOptions strict = options();
  strict.concurrency = 1;
  strict.max_rejects = 0;
  EXPECT_TRUE(error_of([&] { ask_all(strict, 50); }).says("--max-rejects allows 0"));
  EXPECT_EQ(server_->count("requests"), 3U) << "nothing is paid beyond";
  strict.max_rejects = 1;
  ask_all(strict, 50, &totals_);
  EXPECT_EQ(totals_.rejects, 1U);
}

TEST_F(LlmOneAnswer, AModelThatThinksItsTokensAwayIsToldAfterFiveInARow) {
  server_ = std::make_unique<LlmServer>(Json{{"always", "thinks"}});
  LlmOptions one_by_one = options();
  one_by_one.concurrency = 1;
  const auto thrown = error_of([&] { ask_all(one_by_one, 500); });
  EXPECT_TRUE(thrown.says("5 requests in a row")) << thrown.message;
  EXPECT_TRUE(thrown.says("--reasoning-effort")) << thrown.message;
  EXPECT_EQ(server_->count("requests"), 10U) << "each with its tokens raised once";
  expect_one_set_aside(poisoned("thinks"), "used up all 200 tokens by thinking");
}

TEST_F(LlmOneAnswer, ReasoningEffortIsPassedOnAndPartOfTheRequest) {
  ChatRequest request = taste_request(1);
  const std::string key = request_key("m", request);
  EXPECT_FALSE(Json::parse(request_body("m", request, {}, {})).contains("reasoning_effort"));
  request.sampling.reasoning_effort = "low";
  EXPECT_EQ(Json::parse(request_body("m", request, {}, {}))["reasoning_effort"], "low");
  EXPECT_NE(request_key("m", request), key);
}

TEST(RequestBody, ARepairAfterAnEmptyReplyKeepsTheRolesAlternating) {
  const Attempt repair{.doubled = false, .failed_reply = "", .problem = "the reply is empty"};
  const Json body = Json::parse(request_body("m", taste_request(1), repair, {}));
  ASSERT_EQ(body["messages"].size(), 2U);
  EXPECT_EQ(body["messages"][1]["role"], "user");
  EXPECT_THAT(body["messages"][1]["content"].get<std::string>(), HasSubstr("the reply is empty"));
}

// ---- money and redirects

TEST(Verdict, AGatewayThatGaveUpMayHaveBeenBilled) {
  HttpResponse response;
  for (const int status : {504, 524}) {
    response.status = status;
    EXPECT_EQ(judge_chat(response, 0).billing, Billing::kUnknown);
  }
  response.status = 503;
  EXPECT_EQ(judge_chat(response, 0).billing, Billing::kFree);
}

TEST_F(LlmOneAnswer, RedirectsInFlightCountOnce) {
  LlmOptions options;
  options.model = "m";
  options.base_url = "http://127.0.0.1:1/v1";
  ChatService service(options);
  const std::string first = "http://127.0.0.1:1/v1/chat/completions";
  for (int in_flight = 0; in_flight < 32; ++in_flight) EXPECT_EQ(service.follow(first, "http://127.0.0.1:1/new"), "");
  EXPECT_EQ(service.follow("http://127.0.0.1:1/new", "http://127.0.0.1:1/newer"), "");
}

}  // namespace
}  // namespace persona4rec
