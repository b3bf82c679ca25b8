// Schema check of answers, and recovery of JSON from fenced and chatty replies.
#include "asking/reply_check.hpp"

#include <gtest/gtest.h>

#include <string>

#include "asking/answer_schema.hpp"
#include "base/utf8.hpp"

namespace persona4rec {
namespace {

Json personas_schema() {
  return Json::parse(R"({
    "type": "object", "required": ["personas", "note"], "additionalProperties": false,
    "properties": {
      "note": {"type": ["string", "null"], "maxLength": 5},
      "personas": {"type": "array", "minItems": 1, "maxItems": 2, "items": {
        "type": "object", "required": ["Name", "support"], "additionalProperties": false,
        "properties": {"Name": {"type": "string", "minLength": 2},
                       "support": {"type": "array", "items": {"type": "string", "enum": ["r1", "r2"]}}}}}}})");
}

std::string problem_of(const std::string& answer) {
  return check_schema(Json::parse(answer), personas_schema());
}

TEST(CheckSchema, LongEnumsAreLookedUpAndShownInPart) {
  Json schema = {{"type", "array"}, {"items", {{"type", "string"}, {"enum", Json::array()}}}};
  for (int i = 0; i < 1200; ++i) schema["items"]["enum"].push_back("r" + std::to_string(i));
  EXPECT_EQ(check_schema(Json{"r0", "r1199", "r700"}, schema), "");
  const auto problem = check_schema(Json{"r0", "r1200"}, schema);
  EXPECT_NE(problem.find("[1]: expected one of [\"r0\""), std::string::npos) << problem.substr(0, 80);
  EXPECT_NE(problem.find("and 200 more, got \"r1200\""), std::string::npos);
}

TEST(CheckSchema, TakesAnAnswerThatFits) {
  EXPECT_EQ(problem_of(R"({"personas":[{"Name":"Al","support":["r1"]}],"note":null})"), "");
  EXPECT_EQ(problem_of(R"({"personas":[{"Name":"Al","support":[]}],"note":"ééééé"})"), "") << "length in code points";
}

struct Case {
  const char* answer;
  const char* problem;
};

TEST(CheckSchema, NamesThePlaceAndWhatWasExpected) {
  const Case kCases[] = {
      {"[]", "the answer: expected an object, got an array"},
      {R"({"note":null})", "personas: is missing"},
      {R"({"personas":[{"Name":"Al","support":[]}],"note":3})", "note: expected a string or null, got an integer"},
      {R"({"personas":[{"Name":"Al","support":[]}],"note":"123456"})", "note: expected at most 5 characters, got 6"},
      {R"({"personas":[],"note":null})", "personas: expected at least 1 elements, got 0"},
      {R"({"personas":[{"Name":"A","support":["r9"]}],"note":null})",
       "personas[0].Name: expected at least 2 characters, got 1; "
       "personas[0].support[0]: expected one of [\"r1\",\"r2\"], got \"r9\""},
      {R"({"personas":[{"Name":"Al","support":[],"Age":3}],"note":null})",
       "personas[0].Age: is no field of the answer"},
  };
  for (const auto& each : kCases) EXPECT_EQ(problem_of(each.answer), each.problem) << each.answer;
}

TEST(CheckSchema, CountsTypesAsJsonSchemaDoes) {
  EXPECT_EQ(check_schema(Json(3.0), Json{{"type", "integer"}}), "");
  EXPECT_EQ(check_schema(Json(3.5), Json{{"type", "integer"}}), "the answer: expected an integer, got a number");
  EXPECT_EQ(check_schema(Json(3), Json{{"type", "number"}}), "");
  EXPECT_EQ(check_schema(Json(true), Json{{"type", "boolean"}}), "");
  EXPECT_EQ(check_schema(Json(1), Json{{"type", "boolean"}}), "the answer: expected a boolean, got an integer");
}

TEST(CheckSchema, LimitsTheNumberOfProblems) {
  Json answer = {{"personas", Json::array()}, {"note", nullptr}};
  for (int i = 0; i < 50; ++i) answer["x" + std::to_string(i)] = i;
  const auto text = check_schema(answer, personas_schema());
  EXPECT_LT(text.size(), 4000U);
}

class RecoverJson : public testing::Test {
 protected:
  Json schema = Json::parse(
      R"({"type":"object","required":["a"],"additionalProperties":false,"properties":{"a":{"type":"string"}}})");
  std::string problem;
};

TEST_F(RecoverJson, FindsTheAnswerHoweverItIsWrapped) {
  const char* kReplies[] = {
      R"({"a":"b"})",
      "  \n{\"a\":\"b\"}\n ",
      "```json\n{\"a\":\"b\"}\n```",
      "```\n{\"a\":\"b\"}```",
      "Sure! Here is the JSON:\n\n{\"a\":\"b\"}\n\nLet me know {if} you need more.",
      "<think>maybe {\"a\":\"no\"}?</think>\n{\"a\":\"b\"}",
      "The set {x} and [1, 2] lead to {\"a\":\"b\"}",
      "{\"wrong\":1} no, rather {\"a\":\"b\"}",
  };
  for (const auto* reply : kReplies) {
    const auto found = recover_json(reply, schema, problem);
    ASSERT_TRUE(found) << reply << ": " << problem;
    EXPECT_EQ(found->dump(), R"({"a":"b"})") << reply;
  }
}

TEST_F(RecoverJson, KeepsBracesInsideStrings) {
  const auto found = recover_json(R"(Answer: {"a":"} \" {"} done)", schema, problem);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->at("a"), "} \" {");
}

TEST_F(RecoverJson, NestingWithoutEndAndNumbersWithoutEndAreNoAnswer) {
  std::string deep = R"({"a":)";
  for (int i = 0; i < 100000; ++i) deep += "[";
  EXPECT_FALSE(recover_json(deep, schema, problem));
  EXPECT_NE(problem, "");
  EXPECT_FALSE(recover_json(R"({"a":1e999})", schema, problem));
  EXPECT_EQ(problem, "the reply holds a number beyond what a double can be");
}

TEST_F(RecoverJson, SaysWhyThereIsNone) {
  EXPECT_FALSE(recover_json("", schema, problem));
  EXPECT_EQ(problem, "the reply is empty");
  EXPECT_FALSE(recover_json("I cannot help with that.", schema, problem));
  EXPECT_NE(problem.find("not JSON"), std::string::npos);
  EXPECT_FALSE(recover_json(R"({"a":"cut off in the mid)", schema, problem)) << "a truncated answer is no answer";
  EXPECT_FALSE(recover_json(R"({"a":[{"b":1},{"c)", schema, problem)) << "nor is a part of it";
  EXPECT_NE(problem.find("not JSON"), std::string::npos);
  EXPECT_FALSE(recover_json(std::string(200'000, '{'), schema, problem)) << "and this must not take for ever";
}

TEST(CheckReply, RunsTheRequestsOwnCheckLast) {
  ChatRequest request;
  request.schema = std::make_shared<const Json>(
      Json{{"type", "object"}, {"required", {"id"}}, {"properties", {{"id", {{"type", "string"}}}}}});
  int calls = 0;
  request.check = [&](const Json& answer) {
    ++calls;
    return answer.at("id") == "P9" ? std::string("P9 is not offered") : std::string();
  };
  std::string problem;
  EXPECT_FALSE(check_reply("{}", request, problem));
  EXPECT_EQ(problem, "id: is missing");
  EXPECT_EQ(calls, 0) << "a check may rely on the schema";
  EXPECT_FALSE(check_reply(R"({"id":"P9"})", request, problem));
  EXPECT_EQ(problem, "P9 is not offered");
  const auto good = check_reply(R"(```{"id":"P1"}```)", request, problem);
  ASSERT_TRUE(good) << problem;
  EXPECT_EQ(good->at("id"), "P1");
}

TEST(CheckReply, TakesAnAnswerThatSpeaksOfTheEndOfThinking) {
  ChatRequest request;
  request.schema = std::make_shared<const Json>(
      Json{{"type", "object"}, {"required", {"id"}}, {"properties", {{"id", {{"type", "string"}}}}}});
  const std::string answer = R"({"id":"he writes </think> in his review"})";
  for (const auto& reply :
       {answer, "<think>{\"id\":\"draft\"} or so</think>\n" + answer, "<think>hm</think> Here: " + answer + " done"}) {
    std::string problem;
    const auto taken = check_reply(reply, request, problem);
    ASSERT_TRUE(taken) << reply << ": " << problem;
    EXPECT_EQ(taken->at("id"), "he writes </think> in his review") << reply;
  }
}

TEST(CheckReply, WordsForNullAreNullWhereTheSchemaTakesIt) {
  ChatRequest request;
  request.schema = std::make_shared<const Json>(Json::parse(R"({"type":"object","properties":{
      "a":{"type":["string","null"]},"b":{"type":"string"},
      "c":{"type":"array","items":{"type":["string","null"]}}}})"));
  std::string problem;
  const auto answer = check_reply(R"({"a":" None ","b":"null","c":["N/A","none of them","NULL"]})", request, problem);
  ASSERT_TRUE(answer) << problem;
  EXPECT_EQ(*answer, Json::parse(R"({"a":null,"b":"null","c":[null,"none of them",null]})"));
}

TEST(CheckReply, AReasonIsAlwaysUtf8) {
  ChatRequest request;
  request.schema = std::make_shared<const Json>(Json{{"type", "object"}});
  for (const char* reply : {"{\"a\": \xC3\xA9}", "\xF0\x9F\x98\x80", "{\"a\":\"\xFF\"}"}) {
    std::string problem;
    EXPECT_FALSE(check_reply(reply, request, problem));
    EXPECT_NE(problem, "");
    EXPECT_FALSE(find_bad_utf8(problem)) << problem;
  }
}

}  // namespace
}  // namespace persona4rec
