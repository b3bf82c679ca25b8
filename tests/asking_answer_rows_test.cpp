// The answers of one artifact, and prompts of bounded size.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "asking/answer_rows.hpp"
#include "asking/bounded_request.hpp"
#include "io/artifacts.hpp"
#include "support/fake_chat_client.hpp"
#include "support/temp_dir.hpp"

namespace persona4rec {
namespace {

using test::answered;
using test::FakeChatClient;
using test::read_file;
using test::TempDir;
using testing::HasSubstr;

ChatRequest request(const std::string& label) {
  return {.stage = "s", .label = label, .system = "sys", .user = label, .schema = std::make_shared<const Json>()};
}

RequestStream stream_of(std::vector<ChatRequest> requests) {
  return [requests = std::move(requests), next = std::size_t{0}]() mutable -> std::optional<ChatRequest> {
    if (next == requests.size()) return std::nullopt;
    return requests[next++];
  };
}

class AnswerRowsTest : public testing::Test {
 protected:
  TempDir dir_;
  std::filesystem::path artifact_ = dir_ / "1_aspects.jsonl";
  FakeChatClient client_{[](const ChatRequest& asked) {
    return asked.label == "bad" ? test::set_aside("too odd", "{raw") : answered(asked.label);
  }};
};

TEST_F(AnswerRowsTest, GivesAnswersInTheOrderOfTheSecondPass) {
  std::vector<std::uint64_t> done;
  AnswerRows answers(client_, artifact_, {}, [&](const ProgressUpdate& update) { done.push_back(update.done); });
  ASSERT_TRUE(answers.ask(stream_of({request("a"), request("b")}), 2));
  EXPECT_EQ(client_.expected, 2U);
  EXPECT_EQ(answers.next(request("b")), Json("b"));
  EXPECT_EQ(answers.next(request("a")), Json("a"));
  EXPECT_NO_THROW(answers.finish());
  EXPECT_FALSE(std::filesystem::exists(rejects_path(artifact_)));
  EXPECT_EQ(done, (std::vector<std::uint64_t>{1, 2}));
}

TEST_F(AnswerRowsTest, TooManyRejectsAreAnErrorAfterTheFileIsWritten) {
  AnswerRows answers(client_, artifact_, {}, {});
  ASSERT_TRUE(answers.ask(stream_of({request("bad")}), 1));
  EXPECT_FALSE(answers.next(request("bad")));
  try {
    answers.finish();
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.exit_code(), 4);
    EXPECT_THAT(error.what(), HasSubstr("1 of 1 answers"));
  }
  EXPECT_EQ(read_file(dir_ / "1_aspects.rejects.jsonl"),
            R"({"stage":"s","label":"bad","reason":"too odd","raw":"{raw"})"
            "\n");
}

TEST_F(AnswerRowsTest, AllowedRejectsAreCountedAndAnOldFileGoes) {
  {
    AnswerRows answers(client_, artifact_, {.max_rejects = 1}, {});
    ASSERT_TRUE(answers.ask(stream_of({request("bad")}), 1));
    EXPECT_FALSE(answers.next(request("bad")));
    EXPECT_NO_THROW(answers.finish());
    EXPECT_EQ(answers.counts().rejected, 1U);
    EXPECT_TRUE(std::filesystem::exists(rejects_path(artifact_)));
  }
  AnswerRows again(client_, artifact_, {}, {});
  EXPECT_NO_THROW(again.finish());
  EXPECT_FALSE(std::filesystem::exists(rejects_path(artifact_)));
}

TEST_F(AnswerRowsTest, AClientThatOnlyLooksEndsTheStage) {
  client_.only_looks = true;
  AnswerRows answers(client_, artifact_, {}, {});
  EXPECT_FALSE(answers.ask(stream_of({request("a")}), 1));
}

TEST(BoundedRequest, CutsTheTextUntilThePromptFits) {
  const auto make = [](std::string text) {
    auto made = request("x");
    made.user = "Review: " + text;
    return made;
  };
  std::string text;
  for (int i = 0; i < 500; ++i) text += "word ";
  const auto bounded = bounded_request(text, 100, make);
  EXPECT_TRUE(bounded.shortened);
  EXPECT_LE(prompt_tokens(bounded.request), 100U);
  EXPECT_GE(prompt_tokens(bounded.request), 60U) << "more was cut than had to be";
  EXPECT_FALSE(bounded_request("short", 100, make).shortened);
  EXPECT_FALSE(bounded_request(text, 0, make).shortened);
  EXPECT_THROW(bounded_request(text, 3, make), Error);
}

}  // namespace
}  // namespace persona4rec
