#include "io/lists/trec_reader.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>

#include "io/lists/candidate_lists.hpp"
#include "support/input_error.hpp"
#include "support/temp_dir.hpp"

namespace persona4rec {
namespace {

using test::TempDir;
using ::testing::HasSubstr;

const Place kPlace{.file = "run.trec", .line = 3, .field = {}};

std::vector<CandidateRow> all_lists(const std::filesystem::path& path, std::uint64_t max_bad_rows = 0) {
  const auto source = open_candidate_lists(path, {.max_bad_rows = max_bad_rows});
  std::vector<CandidateRow> lists;
  for (CandidateRow list; source->next(list);) lists.push_back(list);
  return lists;
}

std::vector<std::string> items_of(const CandidateRow& list) {
  std::vector<std::string> items;
  for (const auto& result : list.results) items.push_back(result.item_id.text());
  return items;
}

TEST(RunLine, TakesBlanksAndTabs) {
  const auto line = parse_run_line("u1\tQ0  B0001 7 -1.5e1 mine ", kPlace);
  EXPECT_EQ(line.user_id.text(), "u1");
  EXPECT_EQ(line.item_id.text(), "B0001");
  EXPECT_EQ(line.score, -15);
}

TEST(RunLine, SaysWhatIsWrongAndWhere) {
  EXPECT_THAT(test::input_error_of([] { (void)parse_run_line("u1 Q0 i1 1 0.5", kPlace); }),
              HasSubstr("run.trec:3: expected the 6 fields"));
  EXPECT_THAT(test::input_error_of([] { (void)parse_run_line("u1 Q0 i1 1 high tag", kPlace); }),
              HasSubstr("run.trec:3: field \"score\": expected a number, got \"high\""));
  EXPECT_THAT(test::input_error_of([] { (void)parse_run_line("u1 Q0 i1 1 nan tag", kPlace); }),
              HasSubstr("got \"nan\""));
}

TEST(QrelLine, RelevanceAboveZeroCounts) {
  EXPECT_TRUE(parse_qrel_line("u1 0 i1 2", kPlace).relevant);
  EXPECT_FALSE(parse_qrel_line("u1 0 i1 0", kPlace).relevant);
  EXPECT_FALSE(parse_qrel_line("u1 0 i1 -1", kPlace).relevant);
  EXPECT_THAT(test::input_error_of([] { (void)parse_qrel_line("u1 i1 1", kPlace); }), HasSubstr("4 fields"));
}

TEST(RunLine, IsReadAsTrecEvalReadsIt) {
  EXPECT_EQ(parse_run_line("u1 Q0 i1 1 +1.5 tag", kPlace).score, 1.5);
  EXPECT_EQ(parse_run_line("u1 Q0 i1 1 -inf tag", kPlace).score, -INFINITY);
  EXPECT_EQ(parse_run_line("u1 Q0 i1 1 1e308 tag", kPlace).score, 1e308);
  EXPECT_EQ(parse_run_line("u1 Q0 i1 1 2 tag and text behind it", kPlace).score, 2);
}

TEST(TrecRun, IsOrderedByScoreAndTiesByItemNameDescending) {
  const TempDir dir;
  const auto path = dir.write("run.trec",
                              "u1 Q0 low 1 0.1 t\nu1 Q0 tie1 2 0.5 t\nu1 Q0 tie2 3 0.5 t\nu1 Q0 high 4 0.9 t\n"
                              "u1 Q0 last 5 -inf t\nu1 Q0 first 6 1.7e308 t\nu2 Q0 only 1 3 t\n");
  const auto lists = all_lists(path);
  ASSERT_EQ(lists.size(), 2U);
  EXPECT_EQ(items_of(lists[0]), (std::vector<std::string>{"first", "high", "tie2", "tie1", "low", "last"}));
  EXPECT_EQ(lists[1].user_id.text(), "u2");
}

// As pytrec_eval 0.5 orders them: 0.5 and 0.5 + 1e-9 are one float, 0.5 + 1e-7 is another. (It takes
// 1e39 and 1e40 for one, infinite; here they are two.)
TEST(TrecRun, ScoresThatAreOneFloatAreTied) {
  const TempDir dir;
  const auto lists = all_lists(dir.write("run.trec",
                                         "u1 Q0 a 1 0.500000001 t\nu1 Q0 z 2 0.5 t\n"
                                         "u2 Q0 a 1 0.5000001 t\nu2 Q0 z 2 0.5 t\n"
                                         "u3 Q0 a 1 1e40 t\nu3 Q0 z 2 1e39 t\n"
                                         "u4 Q0 a 1 16777217 t\nu4 Q0 z 2 16777216 t\n"));
  ASSERT_EQ(lists.size(), 4U);
  EXPECT_EQ(items_of(lists[0]), (std::vector<std::string>{"z", "a"}));
  EXPECT_EQ(items_of(lists[1]), (std::vector<std::string>{"a", "z"}));
  EXPECT_EQ(items_of(lists[2]), (std::vector<std::string>{"a", "z"}));
  EXPECT_EQ(items_of(lists[3]), (std::vector<std::string>{"z", "a"}));
  EXPECT_EQ(lists[0].results[1].score, 0.500000001) << "the score itself stays";
}

TEST(TrecRun, AUsersLinesMayStandAnywhere) {
  const TempDir dir;
  const auto lists = all_lists(dir.write("run.trec", "u1 Q0 a 1 1 t\nu2 Q0 b 1 1 t\n\nu1 Q0 c 2 3 t\nu2 Q0 a 2 0 t\n"));
  ASSERT_EQ(lists.size(), 2U);
  EXPECT_EQ(items_of(lists[0]), (std::vector<std::string>{"c", "a"}));
  EXPECT_EQ(items_of(lists[1]), (std::vector<std::string>{"b", "a"}));
}

TEST(TrecRun, AStreamsListEndsWhereTheNextUserBegins) {
  const TempDir dir;
  const auto path = dir.write("run.trec", "u1 Q0 a 1 1 t\nu2 Q0 b 1 1 t\nu1 Q0 c 2 3 t\n");
  const auto source = open_candidate_lists(path, {.streaming = true});
  std::vector<std::string> users;
  for (CandidateRow list; source->next(list);) users.push_back(list.user_id.text());
  EXPECT_EQ(users, (std::vector<std::string>{"u1", "u2", "u1"}));
}

TEST(TrecRun, BadLinesAreCountedUpToTheLimit) {
  const TempDir dir;
  const auto path = dir.write("run.trec", "u1 Q0 a 1 2 t\nbroken\nu1 Q0 b 2 1 t\n");
  EXPECT_THAT(test::input_error_of([&] { (void)all_lists(path); }), HasSubstr("run.trec:2: "));
  EXPECT_EQ(items_of(all_lists(path, 1).at(0)), (std::vector<std::string>{"a", "b"}));
  EXPECT_THAT(test::input_error_of([&] { (void)all_lists(dir.write("empty.trec", "\n")); }), HasSubstr("got an empty"));
}

TEST(CandidateLists, OfAPipeAreAllReadThoughTheirShapeIsLookedAtFirst) {
  int ends[2] = {};
  ASSERT_EQ(pipe(ends), 0);
  std::string rows;
  for (int i = 0; i < 56; ++i) rows += "{\"user_id\":" + std::to_string(i) + ",\"results\":[]}\n";
  ASSERT_EQ(write(ends[1], rows.data(), rows.size()), static_cast<ssize_t>(rows.size()));
  close(ends[1]);
  EXPECT_EQ(all_lists("/dev/fd/" + std::to_string(ends[0])).size(), 56U) << "no list is lost to the look ahead";
  close(ends[0]);
}

}  // namespace
}  // namespace persona4rec
