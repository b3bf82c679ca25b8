// train as a whole: what it writes, that it can be stopped and resumed, that equal runs give equal bytes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <functional>
#include <map>

#include "base/stop.hpp"
#include "io/provenance.hpp"
#include "persona4rec/encoder_head.hpp"
#include "persona4rec/train.hpp"
#include "profiles/serving_contract.hpp"
#include "support/fake_text_encoder.hpp"
#include "support/train_files.hpp"

namespace persona4rec {
namespace {

using test::FakeTextEncoder;
using test::read_file;
using test::TrainFiles;

TrainReport run(TrainFiles& files) {
  FakeTextEncoder encoder;
  const auto texts = files.texts();
  return train(files.options(), texts, encoder);
}

TEST(Train, WritesAHeadThatReadsBack) {
  TrainFiles files;
  const auto report = run(files);
  EXPECT_EQ(report.samples, report.selected);
  EXPECT_EQ(report.epochs, 3U);
  EXPECT_GT(report.steps, 0U);
  const auto head = read_encoder_head(files.files().encoder());
  ASSERT_TRUE(head);
  EXPECT_EQ(head->dimensions, 16U);
  EXPECT_TRUE(std::filesystem::exists(files.files().encoder() / "train_log.jsonl"));
  EXPECT_THAT(read_file(files.files().encoder() / "fusion_weights.json"), testing::HasSubstr("\"head\": 0.75"));
  EXPECT_FALSE(std::filesystem::exists(files.files().encoder().concat(".checkpoint")));
}

TEST(Train, EqualRunsGiveEqualBytes) {
  TrainFiles first;
  TrainFiles second;
  (void)run(first);
  (void)run(second);
  EXPECT_EQ(first.outputs(), second.outputs());
  second.options().head.seed = 1;
  second.options().fresh = true;
  (void)run(second);
  EXPECT_NE(first.outputs(), second.outputs());
}

// Stops after so many progress reports of steps, as SIGTERM would.
class StoppedTrain : public testing::TestWithParam<int> {};

TEST_P(StoppedTrain, EndsWithTheBytesOfAnUninterruptedRun) {
  TrainFiles whole;
  (void)run(whole);
  TrainFiles stopped;
  int steps = 0;
  stopped.options().progress = [&](const ProgressUpdate& update) {
    if (update.what == "steps" && ++steps == GetParam()) request_stop(SIGTERM);
  };
  try {
    (void)run(stopped);
    FAIL() << "the run was not stopped";
  } catch (const Error& error) {
    EXPECT_EQ(error.exit_code(), 143);
  }
  request_stop(0);
  EXPECT_FALSE(std::filesystem::exists(stopped.files().encoder())) << "nothing half-trained under the final name";
  EXPECT_TRUE(std::filesystem::exists(stopped.files().encoder().concat(".checkpoint") / "state.json"));
  stopped.options().progress = {};
  EXPECT_TRUE(run(stopped).resumed);
  EXPECT_EQ(whole.outputs(), stopped.outputs());
}

INSTANTIATE_TEST_SUITE_P(AtStep, StoppedTrain, testing::Values(1, 2, 4, 7));

TEST(Train, ACheckpointOfOtherOptionsIsRefused) {
  TrainFiles files;
  files.options().progress = [&](const ProgressUpdate& update) {
    if (update.what == "steps") request_stop(SIGTERM);
  };
  EXPECT_THROW((void)run(files), Error);
  request_stop(0);
  files.options().progress = {};
  files.options().head.learning_rate = 0.5;
  try {
    (void)run(files);
    FAIL() << "another run's checkpoint was continued";
  } catch (const Error& error) {
    EXPECT_EQ(error.exit_code(), 3);
    EXPECT_THAT(error.what(), testing::HasSubstr("--fresh"));
  }
  files.options().fresh = true;
  EXPECT_FALSE(run(files).resumed);
}

// A stopped run's checkpoint, changed: an error with its file, and --fresh as the way out.
struct BadCheckpoint {
  const char* name;
  const char* file;
  std::function<std::string(const std::string&)> change;
};
class BadCheckpoints : public testing::TestWithParam<BadCheckpoint> {};

TEST_P(BadCheckpoints, AreErrorsWithTheirFile) {
  TrainFiles files;
  files.options().progress = [&](const ProgressUpdate& update) {
    if (update.what == "steps" && update.done == 4) request_stop(SIGTERM);
  };
  EXPECT_THROW((void)run(files), Error);
  request_stop(0);
  files.options().progress = {};
  const auto path = files.files().encoder().concat(".checkpoint") / GetParam().file;
  const auto changed = GetParam().change(read_file(path));
  ASSERT_NE(changed, read_file(path)) << "the test changes nothing";
  write_file(path, changed);
  try {
    (void)run(files);
    FAIL() << "taken";
  } catch (const Error& error) {
    EXPECT_EQ(error.exit_code(), 3) << error.what();
    EXPECT_THAT(error.what(), testing::AllOf(testing::HasSubstr(GetParam().file), testing::HasSubstr("--fresh")));
  }
  files.options().fresh = true;
  EXPECT_FALSE(run(files).resumed);
}

// The shape of the archive's n-th [16, 16] tensor as the pickle holds it, replaced by [rows, columns].
std::string with_shape(std::string archive, int n, char rows, char columns) {
  const std::string shape = {'(', 'K', 16, 'K', 16, 't'};
  std::size_t at = archive.find(shape);
  for (; n > 0 && at != std::string::npos; --n) at = archive.find(shape, at + 1);
  if (at != std::string::npos) archive.replace(at, shape.size(), std::string{'(', 'K', rows, 'K', columns, 't'});
  return archive;
}

INSTANTIATE_TEST_SUITE_P(
    Kinds, BadCheckpoints,
    testing::Values(BadCheckpoint{"best_cut", "best.f32",
                                  [](const std::string& bytes) { return bytes.substr(0, bytes.size() / 2); }},
                    BadCheckpoint{"best_empty", "best.f32", [](const std::string&) { return std::string(); }},
                    BadCheckpoint{"best_longer", "best.f32",
                                  [](const std::string& bytes) { return bytes + std::string(8, 'x'); }},
                    BadCheckpoint{"persona_map_4_by_4", "model.pt",
                                  [](const std::string& bytes) { return with_shape(bytes, 1, 4, 4); }},
                    BadCheckpoint{"persona_map_empty", "model.pt",
                                  [](const std::string& bytes) { return with_shape(bytes, 1, 0, 0); }},
                    BadCheckpoint{"model_cut", "model.pt",
                                  [](const std::string& bytes) { return bytes.substr(0, bytes.size() / 2); }},
                    BadCheckpoint{"state_without_steps", "state.json",
                                  [](const std::string& bytes) {
                                    Json state = Json::parse(bytes);
                                    state.erase("steps");
                                    return state.dump();
                                  }}),
    [](const auto& info) { return std::string(info.param.name); });

TEST(Train, ValidCandidatesOfTheWrongWorldAreRefused) {
  TrainFiles files;
  files.options().valid_candidates = files.dir() / "candidate.test.jsonl";
  std::vector<CandidateRow> lists;
  for (int u = 0; u < TrainFiles::kUsers; ++u) {
    lists.push_back({.user_id = UserId(TrainFiles::user(u)), .results = {{ItemId("elsewhere"), 1.0}}});
  }
  test::write_rows(files.options().valid_candidates, lists);
  const auto refusal = [&] {
    try {
      (void)run(files);
    } catch (const Error& error) {
      EXPECT_EQ(error.exit_code(), 3) << error.what();
      return std::string(error.what());
    }
    return std::string("trained");
  };
  EXPECT_THAT(refusal(), testing::HasSubstr("holds no user's valid target"));
  write_file(meta_path(files.options().valid_candidates), R"({"options": {"for": "test"}})");
  EXPECT_THAT(refusal(), testing::HasSubstr("made for world test"));
  files.options().force = true;
  EXPECT_EQ(refusal(), "trained");
}

TEST(Train, TheEncoderFolderCarriesItsServingContract) {
  TrainFiles files;
  files.options().alpha = 0.65;
  (void)run(files);
  const auto contract = read_serving_contract(files.files().encoder());
  ASSERT_TRUE(contract);
  EXPECT_EQ(contract->alpha, 0.65);
  EXPECT_EQ(contract->settings["split"], "leave-one-out");
  EXPECT_EQ(contract->chosen.size(), std::size_t{TrainFiles::kUsers}) << "a valid target each";
  EXPECT_FALSE(contract->fit.empty());
}

TEST(Train, StopsEarlyWhenValidationDoesNotImprove) {
  TrainFiles files;
  files.options().head.epochs = 50;
  files.options().head.patience = 2;
  const auto report = run(files);
  EXPECT_LT(report.epochs, 50U);
  EXPECT_EQ(report.epochs, report.best_epoch + 2);
}

TEST(Train, TooFewSamplesAreAnInputError) {
  TrainFiles files;
  files.selected().resize(1);
  test::write_rows(files.options().selected, files.selected());
  try {
    (void)run(files);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.exit_code(), 3);
    EXPECT_THAT(error.what(), testing::HasSubstr("at least 2 usable training samples, got 1 of 1 rows"));
  }
}

}  // namespace
}  // namespace persona4rec
