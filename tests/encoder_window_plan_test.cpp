#include "encoder/store/window_plan.hpp"

#include <gtest/gtest.h>

#include <map>
#include <numeric>
#include <string>

#include "base/rng.hpp"
#include "encoder/store/text_windows.hpp"

namespace persona4rec::test {
namespace {

using Windows = std::vector<std::vector<WindowMember>>;

// Windows of so many texts, of which those of `stored` carry a plan's number.
class Texts {
 public:
  explicit Texts(const std::vector<std::size_t>& sizes) : sizes_(sizes) {
    first_rows.resize(std::accumulate(sizes.begin(), sizes.end(), std::size_t{0}));
    for (std::size_t i = 0; i < first_rows.size(); ++i) first_rows[i] = 2 * i + 1;
  }

  [[nodiscard]] std::vector<WindowPlan> plans() const {
    Windows windows;
    std::size_t text = 0;
    for (const std::size_t size : sizes_) {
      auto& window = windows.emplace_back();
      for (std::size_t i = 0; i < size; ++i, ++text) {
        const auto found = stored.find(text);
        window.push_back({.distinct = text,
                          .key = text_key("encoder", std::to_string(text)),
                          .plan = found == stored.end() ? kNoPlan : found->second});
      }
    }
    return make_plans(windows, first_rows);
  }

  std::vector<std::size_t> first_rows;
  std::map<std::size_t, std::uint64_t> stored;  // text -> plan

 private:
  std::vector<std::size_t> sizes_;
};

std::vector<std::size_t> sizes(const std::vector<WindowPlan>& plans) {
  std::vector<std::size_t> out;
  for (const auto& plan : plans) out.push_back(plan.distinct.size());
  return out;
}

TEST(WindowPlan, WindowsThatLackEveryTextAreAPlanEach) {
  const auto plans = Texts({kWindowTexts, kWindowTexts, 7}).plans();
  EXPECT_EQ(sizes(plans), (std::vector<std::size_t>{kWindowTexts, kWindowTexts, 7}));
  EXPECT_EQ(plans[2].distinct.front(), 2 * kWindowTexts);
  EXPECT_EQ(plans[2].rows.front(), 4 * kWindowTexts + 1);
  EXPECT_NE(plans[0].number, plans[1].number);
}

TEST(WindowPlan, WhatSeveralWindowsLackIsOnePlanAsLongAsItHasRoom) {
  Texts texts({kWindowTexts, kWindowTexts, kWindowTexts, 100});
  for (std::size_t i = 0; i < 3 * kWindowTexts; ++i) {
    if (i % 100 != 0) texts.stored[i] = 1 + i / kWindowTexts;
  }
  const auto plans = texts.plans();
  EXPECT_EQ(sizes(plans), (std::vector<std::size_t>{(3 * kWindowTexts + 99) / 100 + 100}));
  EXPECT_TRUE(std::ranges::is_sorted(plans[0].distinct));
  for (std::size_t i = 0; i < kWindowTexts; ++i) texts.stored.erase(kWindowTexts + i);  // a whole window between
  EXPECT_EQ(sizes(texts.plans()), (std::vector<std::size_t>{41, kWindowTexts, 141}));
}

TEST(WindowPlan, NothingIsPlannedWhereNothingLacks) {
  Texts texts({5, 3});
  for (std::size_t i = 0; i < 8; ++i) texts.stored[i] = 9;
  EXPECT_TRUE(texts.plans().empty());
}

// Whatever an interrupted run stored of its plans, in whatever order (ranks compute side by side): the next one forms
// the same plans of what is left.
TEST(WindowPlan, BegunPlansAreFoundAgain) {
  Rng rng(7);
  for (int turn = 0; turn < 60; ++turn) {
    SCOPED_TRACE(turn);
    Texts texts({kWindowTexts, 2500, 2500, 3000, 900, 40});
    const double known = turn % 3 == 0 ? 0.98 : 0.5;  // before the run
    for (std::size_t i = 0; i < texts.first_rows.size(); ++i) {
      if (rng.uniform() < known) texts.stored[i] = 77 + i / 5000;
    }
    const auto plans = texts.plans();
    std::map<std::uint64_t, std::vector<std::size_t>> whole;
    for (const auto& plan : plans) whole[plan.number] = plan.distinct;
    for (const auto& plan : plans) {
      const double done = rng.uniform() < 0.3 ? 0 : rng.uniform() * 1.2;
      for (const std::size_t text : plan.distinct) {
        if (rng.uniform() < done) texts.stored[text] = plan.number;
      }
    }
    std::size_t lacking = 0;
    std::size_t planned = 0;
    for (std::size_t i = 0; i < texts.first_rows.size(); ++i) lacking += texts.stored.contains(i) ? 0 : 1;
    for (const auto& plan : texts.plans()) {
      ASSERT_TRUE(whole.contains(plan.number));
      EXPECT_EQ(plan.distinct, whole[plan.number]);
      EXPECT_FALSE(plan.is_whole());
      for (std::size_t i = 0; i < plan.known.size(); ++i) {
        EXPECT_EQ(plan.known[i] != 0, texts.stored.contains(plan.distinct[i]));
        planned += plan.known[i] == 0 ? 1 : 0;
      }
    }
    EXPECT_EQ(planned, lacking);
  }
}

}  // namespace
}  // namespace persona4rec::test
