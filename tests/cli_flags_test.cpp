#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "cli/flags/models.hpp"
#include "cli/flags/paths.hpp"
#include "cli/flags/split.hpp"
#include "cli/flags/training.hpp"
#include "cli/flags/values.hpp"
#include "persona4rec/error.hpp"
#include "support/temp_dir.hpp"

namespace persona4rec {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// Parses `words` in order; the message of what CLI11 threw, "" when all was well.
std::string parse(CLI::App& app, std::vector<std::string> words) {
  std::reverse(words.begin(), words.end());
  try {
    app.parse(std::move(words));
    return {};
  } catch (const CLI::ParseError& error) {
    return error.what();
  }
}

TEST(Numbers, AreReadWholeDecimalFiniteAndInRange) {
  struct Case {
    const char* text;
    bool good;
  };
  for (const auto& [text, good] : {Case{"7", true},
                                   {"0", false},
                                   {"-3", false},
                                   {"3x", false},
                                   {"", false},
                                   {"1.5", false},
                                   {"99999999999999999999", false},
                                   {"101", false},
                                   {"100", true},
                                   {"0x10", false}}) {
    CLI::App app;
    std::uint64_t value = 5;
    add_number(app, "--n", value, {.min = 1, .max = 100}, "");
    const std::string message = parse(app, {std::string("--n=") + text});
    EXPECT_EQ(message.empty(), good) << text << ": " << message;
    if (!good && *text != '\0') {
      EXPECT_THAT(message, HasSubstr("--n: expected a whole number from 1 to 100, got \""));
    }
  }
  CLI::App app;
  std::uint64_t octal = 0;
  add_number(app, "--n", octal, {}, "");
  EXPECT_EQ(parse(app, {"--n", "010"}), "");
  EXPECT_EQ(octal, 10U) << "a leading zero does not make it octal";
}

TEST(Numbers, RefuseNanAndInfinity) {
  for (const char* text : {"nan", "inf", "1e999"}) {
    CLI::App app;
    double value = 0;
    add_number(app, "--x", value, {}, "");
    EXPECT_THAT(parse(app, {"--x", text}), HasSubstr("--x: expected a number, got")) << text;
  }
}

TEST(Numbers, ComeInLists) {
  CLI::App app;
  std::vector<double> values = {1, 2};
  const CLI::Option* option = add_numbers(app, "--weights", values, {.min = 0}, "");
  EXPECT_EQ(option->get_default_str(), "1,2");
  EXPECT_EQ(parse(app, {"--weights", "1,.75,0"}), "");
  EXPECT_THAT(values, ElementsAre(1, .75, 0));
  for (const char* text : {"1,,2", "1,2,", "1,-1", "1 2"}) {
    CLI::App again;
    add_numbers(again, "--weights", values, {.min = 0}, "");
    EXPECT_NE(parse(again, {"--weights", text}), "") << text;
  }
}

TEST(Numbers, MayBeAbsent) {
  CLI::App app;
  std::optional<std::int64_t> value;
  add_number(app, "--n", value, {}, "");
  EXPECT_EQ(parse(app, {}), "");
  EXPECT_FALSE(value);
  app.clear();
  EXPECT_EQ(parse(app, {"--n", "-3"}), "");
  EXPECT_EQ(value, -3);
}

TEST(Choice, KnowsItsWords) {
  CLI::App app;
  int value = 2;
  const CLI::Option* option = add_choice<int>(app, "--c", value, {{"one", 1}, {"two", 2}}, "");
  EXPECT_EQ(option->get_default_str(), "two");
  EXPECT_THAT(parse(app, {"--c", "on"}), HasSubstr("--c: expected one|two, got \"on\""));
  app.clear();
  EXPECT_EQ(parse(app, {"--c", "one"}), "");
  EXPECT_EQ(value, 1);
}

SplitOptions split(const std::vector<std::string>& words) {
  CLI::App app;
  SplitFlags flags;
  flags.add(app);
  EXPECT_EQ(parse(app, words), "");
  return flags.options();
}

TEST(SplitFlags, HaveTheDefaultsOfTheLibrary) {
  const SplitOptions options = split({});
  EXPECT_EQ(options.policy, SplitPolicy::kLeaveOneOut);
  EXPECT_EQ(options.min_positives, 3U);
  EXPECT_EQ(options.min_history, 1U);
  EXPECT_EQ(options.targets_per_user, 0U);
}

TEST(SplitFlags, TakeDatesAndMilliseconds) {
  EXPECT_EQ(split({"--split", "temporal", "--cutoff", "1970-01-02"}).cutoff_ms, 86'400'000);
  EXPECT_EQ(split({"--split", "temporal", "--cutoff", "1970-01-01 00:00:05"}).cutoff_ms, 5'000);
  EXPECT_EQ(split({"--split", "temporal", "--cutoff", "1970-01-01T01:00:00.250+01:00"}).cutoff_ms, 250);
  const SplitOptions options = split({"--split", "temporal", "--cutoff", "86400001", "--valid-cutoff", "12"});
  EXPECT_EQ(options.cutoff_ms, 86'400'001);
  EXPECT_EQ(options.valid_cutoff_ms, 12);
}

TEST(SplitFlags, RefuseWhatMakesNoSense) {
  EXPECT_THROW(split({"--split", "temporal"}), Error);
  EXPECT_THROW(split({"--cutoff", "2015-01-01"}), Error);
  CLI::App app;
  SplitFlags flags;
  flags.add(app);
  EXPECT_THAT(parse(app, {"--cutoff", "soon"}), HasSubstr("--cutoff: expected a date"));
  EXPECT_THAT(parse(app, {"--cutoff", "2015-02-30"}), HasSubstr("--cutoff: expected a date"));
}

TEST(ArtifactFlag, LiesInTheWorkspaceUnlessGiven) {
  CLI::App app;
  ArtifactFlag flag = aspects_flag();
  flag.add(app);
  EXPECT_EQ(flag.in({.root = "runs/x"}), "runs/x/1_aspects.jsonl");
  EXPECT_EQ(app.get_option("--aspects")->get_default_str(), "<workspace>/1_aspects.jsonl");
  EXPECT_EQ(parse(app, {"--aspects", "with space/a.jsonl"}), "");
  EXPECT_EQ(flag.in({.root = "runs/x"}), "with space/a.jsonl");
}

TEST(EncoderFlags, PreferWhatTrainMadeThenTheEnvironment) {
  const test::TempDir dir;
  setenv("PERSONA4REC_ENCODER", "/models/other", 1);
  CLI::App app;
  EncoderFlags flags;
  flags.add(app);
  const Workspace workspace{.root = dir.path()};
  EXPECT_EQ(flags.options(workspace).folder, "/models/other");
  std::filesystem::create_directory(workspace.encoder());
  EXPECT_EQ(flags.options(workspace).folder, workspace.encoder());
  EXPECT_EQ(flags.base_folder(), "/models/other") << "training starts from the base";
  EXPECT_EQ(parse(app, {"--encoder", "mine"}), "");
  EXPECT_EQ(flags.options(workspace).folder, "mine");
  unsetenv("PERSONA4REC_ENCODER");
}

// What `train` takes from these words; the message of an error.
std::pair<TrainOptions, std::string> training(const std::vector<std::string>& words,
                                              ProfileSide side = ProfileSide::kBoth) {
  CLI::App app;
  TrainingFlags flags;
  flags.add(app);
  TrainOptions options;
  options.profile.side = side;
  app.add_option("--profile", "");
  app.add_option("--persona-vectors", "");
  std::string message = parse(app, words);
  try {
    if (message.empty()) flags.apply(options);
  } catch (const Error& error) {
    message = error.what();
  }
  return {options, message};
}

TEST(Training, AModeHasItsOwnDefaults) {
  EXPECT_EQ(training({}).first.head.batch_size, 256U);
  EXPECT_EQ(training({"--mode", "full"}).first.head.batch_size, 64U);
  EXPECT_EQ(training({"--mode", "full", "--batch-size", "9"}).first.head.batch_size, 9U);
  EXPECT_GT(training({"--mode", "lora"}).first.head.learning_rate,
            training({"--mode", "full"}).first.head.learning_rate);
}

TEST(Training, TheReferencePresetIsThePublishedCode) {
  const auto head = training({"--preset", "reference"}).first;
  EXPECT_EQ(head.mode, TrainMode::kHead);
  EXPECT_NEAR(1 / head.head.loss.temperature, 0.7, 1e-12);
  EXPECT_EQ(head.head.batch_size, 8U);
  EXPECT_EQ(head.head.max_steps, 100U);
  EXPECT_TRUE(head.head.shared_map);
  EXPECT_FALSE(head.head.loss.log_q || head.head.loss.mask_same_user);
  EXPECT_EQ(head.profile.side, ProfileSide::kOwn);
  const auto full = training({"--preset", "reference", "--mode", "full"}).first;
  EXPECT_DOUBLE_EQ(full.head.learning_rate, 1e-5);
  EXPECT_DOUBLE_EQ(full.encoder_training.warm_up, 100);
  EXPECT_EQ(full.encoder_training.accumulate, 2U);
  EXPECT_EQ(full.persona_vectors, PersonaVectors::kText);
  EXPECT_TRUE(full.any_rating) << "min_rating 0";
  EXPECT_FALSE(full.center || full.encoder_training.train_maps);
}

TEST(Training, ThePaperPresetIsThePapers) {
  const auto paper = training({"--preset", "paper"}).first;
  EXPECT_EQ(paper.mode, TrainMode::kLora);
  EXPECT_EQ(paper.encoder_training.adapter.rank, 16U);
  EXPECT_DOUBLE_EQ(paper.encoder_training.adapter.alpha, 32);
  EXPECT_EQ(paper.head.batch_size, 72U);
  EXPECT_DOUBLE_EQ(paper.head.learning_rate, 1e-5);
  EXPECT_DOUBLE_EQ(paper.alpha, 1);
  EXPECT_EQ(paper.persona_vectors, PersonaVectors::kText);
  EXPECT_FALSE(paper.center || paper.head.loss.log_q);
}

TEST(Training, AFlagThatSaysOtherwiseThanThePresetIsAnError) {
  EXPECT_THAT(training({"--preset", "reference", "--epochs", "20"}).second,
              HasSubstr("--preset reference sets --epochs"));
  EXPECT_THAT(training({"--preset", "paper", "--batch-size", "8"}).second,
              HasSubstr("--preset paper sets --batch-size"));
  EXPECT_EQ(training({"--preset", "paper", "--batch-size", "72"}).second, "");
  EXPECT_THAT(training({"--preset", "paper", "--mode", "head"}).second, HasSubstr("--mode lora or full"));
}

}  // namespace
}  // namespace persona4rec
