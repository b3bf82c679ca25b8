// Hand-computed cases and edges of src/matching.
#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <vector>

#include "base/rng.hpp"
#include "matching/fusion.hpp"
#include "matching/half_dot.hpp"
#include "matching/item_side.hpp"
#include "matching/persona_score.hpp"
#include "matching/persona_vector.hpp"
#include "matching/user_profile.hpp"
#include "matching/vectors.hpp"
#include "matching/word_profile.hpp"

namespace persona4rec {
namespace {

const float kHalfRoot = std::sqrt(0.5F);

// Two dimensions; three users; item 0 was liked by users 0 and 1, item 1 by user 0 alone.
struct SmallWorld {
  std::vector<float> x = {1, 0, 0, 1, 0, 1};  // rows: user 0 on item 0, user 1 on item 0, user 0 on item 1
  std::vector<std::uint32_t> user = {0, 1, 0};
  std::vector<std::uint32_t> item = {0, 0, 1};
  std::vector<std::uint8_t> item_side = {1, 1, 1};
  ItemSide items{{x, 2}, {user, item, item_side}, 2};
};

TEST(Vectors, ShortVectorsHaveNoDirection) {
  VectorSum sum(2);
  std::vector<float> out = {9, 9};
  sum.add(std::vector<float>{1, 1});
  sum.add(std::vector<float>{1, 1.0000001F}, -1);
  EXPECT_FALSE(sum.unit(out));
  EXPECT_TRUE(is_missing(out));
}

TEST(Vectors, CentringKeepsMissingRowsMissing) {
  std::vector<float> rows = {3, 1, 0, 0, 1, 1};
  const std::vector<std::uint8_t> take = {1, 1, 1};
  const auto mean = mean_of_rows({rows, 2}, take);
  EXPECT_EQ(mean, (std::vector<float>{2, 1}));
  center_rows(rows, mean, 1);
  EXPECT_EQ(rows, (std::vector<float>{1, 0, 0, 0, -1, 0}));
}

TEST(Vectors, MeanOfNothingIsZero) {
  const std::vector<float> rows = {3, 1};
  const std::vector<std::uint8_t> take = {0};
  EXPECT_EQ(mean_of_rows({rows, 2}, take), (std::vector<float>{0, 0}));
}

// The vectorised loops round as these do, element by element.
TEST(Vectors, SumsAndProductsAreThoseOfPlainLoops) {
  Rng rng(9);
  for (const std::size_t n : {1U, 3U, 4U, 7U, 8U, 9U, 17U, 384U}) {
    std::vector<float> a(n);
    std::vector<float> b(n);
    for (std::size_t i = 0; i < n; ++i) {
      a[i] = static_cast<float>(rng.uniform() - 0.5);
      b[i] = static_cast<float>(rng.uniform() - 0.5);
    }
    VectorSum sum(n);
    std::vector<double> plain(n, 0.0);
    for (const double factor : {1.0, 0.9, -1.0, 0.81}) {
      sum.add(a, factor);
      for (std::size_t i = 0; i < n; ++i) {
        volatile double scaled = factor * static_cast<double>(a[i]);  // rounded before it is added
        plain[i] += scaled;
      }
    }
    for (std::size_t i = 0; i < n; ++i) ASSERT_EQ(sum.values()[i], plain[i]) << n << ", " << i;
    double lanes[8] = {};
    for (std::size_t i = 0; i < n; ++i) {
      lanes[i < n - n % 8 ? i % 8 : 0] += static_cast<double>(a[i]) * static_cast<double>(b[i]);
    }
    double product = 0;
    for (const double lane : lanes) product += lane;
    ASSERT_EQ(dot(a, b), product) << n;
  }
}

// Beside each other or alone: the same bits.
TEST(Vectors, SeveralRowsComeOutAsOneByOne) {
  Rng rng(5);
  for (const std::size_t n : {3U, 8U, 20U, 384U}) {
    constexpr std::size_t kRows = 11;
    std::vector<float> rows(kRows * n);
    for (auto& value : rows) value = static_cast<float>(rng.uniform() - 0.5);
    const VectorsView view{rows, n};
    for (const std::size_t count : {0U, 1U, 4U, 5U, 11U}) {
      std::vector<std::uint32_t> taken;
      for (std::uint32_t i = 0; i < count; ++i) taken.push_back(i * 7 % kRows);
      VectorSum together(n);
      together.add_rows(view, taken);
      VectorSum alone(n);
      for (const auto row : taken) alone.add(view.row(row));
      EXPECT_TRUE(std::ranges::equal(together.values(), alone.values())) << n << ", " << count;
    }
    std::vector<double> values(rows.begin(), rows.end());
    std::fill_n(values.begin() + static_cast<std::ptrdiff_t>(2 * n), n, 0.0);  // no direction
    for (const std::size_t count : {1U, 3U, 6U, 11U}) {
      std::vector<float> together(count * n, 9);
      std::vector<float> alone(count * n);
      std::vector<std::uint8_t> found(count);
      write_units(std::span(values).first(count * n), together, found);
      for (std::size_t i = 0; i < count; ++i) {
        const bool has = write_unit(std::span(values).subspan(i * n, n), std::span(alone).subspan(i * n, n));
        EXPECT_EQ(found[i] != 0, has) << n << ", " << i;
        EXPECT_EQ(has, i != 2);
      }
      EXPECT_EQ(together, alone) << n << ", " << count;
    }
  }
}

TEST(Vectors, DotSumsEveryElement) {
  std::vector<float> a(19);
  for (std::size_t i = 0; i < a.size(); ++i) a[i] = static_cast<float>(i);
  EXPECT_DOUBLE_EQ(dot(a, a), 18.0 * 19 * 37 / 6);
}

TEST(ItemSide, RowsOutsideTheItemSideDoNotCount) {
  const std::vector<float> x = {1, 0, 0, 1};
  const std::vector<std::uint32_t> user = {0, 1};
  const std::vector<std::uint32_t> item = {0, 0};
  const std::vector<std::uint8_t> item_side = {1, 0};
  const ItemSide items({x, 2}, {user, item, item_side}, 1);
  std::vector<float> out(2);
  ASSERT_TRUE(items.mean(0, {}, out));
  EXPECT_EQ(out, (std::vector<float>{1, 0}));
}

// Users leave a mean with their own rows alone: the same vector as if they had never written.
TEST(ItemSide, TheMeanWithoutSomeUsersIsTheMeanOfTheOthersRows) {
  constexpr std::uint32_t kRows = 60;
  std::vector<float> x;
  std::vector<std::uint32_t> users;
  for (std::uint32_t row = 0; row < kRows; ++row) {
    const auto angle = static_cast<float>(row) / 20;
    x.insert(x.end(), {std::cos(angle), std::sin(angle)});
    users.push_back(row * 7 % 9);
  }
  const std::vector<std::uint32_t> items(kRows, 0);
  const auto mean_without = [&](const std::vector<std::uint32_t>& out_of_it, bool by_rows) {
    std::vector<std::uint8_t> item_side(kRows, 1);
    for (std::uint32_t row = 0; row < kRows; ++row) {
      if (by_rows && std::ranges::find(out_of_it, users[row]) != out_of_it.end()) item_side[row] = 0;
    }
    const ItemSide side({x, 2}, {users, items, item_side}, 1);
    std::vector<float> mean(2);
    EXPECT_EQ(side.mean(0, by_rows ? std::span<const std::uint32_t>() : std::span(out_of_it), mean),
              out_of_it.size() < 9);
    return mean;
  };
  for (const auto& without :
       std::vector<std::vector<std::uint32_t>>{{}, {4}, {8, 0}, {3, 3}, {77}, {0, 1, 2, 3, 4, 5, 6, 7, 8}}) {
    const auto fast = mean_without(without, false);
    const auto slow = mean_without(without, true);
    EXPECT_NEAR(fast[0], slow[0], 1e-5);
    EXPECT_NEAR(fast[1], slow[1], 1e-5);
  }
}

TEST(UserProfile, BothSidesMeetHalfWay) {
  const SmallWorld world;
  const std::uint32_t user = 0;
  std::vector<float> out(2);
  ASSERT_TRUE(user_profile(world.items, std::vector<std::uint32_t>{0}, std::span(&user, 1), {}, out));
  EXPECT_NEAR(out[0], kHalfRoot, 1e-7);  // own (1, 0) + the other's (0, 1)
  EXPECT_NEAR(out[1], kHalfRoot, 1e-7);
}

TEST(UserProfile, OneSideAloneWhereTheOtherIsEmpty) {
  const SmallWorld world;
  const std::uint32_t user = 0;
  std::vector<float> out(2);
  ASSERT_TRUE(user_profile(world.items, std::vector<std::uint32_t>{2}, std::span(&user, 1), {}, out));
  EXPECT_EQ(out, (std::vector<float>{0, 1}));
  EXPECT_FALSE(user_profile(world.items, std::vector<std::uint32_t>{2}, std::span(&user, 1),
                            {.side = ProfileSide::kItems}, out));
}

TEST(UserProfile, GammaFadesOlderInteractionsAndPassedOverOnesKeepTheirPlace) {
  const SmallWorld world;
  const std::uint32_t user = 0;
  const ProfileOptions options{.side = ProfileSide::kItems, .k_recent = 2, .gamma = 0.5};
  std::vector<float> out(2);
  ASSERT_TRUE(user_profile(world.items, std::vector<std::uint32_t>{2, 0}, std::span(&user, 1), options, out));
  EXPECT_EQ(out, (std::vector<float>{0, 1}));
  const ProfileOptions own{.side = ProfileSide::kOwn, .k_recent = 2, .gamma = 0.5};
  ASSERT_TRUE(user_profile(world.items, std::vector<std::uint32_t>{2, 0}, {}, own, out));
  EXPECT_NEAR(out[0], 0.5 / std::sqrt(1.25), 1e-7);
  EXPECT_NEAR(out[1], 1.0 / std::sqrt(1.25), 1e-7);
}

TEST(UserProfile, OnlyTheNewestCount) {
  const SmallWorld world;
  const ProfileOptions options{.side = ProfileSide::kOwn, .k_recent = 1};
  std::vector<float> out(2);
  ASSERT_TRUE(user_profile(world.items, std::vector<std::uint32_t>{2, 0}, {}, options, out));
  EXPECT_EQ(out, (std::vector<float>{0, 1}));
}

TEST(UserProfile, NothingLikedIsNoProfile) {
  const SmallWorld world;
  std::vector<float> out = {5, 5};
  EXPECT_FALSE(user_profile(world.items, {}, {}, {}, out));
  EXPECT_TRUE(is_missing(out));
}

TEST(PersonaVector, TextStandsInWhereThereIsNoSupport) {
  const SmallWorld world;
  GroupedRows liked;
  for (int user = 0; user < 3; ++user) liked.append({});
  const PersonaVectorMaker maker(world.items, liked, {});
  const std::vector<float> text = {-1, 0};
  std::vector<float> out(2);
  EXPECT_EQ(maker.make(PersonaVectors::kSupport, {.item = 0, .support = {}, .text = text}, out), PersonaSource::kText);
  EXPECT_EQ(out, text);
  EXPECT_EQ(maker.make(PersonaVectors::kReaders, {.item = 0, .support = {}, .text = {}}, out), PersonaSource::kNone);
  EXPECT_TRUE(is_missing(out));
}

TEST(PersonaVector, MixAddsWhatThereIs) {
  const SmallWorld world;
  GroupedRows liked;
  for (int user = 0; user < 3; ++user) liked.append({});  // no readers
  const PersonaVectorMaker maker(world.items, liked, {});
  const std::vector<float> text = {0, 1};
  const std::vector<std::uint32_t> support = {0};
  std::vector<float> out(2);
  EXPECT_EQ(maker.make(PersonaVectors::kMix, {.item = 0, .support = support, .text = text}, out), PersonaSource::kMix);
  EXPECT_NEAR(out[0], kHalfRoot, 1e-7);
  EXPECT_NEAR(out[1], kHalfRoot, 1e-7);
}

// No trace of the user who is to be matched: not even inside the item means behind another writer's profile.
TEST(PersonaVector, ReadersLeaveTheMatchedUserOutEverywhere) {
  const std::vector<float> x = {1, 0, 0, 1, kHalfRoot, kHalfRoot};
  const std::vector<std::uint32_t> user = {1, 1, 0};  // writer 1 on items 0 and 1; user 0 on item 1
  const std::vector<std::uint32_t> item = {0, 1, 1};
  const std::vector<std::uint8_t> item_side = {1, 1, 1};
  const ItemSide items({x, 2}, {user, item, item_side}, 2);
  GroupedRows liked;
  liked.append(std::vector<std::uint32_t>{2});
  liked.append(std::vector<std::uint32_t>{1, 0});
  const PersonaVectorMaker maker(items, liked, {});
  const std::vector<std::uint32_t> support = {0};
  std::vector<float> out(2);
  ASSERT_TRUE(maker.readers({.item = 0, .support = support, .text = {}}, 0, out));
  EXPECT_EQ(out, (std::vector<float>{0, 1}));
  ASSERT_TRUE(maker.readers({.item = 0, .support = support, .text = {}}, std::nullopt, out));
  EXPECT_GT(out[0], 0.3F);
  EXPECT_FALSE(maker.readers({.item = 0, .support = support, .text = {}}, 1, out));
}

TEST(PersonaScore, OnePersonaIsItsOwnScore) {
  const auto match = match_personas(std::vector<float>{0.25F}, 0.85);
  EXPECT_DOUBLE_EQ(match.score, 0.25);
  EXPECT_EQ(match.best, 0U);
}

TEST(PersonaScore, AlphaSharesBetweenTheBestAndTheOthers) {
  const auto match = match_personas(std::vector<float>{0.25F, 1, 0.75F}, 0.8);
  EXPECT_DOUBLE_EQ(match.score, 0.8 * 1 + 0.2 * 0.5);
  EXPECT_EQ(match.best, 1U);
  EXPECT_DOUBLE_EQ(match.similarity, 1.0);
}

TEST(PersonaScore, OfEqualOnesTheFirstIsTheExplanation) {
  EXPECT_EQ(match_personas(std::vector<float>{0, 0.5F, 0.5F}, 0.85).best, 1U);
}

TEST(Fusion, FlatAndMissingChannelsAddNothing) {
  std::vector<double> z(3);
  standardize(std::vector<double>{0.1, 0.1, 0.1}, z);
  EXPECT_EQ(z, (std::vector<double>{0, 0, 0}));
  standardize(std::vector<double>{kNoValue, kNoValue, kNoValue}, z);
  EXPECT_EQ(z, (std::vector<double>{0, 0, 0}));
  standardize(std::vector<double>{kNoValue, 1, 3}, z);
  EXPECT_EQ(z, (std::vector<double>{0, -1, 1}));
}

TEST(Fusion, TinyScalesAreDifferencesToo) {
  std::vector<double> z(2);
  standardize(std::vector<double>{1e-30, 3e-30}, z);
  EXPECT_NEAR(z[0], -1, 1e-9);
  EXPECT_NEAR(z[1], 1, 1e-9);
}

TEST(Fusion, ValuesWhoseSquaresLeaveTheRangeOfADoubleAreDifferencesToo) {
  for (const double unit : {1e155, 0.5e308, 1e-160}) {
    std::vector<double> z(3);
    standardize(std::vector<double>{-3 * unit, kNoValue, 3 * unit}, z);
    EXPECT_NEAR(z[0], -1, 1e-9) << unit;
    EXPECT_EQ(z[1], 0) << unit;
    EXPECT_NEAR(z[2], 1, 1e-9) << unit;
  }
}

// Sums and squares of such scores leave the range of a double; their z values do not.
TEST(Fusion, ScoresBeyond1e154AndBelow1eMinus154KeepTheirDifferences) {
  std::vector<double> expected(3);
  standardize(std::vector<double>{1, 2, 4}, expected);
  for (const double unit : {0x1p600, 0x1p1020, -0x1p1020, 0x1p-600, 0x1p-1000, 0x1p300}) {
    std::vector<double> z(3);
    standardize(std::vector<double>{unit, 2 * unit, 4 * unit}, z);
    for (std::size_t i = 0; i < 3; ++i) EXPECT_NEAR(z[i], unit < 0 ? -expected[i] : expected[i], 1e-12) << unit;
  }
}

TEST(Fusion, TiesKeepCandidateOrderAndFixedPositionsStay) {
  const std::vector<double> scores = {1, 2, 0, 2, 3};
  const std::vector<std::uint8_t> fixed = {0, 0, 1, 0, 0};
  EXPECT_EQ(order_by_score(scores, fixed), (std::vector<std::uint32_t>{4, 1, 2, 3, 0}));
}

TEST(Fusion, RankScoreFallsWithRank) {
  EXPECT_DOUBLE_EQ(rank_score(1), 0);
  EXPECT_DOUBLE_EQ(rank_score(20), -std::log(20.0));
}

TEST(Words, ItemsKeepTheirHeaviestTermsUnscaled) {
  SparseMatrix x;
  SparseVector row;
  for (std::uint32_t term = 0; term < 150; ++term) {
    row.terms.push_back(term);
    row.weights.push_back(term < 50 ? 1.0F : 2.0F);
  }
  x.append(unit(row));
  SparseSum sum(150);
  const auto words = item_words(x, std::vector<std::uint32_t>{0}, sum);
  ASSERT_EQ(words.size(), kItemTerms);
  EXPECT_EQ(words.terms.front(), 50U);
  EXPECT_NEAR(words.weights.front(), 2 / std::sqrt(50.0 + 4 * 100), 1e-6);
}

TEST(Words, NothingLikedIsNoVector) {
  SparseMatrix x;
  SparseSum sum(3);
  EXPECT_TRUE(user_words(WordTables<SparseMatrix>{&x, &x, {}}, {}, {}, sum).empty());
}

TEST(HalfDot, EveryKernelEqualsAPlainSum) {
  for (const std::size_t n : {std::size_t{1}, std::size_t{31}, std::size_t{64}, std::size_t{384}, std::size_t{1027}}) {
    std::vector<std::uint16_t> row(n);
    std::vector<float> vector(n);
    double expected = 0;
    for (std::size_t i = 0; i < n; ++i) {
      const auto half = static_cast<_Float16>(std::sin(static_cast<double>(i)) / 8);
      row[i] = std::bit_cast<std::uint16_t>(half);
      vector[i] = static_cast<float>(std::cos(static_cast<double>(3 * i)) / 8);
      expected += static_cast<double>(half) * static_cast<double>(vector[i]);
    }
    const auto& kernels = half_dot_kernels();
    ASSERT_GE(kernels.count, 1U);
    for (std::size_t k = 0; k < kernels.count; ++k) {
      EXPECT_NEAR(kernels.kernels[k].run(row.data(), vector.data(), n, nullptr), expected, 1e-6)
          << kernels.kernels[k].name << " n=" << n;
    }
    EXPECT_EQ(half_dot(row.data(), vector.data(), n, row.data()),
              kernels.kernels[0].run(row.data(), vector.data(), n, nullptr));
  }
}

}  // namespace
}  // namespace persona4rec
