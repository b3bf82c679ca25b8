// Lists shared among threads: the same bytes, and the same error, for any number of them.
#include <gmock/gmock.h>

#include "support/input_error.hpp"
#include "support/rerank_fixture.hpp"

namespace persona4rec {
namespace {

using test::input_error_of;
using test::read_file;
using ::testing::HasSubstr;

constexpr std::size_t kLists = 8000;  // some blocks of lines

class RerankThreads : public test::RerankFixture {
 protected:
  RerankThreads() {
    for (std::size_t i = 0; i < kLists; ++i) lines_.push_back(line(i));
  }

  // Lists in several spellings; users that the cache knows among others.
  static std::string line(std::size_t i) {
    const char* known[] = {"u", "dense", "wordy", "empty"};
    const std::string user = i < 4 ? known[i] : "user " + std::to_string(i);
    if (i % 5 == 0) {
      return R"({"user_id": ")" + user +
             R"(", "results": [{"item_id": "i2"}, {"item_id": "i1"}, {"item_id": "\u00e9"}]})" + "\r\n";
    }
    return test::list(user, {{"i4", 0.25}, {"i1", 1.0 / static_cast<double>(i + 1)}, {"[PAD]", 0}, {"i3", -0.125}});
  }
  std::string answers(std::size_t threads) {
    std::string text;
    for (const auto& line : lines_) text += line;
    options_.threads = threads;
    report_ = run(text);
    return read_file(options_.output);
  }

  std::vector<std::string> lines_;
  RerankReport report_;
};

TEST_F(RerankThreads, ChangeNoByteAndNoCount) {
  const auto one = answers(1);
  const auto report = report_;
  EXPECT_EQ(std::count(one.begin(), one.end(), '\n'), static_cast<std::ptrdiff_t>(kLists));
  EXPECT_EQ(report.lists, kLists);
  const auto meta = read_file(dir_ / "reranked.jsonl.meta.json");
  for (const std::size_t threads : {2, 5}) {
    EXPECT_EQ(answers(threads), one) << threads;
    EXPECT_EQ(read_file(dir_ / "reranked.jsonl.meta.json"), meta) << threads;
    EXPECT_EQ(report_.candidates, report.candidates);
    EXPECT_EQ(report_.items_without_personas, report.items_without_personas);
  }
}

// Blocks or single lists: a table's lists are read one by one.
TEST_F(RerankThreads, AListOfATableGetsTheSameScores) {
  lines_ = {test::list("u", {{"i1", 2}, {"i2", 1}}), test::list("dense", {{"i4", 3}, {"i1", 1}})};
  const auto expected = answers(2);
  (void)dir_.write("table.csv", "user_id,item_id,score\nu,i1,2\nu,i2,1\ndense,i4,3\ndense,i1,1\n");
  options_.candidates = dir_ / "table.csv";
  (void)rerank(options_);
  EXPECT_EQ(read_file(options_.output), expected);
}

TEST_F(RerankThreads, OfSeveralErrorsTheFirstIsTold) {
  lines_[6000] = line(17);
  lines_[6001] = "broken\n";
  lines_[7999] = "{\n";
  for (const std::size_t threads : {1, 2, 5}) {
    EXPECT_THAT(input_error_of([&] { (void)answers(threads); }),
                HasSubstr("candidate.jsonl:6001: field \"user_id\": the user \"user 17\" has a line already"));
  }
}

TEST_F(RerankThreads, BrokenRowsAreSkippedUpToTheirNumber) {
  for (const std::size_t at : {100, 4000, 7999}) lines_[at] = "{\"results\": 1}\n";
  for (const std::size_t threads : {1, 3}) {
    options_.max_bad_rows = 3;
    (void)answers(threads);
    EXPECT_EQ(report_.bad_rows, 3U);
    EXPECT_EQ(report_.lists, kLists - 3);
    options_.max_bad_rows = 2;
    EXPECT_THAT(input_error_of([&] { (void)answers(threads); }), HasSubstr("candidate.jsonl:8000: "));
  }
}

}  // namespace
}  // namespace persona4rec
