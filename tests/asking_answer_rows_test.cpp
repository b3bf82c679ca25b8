// What the stages that ask a language model share: the answer loop, bounded prompts, shards, rows in another order.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "asking/answer_rows.hpp"
#include "asking/bounded_request.hpp"
#include "asking/shard.hpp"
#include "io/artifacts.hpp"
#include "io/raw_review_reader.hpp"
#include "io/row_spool.hpp"
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

TEST(Shard, CutsRowsIntoContiguousEqualParts) {
  std::uint64_t next = 0;
  for (std::uint64_t i = 1; i <= 3; ++i) {
    const auto range = shard_range({i, 3}, 10);
    EXPECT_EQ(range.begin, next);
    EXPECT_GE(range.end - range.begin, 3U);
    EXPECT_LE(range.end - range.begin, 4U);
    next = range.end;
  }
  EXPECT_EQ(next, 10U);
  EXPECT_EQ(shard_range({2, 4}, 0).end, 0U);
}

TEST(Shard, ReadsAndNamesParts) {
  EXPECT_EQ(parse_shard("2/4").index, 2U);
  EXPECT_EQ(to_string(parse_shard("2/4")), "2/4");
  for (const auto* bad : {"", "2", "0/4", "5/4", "1/0", "a/b", "1/2/3", "-1/2", "1/2x"}) {
    EXPECT_THROW(static_cast<void>(parse_shard(bad)), Error) << bad;
  }
  EXPECT_EQ(shard_path("w/1_aspects.jsonl", {2, 4}), "w/1_aspects.shard-2-of-4.jsonl");
  EXPECT_EQ(shard_path("w/2.5_grouped.jsonl", {1, 2}), "w/2.5_grouped.shard-1-of-2.jsonl");
  EXPECT_EQ(shard_path("w/1_aspects.jsonl", {}), "w/1_aspects.jsonl");
}

// Writes one part as a stage would.
void write_part(const std::filesystem::path& artifact, const Shard& shard, const std::string& rows,
                const std::string& model = "m") {
  const auto path = shard_path(artifact, shard);
  OutputFile out(path);
  out.write(rows);
  Provenance provenance("extract-aspects", false);
  provenance.model(model);
  if (!shard.whole()) provenance.option("shard", to_string(shard));
  const auto count = static_cast<std::uint64_t>(std::count(rows.begin(), rows.end(), '\n'));
  provenance.count("reviews", count);
  provenance.count("input_bad_rows", 3);
  provenance.write(path, "1_aspects", out.commit(), count);
}

TEST(MergeShards, GivesTheBytesOfOneRun) {
  TempDir dir;
  write_part(dir / "one/1_aspects.jsonl", {}, "{\"a\":1}\n{\"a\":2}\n{\"a\":3}\n");
  const auto artifact = dir / "1_aspects.jsonl";
  write_part(artifact, {1, 2}, "{\"a\":1}\n");
  write_part(artifact, {2, 2}, "{\"a\":2}\n{\"a\":3}\n");
  OutputFile rejects(rejects_path(shard_path(artifact, {1, 2})));
  rejects.write_row({{"label", "x"}});
  rejects.commit();

  const auto report = merge_shards(artifact, 2);
  EXPECT_EQ(report.rows, 3U);
  EXPECT_EQ(report.rejects, 1U);
  EXPECT_EQ(read_file(artifact), read_file(dir / "one/1_aspects.jsonl"));
  EXPECT_EQ(read_file(meta_path(artifact)), read_file(meta_path(dir / "one/1_aspects.jsonl")));
  EXPECT_EQ(read_file(rejects_path(artifact)), "{\"label\":\"x\"}\n");
}

TEST(MergeShards, RefusesWhatIsNoPartOfOneRun) {
  TempDir dir;
  const auto artifact = dir / "1_aspects.jsonl";
  write_part(artifact, {1, 2}, "{\"a\":1}\n");
  EXPECT_THROW(merge_shards(artifact, 2), Error) << "the second is missing";
  write_part(artifact, {2, 2}, "{\"a\":2}\n", "another model");
  try {
    merge_shards(artifact, 2);
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kInput);
    EXPECT_THAT(error.what(), HasSubstr("model"));
  }
  write_part(artifact, {2, 2}, "{\"a\":2}\n");
  write_file(shard_path(artifact, {2, 2}), "{\"a\":9}\n");
  EXPECT_THROW(merge_shards(artifact, 2), Error) << "a changed file";
  EXPECT_THROW(merge_shards(artifact, 1), Error);
  EXPECT_FALSE(std::filesystem::exists(artifact));
}

TEST(RowSpool, GivesRowsBackInAnyOrderAndLeavesNoFile) {
  TempDir dir;
  RowSpool spool(dir / "out.jsonl");
  for (int i = 0; i < 2000; ++i) {
    const SummaryRow row{ItemId(std::to_string(i)), "title ü", std::string(static_cast<std::size_t>(i % 300), 'x'), ""};
    EXPECT_EQ(spool.append(to_json(row)), static_cast<std::size_t>(i));
  }
  for (const std::size_t i : {1999UL, 0UL, 777UL, 0UL}) {
    const auto row = spool.row<SummaryRow>(i);
    EXPECT_EQ(row.item_id.text(), std::to_string(i));
    EXPECT_EQ(row.item_description.size(), i % 300);
  }
  spool.append(to_json(SummaryRow{ItemId("late"), "", "", ""}));
  EXPECT_EQ(spool.row<SummaryRow>(2000).item_id.text(), "late");
  EXPECT_TRUE(std::filesystem::is_empty(dir.path()));
}

TEST(RowSpool, AFolderThatCannotBeWrittenIsAnOutputError) {
  TempDir dir;
  const auto file = dir.write("file", "x");
  EXPECT_THROW(RowSpool(file / "out.jsonl"), Error);
}

class RawReviewsTest : public testing::Test {
 protected:
  std::vector<std::string> read(const ReviewSelection& selection) {
    RawReviewReader reader(file_, schema_, selection, 0);
    std::vector<std::string> ids;
    for (RawReview review; reader.next(review);) ids.push_back(review.review_id.text());
    left_out_ = reader.left_out();
    EXPECT_EQ(reader.sha256().size(), 64U);
    return ids;
  }

  static std::string row(const std::string& user) {
    return R"({"item":"i","user":")" + user + R"(","rating":5,"timestamp":1,"text":"t"})" + "\n";
  }

  TempDir dir_;
  std::filesystem::path file_ = dir_.write("r.jsonl", row("a") + row("b") + row("a") + row("c") + row("b"));
  ReviewSchema schema_{.item = "item",
                       .user = "user",
                       .rating = "rating",
                       .timestamp = "timestamp",
                       .title = {},
                       .text = "text",
                       .id = {},
                       .time = {}};
  std::uint64_t left_out_ = 0;
};

TEST_F(RawReviewsTest, TakesFirstUsersAndFirstReviewsWithTheRowNumberAsId) {
  using Ids = std::vector<std::string>;
  EXPECT_EQ(read({}), (Ids{"0", "1", "2", "3", "4"}));
  EXPECT_EQ(read({.users = 2}), (Ids{"0", "1", "2", "4"}));
  EXPECT_EQ(left_out_, 1U);
  EXPECT_EQ(read({.users = 2, .sample = 3}), (Ids{"0", "1", "2"}));
  EXPECT_EQ(read({.sample = 1}), (Ids{"0"}));
  EXPECT_EQ(left_out_, 4U);
}

}  // namespace
}  // namespace persona4rec
