// Bodies of requests, replies and errors of many servers.
#include "llm/http/chat_format.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "llm/http/verdict.hpp"
#include "support/llm_requests.hpp"

namespace persona4rec {
namespace {

using testing::HasSubstr;

TEST(RequestBody, AsksForAStrictSchemaWithoutWhatStrictServersRefuse) {
  ChatRequest request = test::taste_request(1);
  Json schema = *request.schema;
  schema["properties"]["taste"]["minLength"] = 3;
  schema["properties"]["taste"]["maxLength"] = 90;
  request.schema = std::make_shared<const Json>(schema);
  const Json body = Json::parse(request_body("m", request, {}, {}));
  EXPECT_EQ(body["model"], "m");
  EXPECT_EQ(body["messages"].size(), 2U);
  EXPECT_EQ(body["messages"][0]["role"], "system");
  EXPECT_EQ(body["messages"][1]["content"], request.user);
  EXPECT_EQ(body["max_tokens"], 100);
  EXPECT_EQ(body["temperature"], 0.0);
  const Json& format = body["response_format"];
  EXPECT_EQ(format["type"], "json_schema");
  EXPECT_EQ(format["json_schema"]["strict"], true);
  EXPECT_EQ(format["json_schema"]["name"], "extract_aspects");
  EXPECT_EQ(format["json_schema"]["schema"], *test::taste_schema());
}

TEST(RequestBody, SimplerFormsSayTheSchemaInWords) {
  const ChatRequest request = test::taste_request(1);
  const Json object = Json::parse(request_body("m", request, {}, {.format = AnswerFormat::kJsonObject}));
  EXPECT_EQ(object["response_format"], (Json{{"type", "json_object"}}));
  EXPECT_THAT(object["messages"][0]["content"].get<std::string>(), HasSubstr(request.schema->dump()));
  const Json plain = Json::parse(request_body("m", request, {}, {.format = AnswerFormat::kPlain}));
  EXPECT_FALSE(plain.contains("response_format"));
  const Json newer = Json::parse(request_body("m", request, {}, {.max_completion_tokens = true, .temperature = false}));
  EXPECT_EQ(newer["max_completion_tokens"], 100);
  EXPECT_FALSE(newer.contains("max_tokens"));
  EXPECT_FALSE(newer.contains("temperature"));
}

TEST(RequestBody, ARepairQuotesTheReplyAndTheError) {
  const Attempt attempt{.doubled = true, .failed_reply = "{}", .problem = "taste: is missing"};
  const Json body = Json::parse(request_body("m", test::taste_request(1), attempt, {}));
  ASSERT_EQ(body["messages"].size(), 4U);
  EXPECT_EQ(body["messages"][2], (Json{{"role", "assistant"}, {"content", "{}"}}));
  EXPECT_THAT(body["messages"][3]["content"].get<std::string>(), HasSubstr("taste: is missing"));
  EXPECT_EQ(body["max_tokens"], 200);
}

TEST(RequestBody, CountsMoreTokensThanTheyCanBe) {
  const ChatRequest request = test::taste_request(1);
  EXPECT_GT(most_prompt_tokens(request, {}),
            request.system.size() + request.user.size() + request.schema->dump().size());
  const Attempt repair{.failed_reply = std::string(500, 'x'), .problem = "wrong"};
  EXPECT_GT(most_prompt_tokens(request, repair), most_prompt_tokens(request, {}) + 500);
}

Verdict reply(int status, const std::string& body) {
  HttpResponse response;
  response.status = status;
  response.body = body;
  return judge_chat(response, 0);
}

TEST(JudgeChat, ReadsServersOfManyKinds) {
  const Verdict openai = reply(200,
                               R"({"choices":[{"message":{"content":"{}","refusal":null},"finish_reason":"length"}],
          "usage":{"prompt_tokens":12,"completion_tokens":3,"total_tokens":15}})");
  EXPECT_EQ(openai.kind, VerdictKind::kAnswer);
  EXPECT_EQ(openai.text, "{}");
  EXPECT_EQ(openai.finish_reason, "length");
  EXPECT_EQ(openai.use->prompt, 12U);
  EXPECT_EQ(openai.use->completion, 3U);
  const Verdict parts = reply(
      200, R"({"choices":[{"message":{"content":[{"type":"text","text":"{\"a\":"},{"type":"text","text":"1}"}]}}]})");
  EXPECT_EQ(parts.text, "{\"a\":1}");
  EXPECT_EQ(parts.finish_reason, "stop");
  EXPECT_FALSE(parts.use);
  EXPECT_EQ(reply(200, R"({"choices":[{"message":{"content":null,"refusal":"I will not"}}]})").refusal, "I will not");
}

TEST(JudgeChat, SaysWhyAReplyIsNone) {
  EXPECT_THAT(reply(200, "<html>").message, HasSubstr("not JSON"));
  EXPECT_THAT(reply(200, "[]").message, HasSubstr("no JSON object"));
  EXPECT_THAT(reply(200, R"({"choices":[]})").message, HasSubstr("no choices"));
  EXPECT_THAT(reply(200, R"({"choices":[{"text":"old api"}]})").message, HasSubstr("no choices"));
  EXPECT_THAT(reply(200, R"({"error":{"message":"overloaded"}})").message, HasSubstr("overloaded"));
  for (const char* message : {R"({"content":null})", R"({"role":"assistant"})", R"({"content":7})"}) {
    const std::string body = R"({"choices":[{"finish_reason":"stop","message":)" + std::string(message) + "}]}";
    EXPECT_EQ(reply(200, body).kind, VerdictKind::kNoAnswer) << body;
    EXPECT_THAT(reply(200, body).message, HasSubstr("no content"));
  }
  for (const char* how : {"length", "content_filter"}) {
    const std::string body =
        R"({"choices":[{"message":{"content":null},"finish_reason":")" + std::string(how) + "\"}]}";
    EXPECT_EQ(reply(200, body).kind, VerdictKind::kAnswer) << body << " is told by its end";
  }
}

TEST(JudgeChat, JudgesALineOfABatchAsASingleReply) {
  for (const auto& [status, body] : {std::pair{200, R"({"choices":[{"message":{"content":"{}"}}]})"},
                                     {200, R"({"choices":[]})"},
                                     {400, R"({"error":{"message":"no","code":"content_filter"}})"},
                                     {429, R"({"error":{"message":"slow down"}})"}}) {
    const Verdict line = judge_chat(status, Json::parse(body));
    const Verdict single = reply(status, body);
    EXPECT_EQ(line.kind, single.kind) << body;
    EXPECT_EQ(line.message, single.message) << body;
    EXPECT_EQ(line.text, single.text) << body;
  }
}

TEST(ParseError, FindsTheMessageWhereverItIs) {
  const std::pair<const char*, const char*> kCases[] = {
      {R"({"error":{"message":"bad key","code":"invalid_api_key"}})", "bad key"},
      {R"({"error":"model not loaded"})", "model not loaded"},
      {R"({"object":"error","message":"vllm says no","code":400})", "vllm says no"},
      {R"({"detail":[{"msg":"field required"}]})", R"([{"msg":"field required"}])"},
      {"<html><head><title>502 Bad Gateway</title></head>\n<body>nginx</body></html>", "502 Bad Gateway nginx"},
      {"  upstream\r\n\r\nerror \x01 here ", "upstream error here"},
      {"", "(an empty reply)"},
      {"\xff\xfe", "(not text)"},
  };
  for (const auto& [body, message] : kCases) EXPECT_EQ(parse_error(body).message, message) << body;
  EXPECT_EQ(parse_error(kCases[0].first).code, "invalid_api_key");
  EXPECT_LE(parse_error(std::string(100'000, 'x')).message.size(), 400U);
}

TEST(Verdict, TellsWhatMayBeBilled) {
  HttpResponse response;
  response.status = 503;
  EXPECT_EQ(judge_chat(response, 0).billing, Billing::kFree);
  response.failure = TransportFailure::kTimeout;
  EXPECT_EQ(judge_chat(response, 0).billing, Billing::kUnknown);
  EXPECT_TRUE(judge_chat(response, 0).timed_out);
  response.failure = TransportFailure::kBroken;
  EXPECT_EQ(judge_chat(response, 0).billing, Billing::kUnknown);
  response.failure = TransportFailure::kNotSent;
  EXPECT_EQ(judge_chat(response, 0).billing, Billing::kFree);
  response.failure = TransportFailure::kNone;
  response.status = 200;
  response.body = R"({"choices":[],"usage":{"prompt_tokens":5,"completion_tokens":0}})";
  EXPECT_EQ(judge_chat(response, 0).billing, Billing::kReported) << "an empty answer is paid for";
  EXPECT_EQ(judge_chat(response, 0).kind, VerdictKind::kNoAnswer);
  response.body = R"({"choices":[{"message":{"content":"{}"}}]})";
  EXPECT_EQ(judge_chat(response, 0).billing, Billing::kUnknown);
}

TEST(Verdict, ABadRequestIsTheFormsFaultOrTheRequestsOwn) {
  HttpResponse response;
  response.status = 400;
  response.body = R"({"error":{"message":"response_format is not supported"}})";
  EXPECT_EQ(judge_chat(response, 0).kind, VerdictKind::kRefused);
  response.body = R"({"error":{"message":"filtered","code":"content_filter"}})";
  EXPECT_EQ(judge_chat(response, 0).kind, VerdictKind::kSetAside);
  response.body = R"({"error":{"code":400,"message":"too large","type":"exceed_context_size_error"}})";
  EXPECT_EQ(judge_chat(response, 0).kind, VerdictKind::kSetAside) << "llama.cpp";
  response.body = R"({"object":"error","message":"This model's maximum context length is 4096 tokens.","code":400})";
  EXPECT_EQ(judge_chat(response, 0).kind, VerdictKind::kSetAside) << "vLLM";
  response.status = 401;
  EXPECT_EQ(judge_chat(response, 0).kind, VerdictKind::kFatal);
}

TEST(Verdict, MoneyThatIsUsedUpEndsTheRunWithWhateverStatus) {
  HttpResponse response;
  for (const int status : {400, 403, 429}) {
    response.status = status;
    for (const char* body : {R"({"error":{"message":"quota","code":"insufficient_quota"}})",
                             R"({"error":{"message":"Your credit balance is too low to access the API."}})",
                             R"({"error":{"message":"Insufficient Balance"}})"}) {
      response.body = body;
      EXPECT_EQ(judge_chat(response, 0).kind, VerdictKind::kFatal) << status << body;
    }
  }
  response.body =
      R"([{"error":{"code":429,"message":"You exceeded your current quota","status":"RESOURCE_EXHAUSTED"}}])";
  EXPECT_EQ(judge_chat(response, 0).kind, VerdictKind::kRateLimited) << "Gemini says so of a minute's limit too";
}

TEST(Verdict, AFilterIsOneInWhateverWords) {
  HttpResponse response;
  for (const int status : {400, 403})
    for (
        const char* body :
        {R"({"error":"Content violates usage guidelines. Team: t, API key ID: k. Failed check: SAFETY_CHECK_TYPE_BIO"})",
         R"({"error":{"message":"Content Exists Risk"}})", R"({"error":{"code":"1301","message":"x"}})",
         R"({"code":"DataInspectionFailed","message":"Input data may contain inappropriate content."})",
         R"({"type":"error","error":{"message":"Output blocked by content filtering policy"}})",
         R"({"error":{"code":403,"message":"Your input was flagged","metadata":{"reasons":["violence"]}}})"}) {
      response.status = status;
      response.body = body;
      EXPECT_EQ(judge_chat(response, 0).kind, VerdictKind::kSetAside) << status << body;
    }
  response.status = 403;
  response.body = R"({"error":{"message":"Your organization was flagged for unsafe use"}})";
  EXPECT_EQ(judge_chat(response, 0).kind, VerdictKind::kForbidden) << "of an account, not of a request";
}

TEST(WeakerForm, GoesDownStepByStep) {
  const ServerError vague{.message = "bad request", .code = {}};
  auto form = weaker_form(ServerForm{}, vague);
  EXPECT_EQ(form->format, AnswerFormat::kJsonObject);
  form = weaker_form(*form, vague);
  EXPECT_EQ(form->format, AnswerFormat::kPlain);
  EXPECT_FALSE(weaker_form(*form, vague));
  const auto newer = weaker_form(ServerForm{}, {.message = "Use 'max_completion_tokens' instead", .code = {}});
  EXPECT_TRUE(newer->max_completion_tokens);
  EXPECT_EQ(newer->format, AnswerFormat::kJsonSchema);
}

TEST(JoinUrl, KeepsQueriesAndRefusesPasswords) {
  EXPECT_EQ(join_url("https://api.openai.com/v1", "/chat/completions"), "https://api.openai.com/v1/chat/completions");
  EXPECT_EQ(join_url("http://127.0.0.1:8080/v1/", "/files"), "http://127.0.0.1:8080/v1/files");
  EXPECT_EQ(join_url("https://x.openai.azure.com/openai/deployments/d?api-version=2024-10-21", "/chat/completions"),
            "https://x.openai.azure.com/openai/deployments/d/chat/completions?api-version=2024-10-21");
  EXPECT_EQ(test::error_of([] { static_cast<void>(join_url("https://me:pw@host/v1", "/x")); }).kind, ErrorKind::kUsage);
  EXPECT_EQ(test::error_of([] { static_cast<void>(join_url("host/v1", "/x")); }).kind, ErrorKind::kUsage);
  EXPECT_EQ(origin_of("https://host/v1/x?y"), "https://host:443");
  EXPECT_NE(origin_of("http://host:80/"), origin_of("https://host:443/"));
}

}  // namespace
}  // namespace persona4rec
