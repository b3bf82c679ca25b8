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
#include "split/interactions_reader.hpp"
#include "support/rows.hpp"
#include "support/temp_dir.hpp"

namespace persona4rec {
namespace {

using test::read_file;
using test::TempDir;
using testing::ElementsAre;

constexpr FirstStageMethod kMethods[] = {
    FirstStageMethod::kPopularity, FirstStageMethod::kItemKnn, FirstStageMethod::kEase,    FirstStageMethod::kTextEase,
    FirstStageMethod::kIals,       FirstStageMethod::kBpr,     FirstStageMethod::kLightGcn};

AspectRow review(int id, const std::string& user, const std::string& item, double rating, std::int64_t ms,
                 const std::string& text = "") {
  return {.review_id = ReviewId(std::to_string(id), true),
          .item_id = ItemId(item),
          .user_id = UserId(user),
          .rating = {.value = rating},
          .timestamp = {.ms = ms, .text = std::to_string(ms)},
          .review_title = "title",
          .review_text = text,
          .extracted_aspects = Json::object(),
          .status = AspectStatus::kOk};
}

std::vector<std::string> items_of(const CandidateRow& row) {
  std::vector<std::string> items;
  for (const auto& candidate : row.results) items.push_back(candidate.item_id.text());
  return items;
}

class CandidatesTest : public testing::Test {
 protected:
  // Three evaluated users, a, b and c (oldest first: history, valid target, test target), and d and e, who only train.
  CandidatesTest() {
    add("d", {"i4"});                    // row 0
    add("a", {"i0", "i1", "i2", "i3"});  // rows 1 to 4
    add("b", {"i1", "i2", "i0"});        // rows 5 to 7
    add("c", {"i3", "i0", "i1"});        // rows 8 to 10
    add("e", {"i4", "i0"});
  }

  void add(const std::string& user, const std::vector<std::string>& items) {
    std::int64_t ms = 0;
    for (const auto& item : items) {
      const auto id = static_cast<int>(reviews_.size());
      reviews_.push_back(review(id, user, item, 5, ++ms, "word" + item + " word" + user + " shared" + user));
    }
  }

  CandidatesOptions options(FirstStageMethod method, World world = World::kTest) {
    const Workspace files{dir_.path()};
    test::write_rows(files.aspects(), reviews_);
    return {.aspects = files.aspects(),
            .output = files.candidates(world),
            .world = world,
            .first_stage = {.method = method, .lambda = 1, .words = {.min_documents = 1, .max_document_share = 1}},
            .fit_parameters = false,
            .split = {},
            .time = {},
            .progress = {}};
  }

  // Lists by user.
  static std::map<std::string, CandidateRow> lists(const CandidatesOptions& options) {
    (void)make_candidates(options);
    std::map<std::string, CandidateRow> out;
    for (auto& row : read_jsonl<CandidateRow>(options.output)) out.emplace(row.user_id.text(), std::move(row));
    return out;
  }

  TempDir dir_;
  std::vector<AspectRow> reviews_;
};

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

// Sixty users in two groups with items of their own.
class ChosenParameters : public CandidatesTest {
 protected:
  ChosenParameters() {
    reviews_.clear();
    Rng rng(8);
    for (int user = 0; user < 60; ++user) {
      std::vector<std::string> items;
      for (int i = 0; i < 20; ++i) items.push_back("i" + std::to_string(user % 2 * 20 + i));
      rng.shuffle(items);
      items.resize(8);
      add("u" + std::to_string(user), items);
    }
  }

  // Texts by which each item is like one of the other group.
  void mislead_by_words() {
    for (auto& review : reviews_) {
      const std::string pair = std::to_string(std::stoi(review.item_id.text().substr(1)) % 20);
      review.review_text = "alpha" + pair + " beta" + pair + " gamma" + pair;
    }
  }

  CandidatesOptions fitted(FirstStageMethod method, World world = World::kTest) {
    auto opts = options(method, world);
    opts.first_stage.lambda.reset();
    opts.fit_parameters = true;
    return opts;
  }
};

TEST_F(ChosenParameters, TextThatMisleadsIsLeftOutAndTheListsAreThoseOfEase) {
  mislead_by_words();
  const auto opts = fitted(FirstStageMethod::kTextEase);
  const auto report = make_candidates(opts);
  ASSERT_TRUE(report.choice);
  EXPECT_EQ(report.choice->alpha, 0);
  EXPECT_GT(report.choice->lists, 100U);
  const auto with_text = lists(opts);
  for (const auto& [user, row] : lists(fitted(FirstStageMethod::kEase))) {
    EXPECT_EQ(to_json(row)["results"], to_json(with_text.at(user))["results"]) << user;
  }
}

TEST_F(ChosenParameters, TextThatHelpsIsTaken) {
  // Too few reviews to show the four kinds of items, which the words tell.
  reviews_.clear();
  Rng rng(3);
  for (int user = 0; user < 60; ++user) {
    std::vector<std::string> items;
    for (int i = 0; i < 30; ++i) items.push_back("i" + std::to_string(user % 4 * 30 + i));
    rng.shuffle(items);
    items.resize(5);
    add("u" + std::to_string(user), items);
  }
  const char* words[] = {"guitar loud", "piano calm", "drum fast", "violin slow"};
  for (auto& review : reviews_) review.review_text = words[std::stoi(review.item_id.text().substr(1)) / 30];
  EXPECT_GT(make_candidates(fitted(FirstStageMethod::kTextEase)).choice->alpha, 0);
}

TEST_F(ChosenParameters, SeeNoTargetAndAreTheSameInBothWorlds) {
  const auto choice_of = [&](World world) {
    const auto opts = fitted(FirstStageMethod::kTextEase, world);
    (void)make_candidates(opts);
    return read_meta(opts.output)["options"]["chosen_by_folds"];
  };
  const Json before = choice_of(World::kTest);
  EXPECT_EQ(choice_of(World::kValid), before);
  const auto split = [&] {
    const auto opts = fitted(FirstStageMethod::kEase);
    JsonlReader reader(opts.aspects, {});
    const auto data = read_interactions(reader);
    return decide_split(data, {});
  }();
  std::size_t changed = 0;
  for (std::size_t i = 0; i < reviews_.size(); ++i) {
    if (split.item_side(i)) continue;
    reviews_[i].review_text = "guitar SENTINEL";
    reviews_[i].item_id = ItemId("new" + std::to_string(i));
    ++changed;
  }
  EXPECT_GT(changed, 60U);
  EXPECT_EQ(choice_of(World::kTest), before);
  reviews_[0].item_id = ItemId("i39");
  EXPECT_NE(choice_of(World::kTest), before) << "what is known does count";
}

TEST_F(ChosenParameters, StandInTheMetaWithWhatWasTried) {
  const auto opts = fitted(FirstStageMethod::kEase);
  const auto report = make_candidates(opts);
  const Json meta = read_meta(opts.output)["options"];
  EXPECT_EQ(meta["lambda"], report.choice->lambda);
  EXPECT_EQ(meta["chosen_by_folds"]["lists"], report.choice->lists);
  EXPECT_EQ(meta["chosen_by_folds"]["tried"].size(), report.choice->tried.size());
  EXPECT_GT(report.choice->tried.size(), 3U);
}

TEST_F(ChosenParameters, LeaveAloneWhatIsGivenOrKept) {
  auto opts = fitted(FirstStageMethod::kTextEase);
  opts.first_stage.lambda = 7;
  opts.first_stage.alpha = 3;
  EXPECT_FALSE(make_candidates(opts).choice);
  EXPECT_EQ(read_meta(opts.output)["options"]["lambda"], 7);
  opts.first_stage.alpha.reset();
  const auto report = make_candidates(opts);
  for (const auto& tried : report.choice->tried) EXPECT_EQ(tried.lambda, 7);
  opts.first_stage.lambda.reset();
  opts.fit_parameters = false;
  EXPECT_FALSE(make_candidates(opts).choice);
  EXPECT_EQ(read_meta(opts.output)["options"]["lambda"], kTextEaseLambda);
  EXPECT_EQ(read_meta(opts.output)["options"]["alpha"], kTextEaseAlpha);
}

TEST_F(ChosenParameters, StayTheFixedOnesWhereNothingCanBeHeldOut) {
  reviews_.clear();
  add("a", {"i0", "i1", "i2"});
  const auto report = make_candidates(fitted(FirstStageMethod::kEase));
  EXPECT_EQ(report.choice->lists, 0U);
  EXPECT_EQ(report.choice->lambda, kEaseLambda);
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
