// Which reviews a prompt shows where it has no room for all.
#include "personas/spread.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace persona4rec {
namespace {

SpreadPoint point(std::uint32_t term, double rating, std::int64_t ms) {
  return {.words = {{term}, {1.0F}}, .rating = rating, .time_ms = ms, .tokens = 10};
}

TEST(SpreadOut, CoversRatingTimeAndContentWithinTheBudget) {
  std::vector<SpreadPoint> points;
  for (int i = 0; i < 20; ++i) points.push_back(point(0, 5, 100 + i));
  points.push_back(point(0, 1, 110));  // a critic
  points.push_back(point(3, 5, 110));  // another topic
  const auto chosen = spread_out(points, 40, 4);
  EXPECT_EQ(chosen.size(), 4U);
  EXPECT_THAT(chosen, testing::Contains(20U));
  EXPECT_THAT(chosen, testing::Contains(21U));
  EXPECT_EQ(chosen, spread_out(points, 40, 4)) << "deterministic";
  EXPECT_EQ(spread_out(points, 9, 4).size(), 0U);
  EXPECT_EQ(spread_out(points, 1000, 4).size(), 22U);
  EXPECT_TRUE(spread_out({}, 100, 4).empty());
}

TEST(SpreadOut, SkipsWhatIsTooLongAndGoesOn) {
  std::vector<SpreadPoint> points{point(0, 5, 1), point(1, 5, 2), point(2, 5, 3)};
  points[1].tokens = 1000;
  const auto chosen = spread_out(points, 25, 3);
  EXPECT_THAT(chosen, testing::UnorderedElementsAre(0U, 2U));
}

}  // namespace
}  // namespace persona4rec
