#include "eval/metrics.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <set>

namespace persona4rec {
namespace {

std::vector<PlainItem> list_of(const std::vector<std::string_view>& items) {
  std::vector<PlainItem> list;
  for (const auto& item : items) list.push_back({.id = item});
  return list;
}

ListJudgement judge_list(const std::vector<PlainItem>& list, const std::vector<ItemId>& truth) {
  std::vector<IdText> texts;
  for (const auto& item : truth) texts.emplace_back(item.text(), item.is_integer());
  return ListJudge().judge(list, texts);
}

using Ranks = std::vector<std::uint32_t>;

TEST(JudgeList, FindsTrueItemsByPosition) {
  const std::vector<ItemId> truth = {ItemId("d"), ItemId("b"), ItemId("absent")};
  EXPECT_EQ(judge_list(list_of({"a", "b", "c", "d"}), truth).ranks, (Ranks{2, 4}));
  EXPECT_TRUE(judge_list(list_of({"a"}), truth).ranks.empty());
  EXPECT_TRUE(judge_list({}, truth).ranks.empty());
}

TEST(JudgeList, PaddingTakesAPositionAndIsNeverTrue) {
  const std::vector<ItemId> truth = {ItemId("b"), ItemId("[PAD]")};
  const auto judgement = judge_list(list_of({"[PAD]", "a", "[PAD]", "b"}), truth);
  EXPECT_EQ(judgement.ranks, (Ranks{4}));
  EXPECT_EQ(judgement.padding, 2U);
  EXPECT_EQ(judgement.repeated_items, 0U);
}

TEST(JudgeList, ARepeatedItemCountsOnceAndKeepsItsPositions) {
  const std::vector<ItemId> truth = {ItemId("a"), ItemId("b")};
  const auto judgement = judge_list(list_of({"a", "a", "x", "x", "b"}), truth);
  EXPECT_EQ(judgement.ranks, (Ranks{1, 5}));
  EXPECT_EQ(judgement.repeated_items, 2U);
}

// One judge, lists of every length: what the lists before have left is none of the next one's.
TEST(JudgeList, OneListAfterAnother) {
  ListJudge judge;
  std::vector<std::string> names;
  for (int i = 0; i < 500; ++i) names.push_back("item-" + std::to_string(i));
  const IdText truth[] = {IdText(names[3]), IdText(names[7])};
  for (std::size_t round = 0; round < 400; ++round) {
    const std::size_t length = round * 37 % 300;
    std::vector<PlainItem> list;
    Ranks ranks;
    std::set<std::string_view> seen;
    for (std::size_t i = 0; i < length; ++i) {
      const auto number = (i * i + round * 5) % (length / 2 + 8);
      list.push_back({.id = names[number]});
      if (seen.insert(names[number]).second && (number == 3 || number == 7))
        ranks.push_back(static_cast<std::uint32_t>(i + 1));
    }
    const auto& judgement = judge.judge(list, truth);
    ASSERT_EQ(judgement.ranks, ranks) << round;
    ASSERT_EQ(judgement.repeated_items, length - seen.size());
  }
}

TEST(Metrics, ValuesThatAreRememberedAreThoseThatAreComputed) {
  const auto metrics = parse_metrics("HIT,MRR,NDCG,RECALL,PRECISION,MAP", {1, 5, 2000});
  MetricValues values(metrics);
  for (const bool again : {false, true}) {
    for (const Ranks& ranks : {Ranks{}, Ranks{1}, Ranks{4}, Ranks{1023}, Ranks{1024}, Ranks{1500}, Ranks{2, 3}}) {
      for (const std::size_t truths : {1, 2, 5}) {
        if (ranks.size() > truths) continue;
        const auto found = values.of(ranks, truths);
        ASSERT_EQ(found.size(), metrics.size());
        for (std::size_t m = 0; m < metrics.size(); ++m)
          EXPECT_EQ(found[m], metric_value(metrics[m], ranks, truths)) << to_string(metrics[m]) << again;
      }
    }
  }
}

TEST(Metrics, OneTrueItem) {
  const Ranks ranks = {3};
  EXPECT_EQ(hit_at(ranks, 2), 0);
  EXPECT_EQ(hit_at(ranks, 3), 1);
  EXPECT_EQ(reciprocal_rank_at(ranks, 2), 0);
  EXPECT_DOUBLE_EQ(reciprocal_rank_at(ranks, 3), 1.0 / 3);
  EXPECT_EQ(ndcg_at(ranks, 1, 2), 0);
  EXPECT_DOUBLE_EQ(ndcg_at(ranks, 1, 3), 0.5);  // 1 / log2(4)
}

TEST(Metrics, NothingFoundIsZero) {
  for (const auto& metric : parse_metrics("HIT,MRR,NDCG,RECALL,PRECISION,MAP", {1, 10}))
    EXPECT_EQ(metric_value(metric, {}, 2), 0) << to_string(metric);
}

TEST(Metrics, SeveralTrueItemsHaveAnIdealList) {
  const Ranks perfect = {1, 2, 3};
  EXPECT_DOUBLE_EQ(ndcg_at(perfect, 3, 5), 1);
  EXPECT_DOUBLE_EQ(ndcg_at(perfect, 3, 2), 1);  // the ideal is cut at k too
  const double ideal = 1 + 1 / std::log2(3.0) + 1 / std::log2(4.0);
  EXPECT_DOUBLE_EQ(ndcg_at(Ranks{2, 4}, 3, 5), (1 / std::log2(3.0) + 1 / std::log2(5.0)) / ideal);
  EXPECT_DOUBLE_EQ(reciprocal_rank_at(Ranks{2, 4}, 5), 0.5);  // of the first
}

TEST(Metrics, NamesAndOrder) {
  std::vector<std::string> names;
  for (const auto& metric : parse_metrics("HIT,MRR,NDCG", {20, 5})) names.push_back(to_string(metric));
  EXPECT_EQ(names, (std::vector<std::string>{"HIT@5", "HIT@20", "MRR@5", "MRR@20", "NDCG@5", "NDCG@20"}));
}

TEST(Median, OddEvenAndNone) {
  EXPECT_EQ(median({7, 1, 3}), 3);
  EXPECT_EQ(median({4, 1, 3, 9}), 3.5);
  EXPECT_TRUE(std::isnan(median({})));
}

}  // namespace
}  // namespace persona4rec
