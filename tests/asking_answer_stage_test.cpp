// The driver of the stages that ask: units in, rows and meta files out, the same for every stage.
#include "asking/answer_stage.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>

#include "io/artifacts.hpp"
#include "persona4rec/error.hpp"
#include "support/fake_chat_client.hpp"
#include "support/temp_dir.hpp"

namespace persona4rec {
namespace {

using test::answered;
using test::FakeChatClient;
using test::read_file;
using test::TempDir;

// Numbers 0 .. 5; even ones are asked about, and 4 gets no usable answer.
class Counting final : public AnswerWork<std::uint64_t> {
 public:
  std::uint64_t size() override { return 6; }
  UnitWalk<std::uint64_t> walk(const ShardRange& range) override {
    ++walks;
    fetched = most_in_memory = 0;
    return walk_by_number<std::uint64_t>(range, [this](std::uint64_t number) {
      most_in_memory = std::max(most_in_memory, ++fetched - rows.load());
      return number;
    });
  }
  std::optional<ChatRequest> request(std::uint64_t& number) override {
    if (number % 2 == 1) return std::nullopt;
    return ChatRequest{.stage = "s",
                       .label = std::to_string(number),
                       .system = {},
                       .user = std::to_string(number),
                       .schema = std::make_shared<const Json>()};
  }
  void write(std::uint64_t& number, const UnitAnswer& given, AnswerStage& stage) override {
    stage.write_row("2_twice", {{"n", number}, {"asked", given.asked}, {"answer", given.answer.value_or(Json())}});
    if (number == 0) stage.write_row("1_side", {{"n", number}});
    ++rows;
  }
  void describe(Provenance& provenance) override { provenance.count("rows", rows.load()); }

  [[nodiscard]] bool asks_at_once() const override { return at_once; }
  [[nodiscard]] std::size_t weight(const std::uint64_t& /*number*/) const override { return weight_of_each; }

  bool at_once = false;
  std::size_t weight_of_each = 0;
  std::uint64_t fetched = 0;
  std::uint64_t most_in_memory = 0;
  int walks = 0;
  std::atomic<std::uint64_t> rows = 0;  // written while others are fetched
};

class AnswerStageTest : public testing::Test {
 protected:
  AnswerStageOptions options(const AnswerOptions& answers = {.max_rejects = 1}) const {
    return {.command = "twice",
            .artifacts = {{dir_ / "1_side.jsonl", "1_side"}, {dir_ / "2_twice.jsonl", "2_twice"}},
            .answers = answers};
  }

  TempDir dir_;
  FakeChatClient client_{[](const ChatRequest& asked) {
    return asked.label == "4" ? test::set_aside("too odd") : answered(asked.label + "!");
  }};
};

TEST_F(AnswerStageTest, WritesEveryUnitInOrderWithItsAnswer) {
  AnswerStage stage(client_, options());
  Counting work;
  EXPECT_TRUE(stage.run(work));
  EXPECT_EQ(work.walks, 2);
  EXPECT_EQ(client_.expected, 6U);
  EXPECT_EQ(stage.counts().requests, 3U);
  EXPECT_EQ(stage.counts().answered, 2U);
  EXPECT_EQ(stage.counts().rejected, 1U);
  EXPECT_EQ(read_file(dir_ / "2_twice.jsonl"),
            "{\"n\":0,\"asked\":true,\"answer\":\"0!\"}\n{\"n\":1,\"asked\":false,\"answer\":null}\n"
            "{\"n\":2,\"asked\":true,\"answer\":\"2!\"}\n{\"n\":3,\"asked\":false,\"answer\":null}\n"
            "{\"n\":4,\"asked\":true,\"answer\":null}\n{\"n\":5,\"asked\":false,\"answer\":null}\n");
  EXPECT_EQ(read_meta(dir_ / "2_twice.jsonl").at("rows"), 6);
  EXPECT_EQ(read_meta(dir_ / "2_twice.jsonl").at("command"), "twice");
  EXPECT_EQ(read_meta(dir_ / "2_twice.jsonl").at("counts").at("rows"), 6);
  EXPECT_EQ(read_meta(dir_ / "1_side.jsonl").at("rows"), 1);
  EXPECT_TRUE(std::filesystem::exists(dir_ / "2_twice.rejects.jsonl"));
  EXPECT_FALSE(std::filesystem::exists(dir_ / "1_side.rejects.jsonl"));
}

TEST_F(AnswerStageTest, WritesTheSameWhereTheClientAnswersOnAllProcessors) {
  const auto outputs = [&](bool at_once, bool asks_at_once) {
    client_.at_once = at_once;
    AnswerStage stage(client_, options());
    Counting work;
    work.at_once = asks_at_once;
    EXPECT_TRUE(stage.run(work));
    EXPECT_EQ(stage.counts().rejected, 1U);
    return read_file(dir_ / "2_twice.jsonl") + read_file(dir_ / "2_twice.jsonl.meta.json") +
           read_file(dir_ / "1_side.jsonl") + read_file(dir_ / "2_twice.rejects.jsonl");
  };
  const auto one_by_one = outputs(false, false);
  EXPECT_EQ(outputs(true, false), one_by_one);
  EXPECT_EQ(outputs(true, true), one_by_one);
}

TEST_F(AnswerStageTest, HoldsFewUnitsThatSayTheyAreHeavy) {
  const auto most_in_memory = [&](std::size_t weight) {
    client_.at_once = true;
    AnswerStage stage(client_, options());
    Counting work;
    work.at_once = true;
    work.weight_of_each = weight;
    EXPECT_TRUE(stage.run(work));
    return work.most_in_memory;
  };
  EXPECT_EQ(most_in_memory(0), 6U);
  EXPECT_LE(most_in_memory(std::size_t{1} << 30U), 1U) << "the next is fetched when one is written";
}

TEST_F(AnswerStageTest, TheArtifactsStandWhenTooManyAnswersWereSetAside) {
  AnswerStage stage(client_, options({}));
  Counting work;
  EXPECT_THROW(stage.run(work), Error);
  EXPECT_EQ(read_meta(dir_ / "2_twice.jsonl").at("counts").at("rejected"), 1);
}

TEST_F(AnswerStageTest, AnArtifactWithoutARowReplacesNothing) {
  class Nothing final : public AnswerWork<std::uint64_t> {
    std::uint64_t size() override { return 0; }
    UnitWalk<std::uint64_t> walk(const ShardRange&) override {
      return [](std::uint64_t&) { return false; };
    }
    std::optional<ChatRequest> request(std::uint64_t&) override { return std::nullopt; }
    void write(std::uint64_t&, const UnitAnswer&, AnswerStage&) override {}
    void describe(Provenance&) override {}
    std::string empty_reason() const override { return "nobody came"; }
  };
  const auto artifact = dir_.write("2_twice.jsonl", "old");
  try {
    AnswerStage stage(client_, options());
    Nothing work;
    stage.run(work);
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.exit_code(), 3);
    EXPECT_THAT(error.what(), testing::HasSubstr("is left as it was: nobody came"));
  }
  EXPECT_EQ(read_file(artifact), "old");
}

TEST_F(AnswerStageTest, AClientThatOnlyLooksLeavesEveryArtifactAsItWas) {
  const auto artifact = dir_.write("2_twice.jsonl", "old");
  client_.only_looks = true;
  {
    AnswerStage stage(client_, options());
    Counting work;
    EXPECT_FALSE(stage.run(work));
    EXPECT_EQ(client_.requests.size(), 3U);
    EXPECT_EQ(work.rows, 0U);
  }
  EXPECT_EQ(read_file(artifact), "old");
  EXPECT_FALSE(std::filesystem::exists(dir_ / "1_side.jsonl"));
}

TEST_F(AnswerStageTest, ShardsMergeToTheBytesOfOneRun) {
  for (std::uint64_t i = 1; i <= 2; ++i) {
    AnswerStage stage(client_, options({.max_rejects = 1, .shard = {i, 2}}));
    Counting work;
    EXPECT_TRUE(stage.run(work));
    EXPECT_EQ(work.rows, 3U);
  }
  merge_shards(dir_ / "2_twice.jsonl", 2);
  const auto merged = read_file(dir_ / "2_twice.jsonl");
  const auto meta = read_file(meta_path(dir_ / "2_twice.jsonl"));
  AnswerStage stage(client_, options());
  Counting work;
  EXPECT_TRUE(stage.run(work));
  EXPECT_EQ(merged, read_file(dir_ / "2_twice.jsonl"));
  EXPECT_EQ(meta, read_file(meta_path(dir_ / "2_twice.jsonl")));
}

}  // namespace
}  // namespace persona4rec
