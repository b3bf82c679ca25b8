// The weights that `train` chooses for each first stage.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/rng.hpp"
#include "matching/fusion.hpp"
#include "matching/weight_choice.hpp"
#include "matching/weights_json.hpp"
#include "support/fake_text_encoder.hpp"
#include "support/train_files.hpp"
#include "train/first_stage_weights.hpp"
#include "train/fit_view.hpp"

namespace persona4rec {
namespace {

using test::FakeTextEncoder;
using test::read_file;
using test::TrainFiles;

TrainReport train_in(TrainFiles& files) {
  FakeTextEncoder encoder;
  return train(files.options(), files.texts(), encoder);
}

Json stored_weights(const TrainFiles& files) {
  return Json::parse(read_file(files.files().encoder() / "fusion_weights.json"));
}

TEST(TrainWeights, AreStoredBesideTheHeadForEachFirstStage) {
  TrainFiles files;
  files.options().folds = 3;
  const auto report = train_in(files);
  ASSERT_EQ(report.first_stage_weights.size(), 5U);
  EXPECT_EQ(report.weights, kHeadWeights) << "of other lists";
  const auto stored = read_head_weights(stored_weights(files), "fusion_weights.json");
  for (const auto& chosen : report.first_stage_weights) {
    EXPECT_GT(chosen.fold_lists, 0U);
    EXPECT_GT(chosen.valid_lists, 0U);
    EXPECT_GE(chosen.fold_ndcg, 0);
    EXPECT_EQ(stored.of_first_stage.at(to_string(chosen.method)), chosen.weights);
    for (const auto& alone : {chosen.words, chosen.head}) {
      EXPECT_GT(alone.weight, 0);
      EXPECT_GT(alone.ndcg, 0);
    }
  }
  const Json meta = read_meta(files.files().encoder());
  EXPECT_EQ(meta.at("counts").at("fit_folds"), 3);
  EXPECT_EQ(meta.at("options").at("fit").at("ease").at("folds").at("lists"), report.first_stage_weights[2].fold_lists);
  EXPECT_EQ(meta.at("options").at("fit").at("ease").at("folds_and_valid").at("words_alone"),
            Json({{"weight", report.first_stage_weights[2].words.weight},
                  {"ndcg@10", report.first_stage_weights[2].words.ndcg}}));
}

TEST(TrainWeights, WithoutFittingTheFixedOnesAreKept) {
  TrainFiles files;
  files.options().fit_weights = false;
  EXPECT_TRUE(train_in(files).first_stage_weights.empty());
  EXPECT_EQ(stored_weights(files), to_json(kHeadWeights));
}

TEST(TrainWeights, FirstStagesMayBeNamed) {
  TrainFiles files;
  files.options().first_stages = {FirstStageMethod::kItemKnn};
  (void)train_in(files);
  EXPECT_EQ(stored_weights(files)["first_stages"].size(), 1U);
  EXPECT_TRUE(stored_weights(files)["first_stages"].contains("itemknn"));
}

// Everybody has said something about everything: what a list of a held-out positive holds beside it is held out too.
// Those are right answers and go, so that no list has a wrong one.
TEST(TrainWeights, FoldsHoldOutSeveralPositivesOfAUserAndNoneIsAnothersWrongAnswer) {
  TrainFiles files({.policy = SplitPolicy::kTemporal, .cutoff_ms = 1000, .valid_cutoff_ms = 999}, TrainFiles::kItems,
                   1);
  files.options().folds = 2;
  files.options().fit_lists = 0;
  files.options().head.epochs = 1;
  const auto report = train_in(files);
  const auto positives = read_meta(files.files().encoder()).at("counts").at("fit_positives").get<std::uint64_t>();
  EXPECT_GE(positives, std::uint64_t{2 * 2 * TrainFiles::kUsers}) << "several of each user in each fold";
  for (const auto& chosen : report.first_stage_weights) {
    EXPECT_EQ(chosen.fold_lists, positives);
    EXPECT_EQ(chosen.fold_ndcg, 1);
    EXPECT_EQ(chosen.weights, kHeadWeights) << "nothing to be learned";
    EXPECT_EQ(chosen.ndcg, 1);
    EXPECT_EQ(chosen.words.ndcg, 1);
    EXPECT_EQ(chosen.words.weight, kWeightRange[1]) << "of equal ones the least";
  }
}

TEST(TrainWeights, OfManyPositivesADrawIsHeldOutInFewerFolds) {
  TrainFiles files;
  files.options().folds = 8;
  files.options().fit_lists = 9;
  (void)train_in(files);
  const Json counts = read_meta(files.files().encoder()).at("counts");
  EXPECT_EQ(counts.at("fit_positives"), 9);
  EXPECT_LE(counts.at("fit_valid_targets"), 9);
  EXPECT_LT(counts.at("fit_folds"), 8) << "each fold holds out an eighth of all positives";
}

// Lists of `kUsers` users; the right answer stands out by so much in base, words, head and persona words.
FitData lists_with(const std::array<double, kFitChannels>& signal, const char* purpose, std::size_t lists) {
  constexpr std::size_t kCandidates = 20;
  FitData data(kFitChannels);
  Rng rng(0, purpose);
  for (std::size_t list = 0; list < lists; ++list) {
    const auto target = rng.below(kCandidates);
    std::array<std::vector<double>, kFitChannels> z;
    for (std::size_t c = 0; c < kFitChannels; ++c) {
      std::vector<double> values(kCandidates);
      for (std::size_t i = 0; i < kCandidates; ++i) {
        values[i] = static_cast<double>(rng.below(1000)) / 300 + (i == target ? signal[c] : 0);
      }
      z[c].resize(kCandidates);
      standardize(values, z[c]);
    }
    data.begin_list(target);
    for (std::size_t i = 0; i < kCandidates; ++i)
      data.add_candidate(std::array{z[0][i], z[1][i], z[2][i], z[3][i]}.data());
  }
  return data;
}

FusionWeights chosen_for(double persona_words, std::size_t lists = 600) {
  FitLists fit{.method = FirstStageMethod::kEase,
               .folds = lists_with({1, 1, 1, 0}, "folds", lists),
               .valid = lists_with({1, 1, 1, persona_words}, "valid", lists),
               .user_of_valid = {}};
  for (std::uint32_t list = 0; list < lists; ++list) fit.user_of_valid.push_back(list);
  return choose_first_stage_weights(fit, {}).weights;
}

TEST(TrainWeights, PersonaWordsOfPermutedTextsGetNoWeight) {
  EXPECT_EQ(chosen_for(0).persona_words, 0);
}

TEST(TrainWeights, PersonaWordsThatHelpWorldValidGetSome) {
  const auto weights = chosen_for(1);
  EXPECT_GT(weights.persona_words, 0);
  EXPECT_GT(weights.words + weights.head, 0);
}

// A fold's head learned from fewer positives than the one that serves.
TEST(TrainWeights, AHeadThatIsBetterInWorldValidThanInFoldsWeighsMore) {
  const auto head_for = [](double in_valid) {
    constexpr std::size_t kLists = 1500;
    FitLists fit{.method = FirstStageMethod::kEase,
                 .folds = lists_with({1, 1, 0.5, 0}, "folds", 3 * kLists),
                 .valid = lists_with({1, 1, in_valid, 0}, "valid", kLists),
                 .user_of_valid = {}};
    for (std::uint32_t list = 0; list < kLists; ++list) fit.user_of_valid.push_back(list);
    return choose_first_stage_weights(fit, {}).weights.head;
  };
  EXPECT_GT(head_for(2), head_for(0.5));
  EXPECT_EQ(head_for(0.5), head_for(0.4)) << "only more, never less";
}

TEST(TrainWeights, WithoutListsTheFixedOnesComeBack) {
  const FitLists none{.method = FirstStageMethod::kEase,
                      .folds = FitData(kFitChannels),
                      .valid = FitData(kFitChannels),
                      .user_of_valid = {}};
  EXPECT_EQ(choose_first_stage_weights(none, {}).weights, kHeadWeights);
}

}  // namespace
}  // namespace persona4rec
