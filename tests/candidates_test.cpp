// candidates: who gets a list, what is in it in each world, what the fit may see, and what the files say.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "base/rng.hpp"
#include "io/artifacts.hpp"
#include "io/jsonl_reader.hpp"
#include "io/provenance.hpp"
#include "persona4rec/candidates.hpp"
#include "persona4rec/error.hpp"
#include "support/candidates_fixture.hpp"

namespace persona4rec {
namespace {

using test::CandidatesTest;
using test::items_of;
using test::read_file;
using testing::ElementsAre;

constexpr FirstStageMethod kMethods[] = {
    FirstStageMethod::kPopularity, FirstStageMethod::kItemKnn, FirstStageMethod::kEase,    FirstStageMethod::kTextEase,
    FirstStageMethod::kIals,       FirstStageMethod::kBpr,     FirstStageMethod::kLightGcn};

TEST_F(CandidatesTest, EvaluatedUsersGetWhatTheyHaveNotHadMostPopularFirst) {
  const auto opts = options(FirstStageMethod::kPopularity);
  const auto report = make_candidates(opts);
  const auto rows = read_jsonl<CandidateRow>(opts.output);
  ASSERT_EQ(rows.size(), 3U);
  EXPECT_EQ(rows[0].user_id.text(), "a") << "first-seen order";
  // Known before the test targets: a i0 i1 i2, b i1 i2, c i3 i0, d i4, e i4 i0. i3 is c's alone.
  EXPECT_THAT(items_of(rows[0]), ElementsAre("i4", "i3"));
  EXPECT_THAT(items_of(rows[1]), ElementsAre("i0", "i4", "i3"));
  EXPECT_EQ(rows[1].results[0].score, 3.0);
  EXPECT_EQ(rows[1].topk, 100);
  EXPECT_EQ(rows[1].filter_scope, "train_valid");
  EXPECT_EQ(rows[1].context.dump(), R"({"method":"popularity","for":"test","seen_items":2})");
  EXPECT_EQ(report.users, 3U);
  EXPECT_EQ(report.interactions, 13U);
  EXPECT_EQ(report.fitted_interactions, 10U);
  EXPECT_EQ(report.items, 5U);
  EXPECT_EQ(report.items_without_users, 0U);
  EXPECT_EQ(report.short_lists, 3U);
  EXPECT_EQ(report.users_without_history, 0U);
}

TEST_F(CandidatesTest, WorldValidStopsBeforeTheValidTarget) {
  const auto opts = options(FirstStageMethod::kPopularity, World::kValid);
  const auto report = make_candidates(opts);
  const auto rows = read_jsonl<CandidateRow>(opts.output);
  // Known before the valid targets: a i0 i1, b i1, c i3, d i4, e i4 i0. Nobody has had i2.
  ASSERT_EQ(rows.size(), 3U);
  EXPECT_THAT(items_of(rows[2]), testing::UnorderedElementsAre("i0", "i1", "i4"));
  EXPECT_EQ(rows[2].filter_scope, "train");
  EXPECT_EQ(report.fitted_interactions, 7U);
  EXPECT_EQ(report.items_without_users, 1U);
}

TEST_F(CandidatesTest, KeepsTopkItems) {
  auto opts = options(FirstStageMethod::kPopularity);
  opts.topk = 1;
  const auto rows = lists(opts);
  EXPECT_THAT(items_of(rows.at("b")), ElementsAre("i0"));
  EXPECT_EQ(make_candidates(opts).short_lists, 0U);
  opts.topk = 0;
  EXPECT_THROW((void)make_candidates(opts), Error);
}

TEST_F(CandidatesTest, UsersWithoutHistoryGetThePopularityOrder) {
  add("f", {"i1"});  // under reference the target itself leaves the history
  auto opts = options(FirstStageMethod::kEase);
  opts.split.policy = SplitPolicy::kReference;
  EXPECT_EQ(make_candidates(opts).users_without_history, 2U) << "d and f";
  const auto row = lists(opts).at("f");
  // Known: a i0 i1 i2, b i1 i2, c i3 i0, e i4.
  EXPECT_EQ(row.context["seen_items"], 0);
  EXPECT_EQ(row.results.size(), 5U);
  for (const auto& candidate : row.results) EXPECT_EQ(candidate.score, 0.0);
  const std::set<std::string> twice = {"i0", "i1", "i2"};
  const auto items = items_of(row);
  EXPECT_EQ(std::set<std::string>(items.begin(), items.begin() + 3), twice);
}

TEST_F(CandidatesTest, TheFitSeesNothingFromTheTargetOn) {
  for (const World world : {World::kValid, World::kTest}) {
    for (const auto method : kMethods) {
      const auto before = lists(options(method, world)).at("b");
      const auto saved = reviews_;
      // a's test target, and every text of an evaluated user from the valid target on.
      reviews_[4].item_id = ItemId("i4");
      for (const std::size_t i : {3, 4, 6, 7, 9, 10}) reviews_[i].review_text = "worda wordi4 SENTINEL";
      const auto after = lists(options(method, world)).at("b");
      EXPECT_EQ(to_json(after), to_json(before)) << to_string(method) << ", " << to_string(world);
      reviews_ = saved;
    }
  }
  const auto before = lists(options(FirstStageMethod::kTextEase)).at("b");
  reviews_[1].review_text = "wordi4 shared";
  EXPECT_NE(to_json(lists(options(FirstStageMethod::kTextEase)).at("b")), to_json(before)) << "texts do count";
}

TEST_F(CandidatesTest, UnderSplitNoneEverybodyGetsAListFromEverything) {
  auto opts = options(FirstStageMethod::kEase);
  opts.split.policy = SplitPolicy::kNone;
  const auto report = make_candidates(opts);
  EXPECT_EQ(report.users, 5U);
  EXPECT_EQ(report.fitted_interactions, 13U);
  const auto rows = lists(opts);
  EXPECT_THAT(items_of(rows.at("a")), ElementsAre("i4"));
  EXPECT_EQ(rows.at("a").filter_scope, "all");
}

TEST_F(CandidatesTest, SaysWhenNobodyHasATarget) {
  reviews_.clear();
  add("a", {"i0", "i1"});
  const auto opts = options(FirstStageMethod::kPopularity);
  try {
    (void)make_candidates(opts);
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kInput);
    EXPECT_THAT(error.what(), testing::HasSubstr("no user has a target in world test"));
  }
  EXPECT_FALSE(std::filesystem::exists(opts.output));
}

TEST_F(CandidatesTest, MetaNamesTheMethodAndItsOwnSettings) {
  const auto opts = options(FirstStageMethod::kTextEase);
  const auto report = make_candidates(opts);
  const Json meta = read_meta(opts.output);
  EXPECT_EQ(meta["artifact"], "candidate.test");
  EXPECT_EQ(meta["rows"], 3);
  EXPECT_EQ(meta["options"]["method"], "text-ease");
  EXPECT_EQ(meta["options"]["personalised"], true);
  EXPECT_EQ(meta["options"]["lambda"], 1.0);
  EXPECT_EQ(meta["options"]["alpha"], kTextEaseAlpha);
  EXPECT_EQ(meta["options"]["words"]["stop_words"], "english");
  EXPECT_TRUE(meta["options"]["shrink"].is_null());
  EXPECT_EQ(meta["settings"]["split"], "leave-one-out");
  EXPECT_EQ(meta["counts"]["fitted_interactions"], report.fitted_interactions);
  EXPECT_TRUE(meta["inputs"].contains("1_aspects"));

  const auto popularity = options(FirstStageMethod::kPopularity);
  (void)make_candidates(popularity);
  EXPECT_EQ(read_meta(popularity.output)["options"]["personalised"], false);
  EXPECT_TRUE(read_meta(popularity.output)["options"]["lambda"].is_null());
}

TEST_F(CandidatesTest, EqualRunsGiveEqualBytesAndTheSeedOrdersTies) {
  reviews_.clear();
  Rng rng(5);
  for (int user = 0; user < 30; ++user) {
    std::vector<std::string> items;
    for (int i = 0; i < 5; ++i) items.push_back("i" + std::to_string(rng.below(60)));
    add("u" + std::to_string(user), items);
  }
  for (const auto method : kMethods) {
    auto opts = options(method);
    opts.first_stage.threads = 1;
    (void)make_candidates(opts);
    const auto bytes = read_file(opts.output);
    const auto meta = read_file(meta_path(opts.output));
    opts.first_stage.threads = 4;
    (void)make_candidates(opts);
    EXPECT_EQ(read_file(opts.output), bytes) << to_string(method);
    EXPECT_EQ(read_file(meta_path(opts.output)), meta) << to_string(method);
  }
  auto opts = options(FirstStageMethod::kPopularity);
  const auto first = lists(opts);
  opts.split.seed = 1;
  EXPECT_NE(items_of(lists(opts).at("u0")), items_of(first.at("u0")));
}

TEST_F(CandidatesTest, AnyNumberOfThreadsGivesTheSameBytes) {
  Rng rng(3);
  for (std::size_t user = 0; user < 300; ++user) {
    std::vector<std::string> items;
    for (std::size_t k = 0; k < 5; ++k) items.push_back("x" + std::to_string(rng.below(120)));
    add("many" + std::to_string(user), items);
  }
  for (const auto method : kMethods) {
    auto opts = options(method);
    opts.first_stage.passes = 2;
    opts.first_stage.threads = 1;
    (void)make_candidates(opts);
    const auto one = read_file(opts.output);
    opts.first_stage.threads = 3;
    (void)make_candidates(opts);
    EXPECT_EQ(read_file(opts.output), one) << to_string(method);
  }
}

TEST_F(CandidatesTest, CountsBadRowsAndRefusesThemByDefault) {
  auto opts = options(FirstStageMethod::kPopularity);
  (void)dir_.write("1_aspects.jsonl", read_file(opts.aspects) + "{\"user_id\": 7}\n");
  EXPECT_THROW((void)make_candidates(opts), Error);
  EXPECT_FALSE(std::filesystem::exists(opts.output));
  opts.max_bad_rows = 1;
  EXPECT_EQ(make_candidates(opts).bad_rows, 1U);
}

TEST_F(CandidatesTest, ColdItemsStandBehindTheListAloneOrNot) {
  auto opts = options(FirstStageMethod::kPopularity);
  opts.split = {.policy = SplitPolicy::kColdItems, .cold_share = 0.4};  // two items each
  for (std::uint64_t seed = 0; seed < 50; ++seed) {                     // a draw that some user's last item is in
    opts.split.seed = seed;
    const auto data = [&] {
      Interactions rows;
      for (const auto& row : reviews_) rows.add(row.user_id, row.item_id, row.review_id, row.rating, row.timestamp);
      return rows;
    }();
    if (decide_split(data, opts.split).counts().test_targets > 0) break;
  }
  opts.cold = ColdCandidates::kNone;
  const auto without = lists(opts);
  opts.cold = ColdCandidates::kAlone;
  const auto alone = lists(opts);
  opts.cold = ColdCandidates::kAdded;
  EXPECT_EQ(make_candidates(opts).cold_items, 2U);
  const auto added = lists(opts);
  ASSERT_FALSE(added.empty());
  for (const auto& [user, row] : added) {
    auto expected = items_of(without.at(user));
    const auto cold = items_of(alone.at(user));
    EXPECT_EQ(cold.size(), 2U);
    for (const auto& item : cold) EXPECT_THAT(expected, testing::Not(testing::Contains(item)));
    expected.insert(expected.end(), cold.begin(), cold.end());
    EXPECT_EQ(items_of(row), expected);
    EXPECT_EQ(row.results.back().score, without.at(user).results.empty() ? 0 : without.at(user).results.back().score);
    EXPECT_EQ(alone.at(user).results.front().score, 0.0);
  }
}

}  // namespace
}  // namespace persona4rec
