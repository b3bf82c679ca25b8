#include "io/lists/trec_writer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "persona4rec/error.hpp"
#include "support/input_error.hpp"

namespace persona4rec {
namespace {

using ::testing::HasSubstr;

TEST(AppendRun, KeepsTheOrderInEveryTool) {
  CandidateRow falling{.user_id = UserId("u1"), .results = {{ItemId("a"), 0.75}, {ItemId("b"), 0.5}}};
  std::string text;
  append_run(text, falling, "tag");
  EXPECT_EQ(text, "u1 Q0 a 1 0.75 tag\nu1 Q0 b 2 0.5 tag\n");
  CandidateRow tied{.user_id = UserId("u2"),
                    .results = {{ItemId("a"), 1.0}, {ItemId("[PAD]"), 1.0}, {ItemId("[PAD]"), std::nullopt}}};
  text.clear();
  append_run(text, tied, "tag");
  EXPECT_EQ(text, "u2 Q0 a 1 3 tag\nu2 Q0 [PAD] 2 2 tag\nu2 Q0 [PAD]~2 3 1 tag\n");
}

TEST(AppendRun, ScoresThatAreOneFloatAreWorthTheirRanks) {
  const CandidateRow list{.user_id = UserId("u1"), .results = {{ItemId("a"), 0.500000001}, {ItemId("z"), 0.5}}};
  std::string text;
  append_run(text, list, "tag");
  EXPECT_EQ(text, "u1 Q0 a 1 2 tag\nu1 Q0 z 2 1 tag\n");
}

TEST(AppendRun, RefusesIdsThatTheFormatCannotCarry) {
  CandidateRow list{.user_id = UserId("u 1"), .results = {{ItemId("a"), 1.0}}};
  std::string text;
  EXPECT_THAT(test::input_error_of([&] { append_run(text, list, "tag"); }), HasSubstr("white space"));
  EXPECT_THAT(test::input_error_of([&] { append_qrel(text, UserId("u1"), ItemId("b\t1")); }), HasSubstr("white space"));
}

}  // namespace
}  // namespace persona4rec
