#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "eval/file_names.hpp"
#include "eval/number_text.hpp"
#include "eval/text_grid.hpp"
#include "persona4rec/eval.hpp"

namespace persona4rec {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr double kNoValue = std::numeric_limits<double>::quiet_NaN();

GroupResult group_result(std::uint64_t users, std::vector<double> means) {
  return {.users = users, .means = std::move(means), .found = users / 2, .median_rank = 3.5, .pairs = users};
}

EvalReport small_report(std::size_t files) {
  EvalReport report;
  report.bootstrap = files > 1 ? 2000 : 0;
  report.truth_name = "3.5_gt.jsonl";
  report.metrics = {{MetricKind::kHit, 5}, {MetricKind::kHit, 10}, {MetricKind::kNdcg, 5}, {MetricKind::kNdcg, 10}};
  for (int i = 0; i < 100; ++i) report.users.push_back(UserId("u" + std::to_string(i)));
  report.groups = {{.name = "all", .count = std::nullopt, .users = {}}};
  for (std::size_t i = 0; i < files; ++i) {
    EvalFile file{.name = i == 0 ? "candidate" : "reranked" + std::to_string(i)};
    file.groups = {group_result(100, {.3043, .4565, .2052, 1})};
    if (i > 0) {
      const Comparison better{.difference = .02,
                              .relative = .143,
                              .difference_interval = {.001, .04},
                              .relative_interval = {.021, .27},
                              .p = .0214};
      const Comparison undefined{kNoValue, kNoValue, {kNoValue, kNoValue}, {kNoValue, kNoValue}, kNoValue};
      file.groups[0].against_first = {better, better, undefined, undefined};
    }
    report.files.push_back(std::move(file));
  }
  return report;
}

TEST(NumberText, ReadsLikeThePapersTables) {
  EXPECT_EQ(share_text(.30434, 4), ".3043");
  EXPECT_EQ(share_text(1, 4), "1.0000");
  EXPECT_EQ(share_text(0, 4), ".0000");
  EXPECT_EQ(share_text(kNoValue, 4), "--");
  EXPECT_EQ(signed_percent_text(.1434), "+14.3");
  EXPECT_EQ(signed_percent_text(-.5), "-50.0");
  EXPECT_EQ(signed_percent_text(-.0001), "0.0");
}

TEST(TextGrid, AlignsByCodePoints) {
  TextGrid grid;
  grid.column(Align::kLeft, 0);
  grid.column(Align::kRight, 2);
  grid.row({"é", "1"});
  grid.line("a line much wider than any row");
  grid.row({"long", ""});
  grid.row({"x", "234"});
  EXPECT_EQ(grid.text(), "é       1\na line much wider than any row\nlong\nx     234\n");
  EXPECT_EQ(grid.width(), 9U);
}

TEST(ShortNames, AddFoldersUntilDistinct) {
  const auto names = [](std::vector<std::filesystem::path> paths) { return short_names(paths); };
  EXPECT_THAT(names({"w/candidate.test.jsonl", "w/reranked.jsonl.gz"}), ElementsAre("candidate.test", "reranked"));
  EXPECT_THAT(names({"a/x/list.run", "b/x/list.run"}), ElementsAre("a/x/list", "b/x/list"));
  EXPECT_THAT(names({"list.jsonl", "list.jsonl", "-"}), ElementsAre("list", "list#2", "stdin"));
}

TEST(EvalTable, OneFile) {
  EXPECT_EQ(eval_table(small_report(1)),
            "100 users with ground truth (3.5_gt.jsonl), world test\n"
            "\n"
            "             candidate\n"
            "users              100\n"
            "found            .5000\n"
            "median rank        3.5\n"
            "\n"
            "HIT@5            .3043\n"
            "HIT@10           .4565\n"
            "\n"
            "NDCG@5           .2052\n"
            "NDCG@10         1.0000\n");
}

TEST(EvalTable, TwoFilesSideBySide) {
  EXPECT_EQ(
      eval_table(small_report(2)),
      "100 users with ground truth (3.5_gt.jsonl), world test\n"
      "diff % and its interval against candidate: 2000 paired resamples, seed 0; * where the difference's interval "
      "leaves out 0\n"
      "\n"
      "             candidate   reranked1  diff %   [95 % interval]     p\n"
      "users              100         100\n"
      "found            .5000       .5000\n"
      "median rank        3.5         3.5\n"
      "\n"
      "HIT@5            .3043       .3043   +14.3  [  +2.1,  +27.0]  .021 *\n"
      "HIT@10           .4565       .4565   +14.3  [  +2.1,  +27.0]  .021 *\n"
      "\n"
      "NDCG@5           .2052       .2052      --                --    --\n"
      "NDCG@10         1.0000      1.0000      --                --    --\n");
}

TEST(EvalTable, SmallPIsNotWrittenAsZero) {
  auto report = small_report(2);
  report.files[1].groups[0].against_first[0].p = .0002;
  EXPECT_THAT(eval_table(report), HasSubstr("]  <.001 *\n"));
}

TEST(EvalTable, WideReportsGoIntoBlocks) {
  const auto text = eval_table(small_report(5), 120);
  std::size_t widest = 0;
  std::size_t blocks = 0;
  std::size_t begin = 0;
  for (auto end = text.find('\n'); end != std::string::npos; begin = end + 1, end = text.find('\n', begin)) {
    if (begin > text.find("\n\n")) widest = std::max(widest, end - begin);
    if (text.substr(begin, end - begin).find("candidate  ") != std::string::npos) ++blocks;
  }
  EXPECT_LE(widest, 120U);
  EXPECT_EQ(blocks, 2U);
  for (int i = 1; i < 5; ++i) EXPECT_THAT(text, HasSubstr("reranked" + std::to_string(i)));
}

TEST(EvalTable, ScenariosAtTen) {
  auto report = small_report(1);
  report.groups.push_back({.name = "warm", .count = 14, .users = {}});
  report.groups.push_back({.name = "tail", .count = std::nullopt, .users = {}});
  report.files[0].groups.push_back(group_result(20, {.1, .2, .3, .4}));
  report.files[0].groups.push_back(group_result(0, {kNoValue, kNoValue, kNoValue, kNoValue}));
  EXPECT_THAT(eval_table(report), HasSubstr("\nwarm users (at least 14 reviews)\n"
                                            "users               20\n"
                                            "HIT@10           .2000\n"
                                            "NDCG@10          .4000\n"
                                            "\nusers with tail items (the review file names none)\n"
                                            "users                0\n"
                                            "HIT@10              --\n"));
}

TEST(EvalTable, CountsWhatWasLeftOut) {
  auto report = small_report(1);
  report.files[0].counts.missing = 12;
  report.files[0].counts.without_truth = 7;
  EXPECT_THAT(eval_table(report), HasSubstr("no list             12\nno truth             7\n"));
}

}  // namespace
}  // namespace persona4rec
