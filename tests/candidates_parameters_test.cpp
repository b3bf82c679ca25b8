// Parameters of the first stages that the data choose.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/rng.hpp"
#include "io/artifacts.hpp"
#include "io/jsonl_reader.hpp"
#include "io/provenance.hpp"
#include "persona4rec/candidates.hpp"
#include "split/interactions_reader.hpp"
#include "support/candidates_fixture.hpp"

namespace persona4rec {
namespace {

using test::CandidatesTest;

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
    return decide_split(read_interactions(opts.aspects).data, {});
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

}  // namespace
}  // namespace persona4rec
