// Lists that rerank cannot do anything for, and scores beyond what a square can hold.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "io/jsonl_reader.hpp"
#include "persona4rec/error.hpp"
#include "persona4rec/rerank.hpp"
#include "support/hand_made_cache.hpp"
#include "support/temp_dir.hpp"

namespace persona4rec {
namespace {

using test::HandMadeCache;
using test::TempDir;
using ::testing::HasSubstr;

class RerankInput : public ::testing::Test {
 protected:
  RerankInput() {
    HandMadeCache{.items = {{"i1", {{0, 1.0F}}, {{"i1_P1", {1, 0}}}}, {"i2", {{1, 1.0F}}, {{"i2_P1", {0, 1}}}}},
                  .users = {{"u", {1, 0}, {{0, 1.0F}}}, {"bare", {0, 0}, {}}}}
        .write(dir_ / "cache");
    options_.cache = dir_ / "cache";
    options_.candidates = dir_ / "candidate";
    options_.output = dir_ / "reranked.jsonl";
  }

  std::vector<RerankedRow> rows_of(const std::string& lists) {
    (void)dir_.write("candidate", lists);
    (void)rerank(options_);
    return read_jsonl<RerankedRow>(options_.output);
  }

  std::string error_of(const std::string& lists) {
    try {
      (void)rows_of(lists);
    } catch (const Error& error) {
      EXPECT_EQ(error.exit_code(), 3) << error.what();
      EXPECT_FALSE(std::filesystem::exists(options_.output));
      return error.what();
    }
    return "no error";
  }

  TempDir dir_;
  RerankOptions options_;
};

TEST_F(RerankInput, AFileWithoutOneKnownUserOrItemIsAnError) {
  EXPECT_THAT(error_of(R"({"user_id":"stranger","results":[{"item_id":"i1"}]})"),
              HasSubstr("candidate: has no user that"));
  EXPECT_THAT(error_of(R"({"user_id":"u","results":[{"item_id":"other"},{"item_id":"[PAD]"}]})"),
              HasSubstr("candidate: has no item that"));
  options_.max_bad_rows = 5;
  EXPECT_THAT(error_of("broken\nbroken too\n"), HasSubstr("candidate: holds no list that can be used"));
  EXPECT_EQ(error_of(R"({"user_id":"bare","results":[{"item_id":"i1"}]})"), "no error") << "known, with nothing liked";
}

TEST_F(RerankInput, ScoresNearTheLargestDoubleAreStandardized) {
  const auto rows =
      rows_of(R"({"user_id":"u","results":[{"item_id":"i2","score":1.7e308},{"item_id":"i1","score":-1.7e308}]})");
  ASSERT_EQ(rows.size(), 1U);
  for (const auto& result : rows[0].results) EXPECT_TRUE(std::isfinite(result.score)) << result.item_id.text();
  const auto small = rows_of(R"({"user_id":"u","results":[{"item_id":"i2","score":1},{"item_id":"i1","score":-1}]})");
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(rows[0].results[i].item_id, small[0].results[i].item_id);
    EXPECT_NEAR(rows[0].results[i].score, small[0].results[i].score, 1e-9) << "z has no unit";
  }
}

TEST_F(RerankInput, InfiniteScoresOfARunLetRanksSpeak) {
  const auto rows = rows_of("u Q0 i2 1 inf t\nu Q0 i1 2 -inf t\n");
  ASSERT_EQ(rows.size(), 1U);
  for (const auto& result : rows[0].results) EXPECT_TRUE(std::isfinite(result.score)) << result.item_id.text();
}

TEST_F(RerankInput, AUsersLinesOfARunMayStandAnywhere) {
  const auto rows = rows_of("u Q0 i2 1 2 t\nbare Q0 i1 1 1 t\nu Q0 i1 2 1 t\n");
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[0].results.size(), 2U);
}

}  // namespace
}  // namespace persona4rec
