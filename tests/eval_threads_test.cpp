// Lists shared among threads: the same report, and the same error, for any number of them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <thread>

#include "base/hash.hpp"
#include "persona4rec/error.hpp"
#include "persona4rec/eval.hpp"
#include "support/input_error.hpp"
#include "support/temp_dir.hpp"

namespace persona4rec {
namespace {

using test::input_error_of;
using test::TempDir;
using ::testing::HasSubstr;

constexpr int kUsers = 6000;  // lists of 20: some blocks

std::string user(int number) {
  return "user-" + std::to_string(number * 7 % kUsers);
}

// Lists in several spellings, some of users without ground truth, some empty, with padding and repeated items.
std::string list_of(int number) {
  std::string text = R"({"user_id": ")" + user(number) + (number % 11 == 0 ? "-unknown" : "") + R"(", "results": [)";
  for (int i = 0; i < (number % 13 == 0 ? 0 : 20); ++i) {
    const int item = (number * 31 + i * (number % 17 == 0 ? 0 : 7)) % 97;
    text += (i == 0 ? "" : ", ");
    text += R"({"item_id": ")" + (item == 5 ? "[PAD]" : "i" + std::to_string(item)) + R"(", "score": )" +
            std::to_string(1.0 / (i + 1)) + (i % 4 == 0 ? R"(, "base_rank": 3, "persona_id": null)" : "") + "}";
  }
  text += number % 5 == 0 ? R"(], "note": "\u00e9\n"})" : "]}";
  return text + (number % 3 == 0 ? "\r\n" : number % 7 == 0 ? "\n\n" : "\n");
}

class EvalThreads : public ::testing::Test {
 protected:
  EvalThreads() {
    std::string truth;
    std::string reviews;
    for (int number = 0; number < kUsers; ++number) {
      truth += R"({"user_id": "user-)" + std::to_string(number) + R"(", "item_id": "i)" + std::to_string(number % 97) +
               (number % 10 == 0 ? R"(", "x": 1})" : R"("})") + "\n";
      reviews += R"({"user_id": "user-)" + std::to_string(number) + R"(", "item_id": "i)" +
                 std::to_string(number % 89) + R"("})" + "\n";
      lists_.push_back(list_of(number));
    }
    options_.ground_truth = dir_.write("gt.jsonl", truth);
    options_.review = dir_.write("reviews.jsonl", reviews);
    options_.candidates = {dir_ / "lists.jsonl"};
    options_.metrics = "HIT,MRR,NDCG,RECALL,MAP,NOVELTY,DISPLACEMENT,COVERAGE,GINI";
  }

  void write_lists() const {
    std::string text;
    for (const auto& list : lists_) text += list;
    (void)dir_.write("lists.jsonl", text);
  }
  EvalReport report_of(std::size_t threads) {
    options_.threads = threads;
    return evaluate(options_);
  }

  TempDir dir_;
  std::vector<std::string> lists_;
  EvalOptions options_;
};

TEST_F(EvalThreads, ChangeNoResult) {
  write_lists();
  options_.trec = dir_ / "run.trec";  // its lists are read one by one
  const auto one_by_one = report_of(1);
  options_.trec.reset();
  const std::string expected = eval_json(one_by_one).dump();
  EXPECT_THAT(expected, HasSubstr("NOVELTY@5"));
  for (const std::size_t threads : {1, 2, 5}) {
    const auto report = report_of(threads);
    EXPECT_EQ(eval_json(report).dump(), expected) << threads;
    EXPECT_EQ(report.files[0].values.size(), one_by_one.files[0].values.size());
    EXPECT_EQ(report.files[0].first_rank, one_by_one.files[0].first_rank);
    EXPECT_EQ(report.files[0].sha256, one_by_one.files[0].sha256);
  }
}

// Each of which needs it: who asks, a report, a meta file that says what it was.
TEST_F(EvalThreads, TheFileIsHashedWhereTheHashIsNeeded) {
  write_lists();
  const auto expected = report_of(2).files[0].sha256;
  const auto truth = report_of(2).truth_sha256;
  EXPECT_EQ(expected, sha256_file(dir_ / "lists.jsonl"));
  EXPECT_EQ(truth, sha256_file(dir_ / "gt.jsonl"));
  options_.hash_lists = false;
  EXPECT_EQ(report_of(2).files[0].sha256, "");
  EXPECT_EQ(report_of(2).truth_sha256, "");
  options_.json = dir_ / "eval.json";
  EXPECT_EQ(report_of(2).files[0].sha256, expected);
  EXPECT_EQ(report_of(2).truth_sha256, truth);
  options_.json.reset();
  options_.baseline = options_.candidates.front();  // which might say what it was made for
  EXPECT_EQ(report_of(2).truth_sha256, truth);
  options_.baseline.reset();
  (void)dir_.write("lists.jsonl.meta.json", R"({"command": "candidates", "sha256": "another"})");
  EXPECT_THAT(input_error_of([&] { (void)report_of(2); }), HasSubstr("was changed after it was made"));
}

TEST_F(EvalThreads, OfSeveralBrokenRowsTheFirstIsTold) {
  lists_[4000] = "{\"user_id\": \"a\", \"results\": [7]}\n";
  lists_[4001] = "nothing\n";
  lists_[5900] = "{}\n";
  write_lists();
  std::string expected;
  for (const std::size_t threads : {1, 2, 5}) {
    const auto message = input_error_of([&] { (void)report_of(threads); });
    if (expected.empty()) expected = message;
    EXPECT_EQ(message, expected);
  }
  std::size_t line = 1;
  for (int i = 0; i < 4000; ++i)
    line += static_cast<std::size_t>(std::ranges::count(lists_[static_cast<std::size_t>(i)], '\n'));
  EXPECT_THAT(expected,
              HasSubstr("lists.jsonl:" + std::to_string(line) + ": field \"results[0]\": expected an object"));
}

TEST_F(EvalThreads, BrokenRowsAreCountedUpToTheirNumber) {
  for (const std::size_t at : {10, 3000, 5999}) lists_[at] = "{\"user_id\": 1.5}\n";
  write_lists();
  for (const std::size_t threads : {1, 3}) {
    options_.max_bad_rows = 3;
    EXPECT_EQ(report_of(threads).files[0].counts.bad_rows, 3U);
    options_.max_bad_rows = 2;
    EXPECT_THAT(input_error_of([&] { (void)report_of(threads); }), HasSubstr("field \"user_id\""));
  }
}

TEST_F(EvalThreads, AUsersSecondListIsTheOneThatIsTold) {
  lists_[5000] = list_of(100);
  lists_[5500] = "{\n";
  write_lists();
  for (const std::size_t threads : {1, 2, 5}) {
    EXPECT_THAT(input_error_of([&] { (void)report_of(threads); }),
                HasSubstr("expected one list a user (lines of a TREC run together), got user \"" + user(100)));
  }
}

// Who sends lists through a pipe and waits is told of an error all the same.
TEST_F(EvalThreads, AnErrorDoesNotWaitForTheEndOfAPipe) {
  int ends[2] = {};
  ASSERT_EQ(pipe(ends), 0);
  const std::string lines = lists_[1] + "broken\n";
  ASSERT_EQ(write(ends[1], lines.data(), lines.size()), static_cast<ssize_t>(lines.size()));
  options_.candidates = {"/dev/fd/" + std::to_string(ends[0])};
  options_.review.reset();
  options_.metrics = "HIT";
  EXPECT_THAT(input_error_of([&] { (void)report_of(2); }), HasSubstr("expected one whole JSON object"));
  close(ends[0]);
  close(ends[1]);
}

TEST_F(EvalThreads, AnEmptyFileIsNone) {
  (void)dir_.write("lists.jsonl", "\n\n");
  EXPECT_THAT(input_error_of([&] { (void)report_of(2); }), HasSubstr("expected JSON Lines, got an empty file"));
}

}  // namespace
}  // namespace persona4rec
