#include "eval/scenarios.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/temp_dir.hpp"

namespace persona4rec {
namespace {

using test::TempDir;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

GroundTruth truth_of(const std::vector<std::pair<std::string, std::string>>& rows) {
  GroundTruth truth;
  for (const auto& [user, item] : rows) truth.add(UserId(user), ItemId(item));
  return truth;
}

TEST(PercentileThresholds, AreThePublishedOnes) {
  EXPECT_FALSE(percentile_thresholds({}));
  const auto one = percentile_thresholds({4});
  EXPECT_EQ(one->upper, 4U);
  EXPECT_EQ(one->lower, 4U);
  const auto ten = percentile_thresholds({10, 9, 8, 7, 6, 5, 4, 3, 2, 1});
  EXPECT_EQ(ten->upper, 8U);  // sorted[int(10 * .8) - 1]
  EXPECT_EQ(ten->lower, 3U);  // sorted[int(10 * .2)]
}

TEST(Scenarios, CountRawReviewsByTheirFieldNames) {
  const TempDir dir;
  const auto path = dir.write("reviews.jsonl", R"({"reviewer":"u1","asin":"a"})"
                                               "\n"
                                               R"({"reviewer":"u1","asin":"b"})"
                                               "\n"
                                               R"({"reviewer":"nobody","asin":"a"})"
                                               "\n");
  const auto truth = truth_of({{"u1", "a"}, {"u2", "c"}});
  const CandidateUsers users{.known = {1, 0}, .without_truth = {UserId("stranger")}};
  const auto counts = count_reviews({.path = path, .user_field = "reviewer", .item_field = "asin"}, users, truth);
  EXPECT_EQ(counts.users.size(), 2U);  // u2 has no list, nobody neither
  EXPECT_EQ(counts.users.at(UserId("u1")), 2U);
  EXPECT_EQ(counts.users.at(UserId("stranger")), 0U);
  EXPECT_EQ(counts.items.size(), 1U);
  EXPECT_EQ(counts.items.at(ItemId("a")), 2U);
}

TEST(Scenarios, CountHistoriesAndAspectsWhateverTheFieldNames) {
  const TempDir dir;
  const auto history =
      dir.write("3.5_history.jsonl", R"({"user_id":"u1","reviews":[{"item_id":"a"},{"item_id":"a"},{"item_id":"z"}]})"
                                     "\n");
  const auto aspects = dir.write("1_aspects.jsonl", R"({"user_id":"u1","item_id":"a"})"
                                                    "\n");
  const auto truth = truth_of({{"u1", "a"}});
  const CandidateUsers users{.known = {1}, .without_truth = {}};
  const auto of = [&](const std::filesystem::path& path) {
    return count_reviews({.path = path, .user_field = "reviewer", .item_field = "asin"}, users, truth);
  };
  EXPECT_EQ(of(history).users.at(UserId("u1")), 3U);
  EXPECT_EQ(of(history).items.at(ItemId("a")), 2U);
  EXPECT_EQ(of(aspects).items.at(ItemId("a")), 1U);
}

TEST(Scenarios, SliceUsersByActivityAndItemsByPopularity) {
  // Users u0..u4 with 1..5 reviews; items i0..i4 with 5..1 reviews; u5 has two true items, one head, one tail.
  auto truth = truth_of({{"u0", "i0"}, {"u1", "i1"}, {"u2", "i2"}, {"u3", "i3"}, {"u4", "i4"}, {"u5", "i0"}});
  truth.add(UserId("u5"), ItemId("i4"));
  ReviewCounts counts;
  for (std::uint64_t i = 0; i < 5; ++i) {
    counts.users[UserId("u" + std::to_string(i))] = i + 1;
    counts.items[ItemId("i" + std::to_string(i))] = 5 - i;
  }
  counts.users[UserId("u5")] = 0;  // not in the review file: in no user slice
  const CandidateUsers users{.known = {1, 1, 1, 1, 1, 1}, .without_truth = {}};
  const auto groups = scenario_groups(counts, users, truth);
  ASSERT_EQ(groups.size(), 4U);
  EXPECT_EQ(groups[0].name, "warm");
  EXPECT_EQ(groups[0].count, 4U);  // sorted[int(5 * .8) - 1]
  EXPECT_THAT(groups[0].users, ElementsAre(3, 4));
  EXPECT_EQ(groups[1].count, 2U);  // sorted[int(5 * .2)]
  EXPECT_THAT(groups[1].users, ElementsAre(0, 1));
  EXPECT_THAT(groups[2].users, ElementsAre(0, 1, 5));  // head: i0, i1
  EXPECT_THAT(groups[3].users, ElementsAre(3, 4, 5));  // tail: i3, i4
}

TEST(Scenarios, NobodyCountedMeansNoThreshold) {
  const auto truth = truth_of({{"u0", "i0"}});
  const ReviewCounts counts{.users = {{UserId("u0"), 0}}, .items = {{ItemId("i0"), 0}}, .sha256 = {}};
  for (const auto& group : scenario_groups(counts, {.known = {1}, .without_truth = {}}, truth)) {
    EXPECT_FALSE(group.count) << group.name;
    EXPECT_THAT(group.users, IsEmpty()) << group.name;
  }
}

}  // namespace
}  // namespace persona4rec
