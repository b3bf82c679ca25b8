#include "io/trec_reader.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "io/candidate_lists.hpp"
#include "support/temp_dir.hpp"

namespace persona4rec {
namespace {

using test::TempDir;
using ::testing::HasSubstr;

const Place kPlace{.file = "run.trec", .line = 3, .field = {}};

std::vector<CandidateRow> all_lists(const std::filesystem::path& path, std::uint64_t max_bad_rows = 0) {
  const auto source = open_candidate_lists(path, ListFormat::kAuto, max_bad_rows);
  std::vector<CandidateRow> lists;
  for (CandidateRow list; source->next(list);) lists.push_back(list);
  return lists;
}

std::vector<std::string> items_of(const CandidateRow& list) {
  std::vector<std::string> items;
  for (const auto& result : list.results) items.push_back(result.item_id.text());
  return items;
}

std::string error_of(const std::function<void()>& body) {
  try {
    body();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kInput);
    return error.what();
  }
  return "no error";
}

TEST(RunLine, TakesBlanksAndTabs) {
  const auto line = parse_run_line("u1\tQ0  B0001 7 -1.5e1 mine ", kPlace);
  EXPECT_EQ(line.user_id.text(), "u1");
  EXPECT_EQ(line.item_id.text(), "B0001");
  EXPECT_EQ(line.score, -15);
}

TEST(RunLine, SaysWhatIsWrongAndWhere) {
  EXPECT_THAT(error_of([] { (void)parse_run_line("u1 Q0 i1 1 0.5", kPlace); }),
              HasSubstr("run.trec:3: expected the 6 fields"));
  EXPECT_THAT(error_of([] { (void)parse_run_line("u1 Q0 i1 1 0.5 tag more", kPlace); }), HasSubstr("6 fields"));
  EXPECT_THAT(error_of([] { (void)parse_run_line("u1 Q0 i1 1 high tag", kPlace); }),
              HasSubstr("run.trec:3: field \"score\": expected a number, got \"high\""));
  EXPECT_THAT(error_of([] { (void)parse_run_line("u1 Q0 i1 1 nan tag", kPlace); }), HasSubstr("got \"nan\""));
}

TEST(QrelLine, RelevanceAboveZeroCounts) {
  EXPECT_TRUE(parse_qrel_line("u1 0 i1 2", kPlace).relevant);
  EXPECT_FALSE(parse_qrel_line("u1 0 i1 0", kPlace).relevant);
  EXPECT_FALSE(parse_qrel_line("u1 0 i1 -1", kPlace).relevant);
  EXPECT_THAT(error_of([] { (void)parse_qrel_line("u1 i1 1", kPlace); }), HasSubstr("4 fields"));
}

TEST(TrecRun, IsOrderedByScoreAndTiesKeepFileOrder) {
  const TempDir dir;
  const auto path = dir.write("run.trec",
                              "u1 Q0 low 1 0.1 t\nu1 Q0 tie1 2 0.5 t\nu1 Q0 tie2 3 0.5 t\nu1 Q0 high 4 0.9 t\n"
                              "u2 Q0 only 1 3 t\n");
  const auto lists = all_lists(path);
  ASSERT_EQ(lists.size(), 2U);
  EXPECT_EQ(items_of(lists[0]), (std::vector<std::string>{"high", "tie1", "tie2", "low"}));
  EXPECT_EQ(lists[1].user_id.text(), "u2");
}

TEST(TrecRun, BadLinesAreCountedUpToTheLimit) {
  const TempDir dir;
  const auto path = dir.write("run.trec", "u1 Q0 a 1 2 t\nbroken\nu1 Q0 b 2 1 t\n");
  EXPECT_THAT(error_of([&] { (void)all_lists(path); }), HasSubstr("run.trec:2: "));
  EXPECT_EQ(items_of(all_lists(path, 1).at(0)), (std::vector<std::string>{"a", "b"}));
  EXPECT_THAT(error_of([&] { (void)all_lists(dir.write("empty.trec", "\n")); }), HasSubstr("got an empty"));
}

TEST(ResolveFormat, ByTheFirstCharacter) {
  const TempDir dir;
  const auto json = dir.write("a.any", "\n  {\"user_id\": 1}\n");
  const auto trec = dir.write("b.jsonl", "u1 Q0 a 1 2 t\n");
  EXPECT_EQ(resolve_format(json, ListFormat::kAuto), ListFormat::kJsonl);
  EXPECT_EQ(resolve_format(trec, ListFormat::kAuto), ListFormat::kTrec);
  EXPECT_EQ(resolve_format(trec, ListFormat::kJsonl), ListFormat::kJsonl);
  EXPECT_EQ(resolve_format("-", ListFormat::kAuto), ListFormat::kJsonl);
}

}  // namespace
}  // namespace persona4rec
