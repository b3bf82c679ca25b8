// The split: order, worlds, targets of every policy. Hand-made users; an interaction is (item, rating, time).
#include <gtest/gtest.h>

#include <algorithm>

#include "base/hash.hpp"
#include "persona4rec/error.hpp"
#include "persona4rec/split.hpp"

namespace persona4rec {
namespace {

struct Row {
  const char* user;
  const char* item;
  double rating;
  std::int64_t ms;
};

Interactions make(const std::vector<Row>& rows) {
  Interactions data;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto& row = rows[i];
    data.add(UserId(row.user), ItemId(row.item), ReviewId(std::to_string(i)), {.value = row.rating},
             {.ms = row.ms, .text = std::to_string(row.ms)});
  }
  return data;
}

std::vector<std::uint32_t> targets(const Split& split, TargetSplit kind) {
  std::vector<std::uint32_t> out;
  for (const auto& target : split.targets()) {
    if (target.split == kind) out.push_back(target.interaction);
  }
  return out;
}

using Indexes = std::vector<std::uint32_t>;

// One evaluated user with five positives and one negative, one train-only user.
const std::vector<Row> kTwoUsers{{"a", "i0", 5, 10}, {"a", "i1", 2, 20}, {"a", "i2", 4, 30}, {"a", "i3", 5, 40},
                                 {"a", "i4", 3, 50}, {"a", "i5", 1, 60}, {"b", "i0", 5, 10}, {"b", "i3", 4, 99}};

TEST(LeaveOneOut, LastPositiveIsTestSecondLastValidRestTrain) {
  const auto data = make(kTwoUsers);
  const auto split = decide_split(data, {});
  EXPECT_EQ(targets(split, TargetSplit::kTest), Indexes{4});
  EXPECT_EQ(targets(split, TargetSplit::kValid), Indexes{3});
  EXPECT_EQ(targets(split, TargetSplit::kTrain), (Indexes{2, 7})) << "0 and 6 have nothing before them";
  EXPECT_EQ(split.counts().evaluated_users, 1U);
  EXPECT_EQ(split.counts().train_only_users, 1U);
}

TEST(LeaveOneOut, WorldsEndBeforeTheirTargetAndTheItemSideBeforeTheValidOne) {
  const auto data = make(kTwoUsers);
  const auto split = decide_split(data, {});
  EXPECT_EQ(split.history(0, World::kValid), (Indexes{0, 1, 2}));
  EXPECT_EQ(split.history(0, World::kTest), (Indexes{0, 1, 2, 3}));
  EXPECT_EQ(split.history(1, World::kTest), (Indexes{6, 7})) << "a train-only user has everything";
  for (std::uint32_t i = 0; i < 8; ++i) EXPECT_EQ(split.item_side(i), i < 3 || i > 5) << i;
  EXPECT_EQ(split.before(data, 2), (Indexes{0, 1}));
}

TEST(LeaveOneOut, ThresholdsAndTargetsPerUser) {
  const auto data = make(kTwoUsers);
  EXPECT_EQ(decide_split(data, {.min_positives = 5}).counts().evaluated_users, 0U);
  EXPECT_EQ(decide_split(data, {.min_history = 5}).counts().evaluated_users, 0U);
  const auto many =
      make({{"a", "i0", 5, 1}, {"a", "i1", 5, 2}, {"a", "i2", 5, 3}, {"a", "i3", 5, 4}, {"a", "i4", 5, 5}});
  EXPECT_EQ(targets(decide_split(many, {.targets_per_user = 1}), TargetSplit::kTrain), Indexes{2});
}

TEST(LikedFrom, DecidesWhatIsATargetUnderEveryPolicy) {
  const auto zero_one = make({{"a", "i0", 1, 1}, {"a", "i1", 1, 2}, {"a", "i2", 0, 3}, {"a", "i3", 1, 4}});
  EXPECT_TRUE(decide_split(zero_one, {}).targets().empty()) << "3 is the default";
  const auto split = decide_split(zero_one, {.liked_from = 1});
  EXPECT_EQ(targets(split, TargetSplit::kTest), Indexes{3});
  EXPECT_EQ(targets(split, TargetSplit::kValid), Indexes{1});
  EXPECT_TRUE(split.positive(zero_one, 0));
  EXPECT_FALSE(split.positive(zero_one, 2));
  EXPECT_EQ(
      targets(decide_split(zero_one, {.policy = SplitPolicy::kReference, .liked_from = 1}), TargetSplit::kReference),
      Indexes{3});
  EXPECT_DOUBLE_EQ(disliked_to(kLikedFrom), 2.0);
  EXPECT_LT(disliked_to(1), 1) << "what is liked is not disliked";
}

TEST(LeaveOneOut, AnItemThatTheUserHadIsNoTarget) {
  const auto data = make({{"a", "i0", 5, 1}, {"a", "i1", 5, 2}, {"a", "i2", 5, 3}, {"a", "i0", 5, 4}});
  const auto split = decide_split(data, {});
  EXPECT_EQ(targets(split, TargetSplit::kTest), Indexes{2});
  EXPECT_EQ(split.counts().repeated_positives, 1U);
  EXPECT_FALSE(split.item_side(3)) << "what comes after the valid target is on no item side";
}

TEST(Order, TiesFollowTheSeededHashNotTheFile) {
  std::vector<Row> rows;
  const std::vector<std::string> names{"i0", "i1", "i2", "i3", "i4", "i5", "i6", "i7"};
  rows.reserve(names.size());
  for (const auto& name : names) rows.push_back({"a", name.c_str(), 5, 7});
  const auto data = make(rows);
  const auto order_of = [&](std::uint64_t seed) {
    const auto split = decide_split(data, {.seed = seed});
    const auto order = split.order(0);
    return Indexes(order.begin(), order.end());
  };
  std::vector<std::pair<std::string, std::uint32_t>> expected;
  for (std::uint32_t i = 0; i < rows.size(); ++i) {
    expected.emplace_back(sha256_hex("3|a|" + names[i] + "|7|" + std::to_string(i)), i);
  }
  std::sort(expected.begin(), expected.end());
  for (std::size_t i = 0; i < rows.size(); ++i) EXPECT_EQ(order_of(3)[i], expected[i].second);
  EXPECT_NE(order_of(3), order_of(4));
}

TEST(Temporal, TargetsByTimeHistoriesBeforeTheCutoffs) {
  const auto data = make({{"a", "i0", 5, 10},
                          {"a", "i1", 5, 20},
                          {"a", "i2", 5, 35},
                          {"a", "i3", 5, 50},
                          {"a", "i4", 1, 60},
                          {"b", "i5", 5, 55},
                          {"c", "i0", 4, 5},
                          {"c", "i1", 4, 15}});
  const auto split = decide_split(data, {.policy = SplitPolicy::kTemporal, .cutoff_ms = 40, .valid_cutoff_ms = 30});
  EXPECT_EQ(targets(split, TargetSplit::kTrain), (Indexes{1, 7}));
  EXPECT_EQ(targets(split, TargetSplit::kValid), Indexes{2});
  EXPECT_EQ(targets(split, TargetSplit::kTest), Indexes{3});
  EXPECT_EQ(split.history(0, World::kValid), (Indexes{0, 1}));
  EXPECT_EQ(split.history(0, World::kTest), (Indexes{0, 1, 2}));
  EXPECT_FALSE(split.item_side(2));
  EXPECT_TRUE(split.item_side(7));
  EXPECT_EQ(split.counts().users_without_history, 1U);
}

TEST(Temporal, NeedsACutoffAndOrderedCutoffs) {
  const auto data = make(kTwoUsers);
  EXPECT_THROW((void)decide_split(data, {.policy = SplitPolicy::kTemporal}), Error);
  EXPECT_THROW((void)decide_split(data, {.policy = SplitPolicy::kTemporal, .cutoff_ms = 40, .valid_cutoff_ms = 40}),
               Error);
  EXPECT_EQ(decide_split(data, {.policy = SplitPolicy::kTemporal, .cutoff_ms = 60}).options().valid_cutoff_ms, 50);
}

TEST(Reference, IsThePublishedProtocolLeaksIncluded) {
  const auto data = make({{"a", "i0", 5, 1}, {"a", "i1", 4, 2}, {"a", "i1", 2, 3}, {"b", "i0", 1, 1}});
  const auto split = decide_split(data, {.policy = SplitPolicy::kReference});
  EXPECT_EQ(targets(split, TargetSplit::kReference), Indexes{1});
  EXPECT_EQ(split.history(0, World::kTest), Indexes{0}) << "every review of the target item goes, later ones too";
  EXPECT_TRUE(split.item_side(1)) << "the published code makes personas from the very review it then evaluates";
}

TEST(None, UsesEverythingAndHasNoGroundTruth) {
  const auto split = decide_split(make(kTwoUsers), {.policy = SplitPolicy::kNone});
  EXPECT_EQ(split.counts().test_targets + split.counts().valid_targets, 0U);
  EXPECT_EQ(split.counts().item_side, kTwoUsers.size());
  EXPECT_EQ(split.history(0, World::kTest).size(), 6U);
}

// Ten items; every user has the same five positives in another order, so that targets fall on many items.
Interactions cold_data() {
  Interactions data;
  std::int64_t ms = 0;
  for (int u = 0; u < 40; ++u) {
    for (int k = 0; k < 5; ++k) {
      ++ms;
      data.add(UserId("u" + std::to_string(u)), ItemId("i" + std::to_string((u * 3 + k * 7) % 10)),
               ReviewId(std::to_string(ms)), {.value = 5}, {.ms = ms, .text = std::to_string(ms)});
    }
  }
  return data;
}

TEST(ColdItems, AreTwoDisjointDrawsWithoutATraceOnTheTrainSide) {
  const auto data = cold_data();
  const auto split = decide_split(data, {.policy = SplitPolicy::kColdItems});
  std::size_t valid = 0;
  std::size_t test = 0;
  for (std::uint32_t item = 0; item < data.items().size(); ++item) {
    valid += split.is_cold(item, World::kValid) ? 1 : 0;
    test += split.is_cold(item, World::kTest) ? 1 : 0;
    EXPECT_FALSE(split.is_cold(item, World::kValid) && split.is_cold(item, World::kTest));
  }
  EXPECT_EQ(valid, 3U);
  EXPECT_EQ(test, 3U);
  EXPECT_EQ(split.counts().cold_items, 6U);
  for (std::size_t i = 0; i < data.size(); ++i) {
    const auto item = data[i].item;
    if (split.is_cold(item, World::kTest)) {
      EXPECT_FALSE(split.item_side(i) || split.in_history(i, World::kTest) || split.in_history(i, World::kValid));
    }
    EXPECT_FALSE(split.is_cold(item, World::kValid) && (split.item_side(i) || split.in_history(i, World::kValid)));
  }
}

TEST(ColdItems, TargetsAreColdInTheirWorldAndTrainTargetsAreNot) {
  const auto data = cold_data();
  const auto split = decide_split(data, {.policy = SplitPolicy::kColdItems});
  ASSERT_GT(split.counts().valid_targets, 0U);
  ASSERT_GT(split.counts().test_targets, 0U);
  for (const auto& target : split.targets()) {
    const auto item = data[target.interaction].item;
    if (target.split == TargetSplit::kTrain) {
      EXPECT_TRUE(split.item_side(target.interaction));
      for (const auto before : split.before(data, target.interaction)) {
        EXPECT_FALSE(split.is_cold(data[before].item, World::kTest) || split.is_cold(data[before].item, World::kValid));
      }
    } else {
      const auto world = target.split == TargetSplit::kValid ? World::kValid : World::kTest;
      EXPECT_TRUE(split.is_cold(item, world));
      EXPECT_FALSE(split.item_side(target.interaction));
      EXPECT_FALSE(split.history(data[target.interaction].user, world).empty());
    }
  }
}

TEST(ColdItems, DrawsFollowTheSeedAndNotTheOrderOfTheFile) {
  const auto data = cold_data();
  Interactions reversed;
  for (std::size_t i = data.size(); i-- > 0;) {
    reversed.add(data.users()[data[i].user], data.items()[data[i].item], data.review(i), data.rating(i), data.time(i));
  }
  const auto cold = [](const Interactions& rows, std::uint64_t seed) {
    const auto split = decide_split(rows, {.policy = SplitPolicy::kColdItems, .seed = seed});
    std::vector<std::string> names;
    for (std::uint32_t item = 0; item < rows.items().size(); ++item) {
      if (split.is_cold(item, World::kTest)) names.push_back(rows.items()[item].text());
    }
    std::sort(names.begin(), names.end());
    return names;
  };
  EXPECT_EQ(cold(data, 0), cold(reversed, 0));
  EXPECT_NE(cold(data, 0), cold(data, 1));
}

TEST(ColdItems, AShareBeyondHalfIsRefused) {
  const auto data = cold_data();
  for (const double share : {0.0, 0.6, -1.0}) {
    EXPECT_THROW(static_cast<void>(decide_split(data, {.policy = SplitPolicy::kColdItems, .cold_share = share})),
                 Error);
  }
  EXPECT_FALSE(decide_split(data, {}).is_cold(0, World::kTest));
}

}  // namespace
}  // namespace persona4rec
