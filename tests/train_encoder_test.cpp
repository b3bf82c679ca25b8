// Training of the encoder itself: gradients against the head's, chunks, processes, what a run writes and how it
// resumes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <csignal>
#include <map>
#include <numeric>

#include "base/stop.hpp"
#include "encoder/tokenizer/tokenizer.hpp"
#include "io/provenance.hpp"
#include "persona4rec/encoder.hpp"
#include "persona4rec/encoder_head.hpp"
#include "persona4rec/train.hpp"
#include "support/golden_encoder.hpp"
#include "support/paths.hpp"
#include "support/train_files.hpp"
#include "train/encoder/encoder_model.hpp"
#include "train/encoder/learning_rate.hpp"
#include "train/encoder/training_tokens.hpp"
#include "train/head_model.hpp"

namespace persona4rec {
namespace {

using test::read_file;
using test::TrainFiles;

// TrainFiles whose base encoder is the tiny BERT of the goldens, with little to do in a step.
class EncoderFiles : public TrainFiles {
 public:
  explicit EncoderFiles(TrainMode mode = TrainMode::kFull) {
    auto& o = options();
    o.mode = mode;
    o.base_encoder = test::encoder_golden("tiny_bert");
    o.device = "auto";  // the same tests on a GPU where there is one
    o.encoder_training.mixed = MixedPrecision::kOff;
    o.fit_weights = false;
    o.head.epochs = 2;
    o.head.learning_rate = 1e-3;
    o.head.loss.temperature = 0.1;
    o.encoder_training.adapter.rank = 2;
  }
  [[nodiscard]] std::unique_ptr<TextEncoder> encoder() {
    return open_text_encoder({.folder = options().base_encoder, .dtype = EncoderDtype::kF32, .threads = 1});
  }
  TrainReport run() {
    const auto made = encoder();
    return train(options(), texts(), *made);
  }
};

// What a step of encoder training sees: data, samples and a model.
class StepParts {
 public:
  explicit StepParts(EncoderFiles& files)
      : options_(files.options()),
        texts_(files.texts()),
        encoder_(files.encoder()),
        provenance_("train", false),
        data_(read_train_data(options_, texts_, *encoder_, provenance_)),
        world_(data_, data_.vectors.values(), options_.profile, {}, 1),
        samples_(world_, options_.persona_vectors, data_.selected, 1),
        tokens_(read_training_tokens(options_, texts_, data_)) {}

  [[nodiscard]] std::vector<std::uint32_t> batch(std::uint32_t size) const {
    std::vector<std::uint32_t> all(size);
    std::iota(all.begin(), all.end(), 0U);
    return all;
  }
  // Loss and gradients of the first `size` samples.
  std::pair<double, std::map<std::string, std::vector<float>>> gradients(std::uint32_t size) {
    EncoderModel model(options_, nullptr);
    model.set_means(world_.interaction_mean(), world_.persona_mean());
    const auto samples = batch(size);
    const double loss = model.add(plan_batch(samples_, samples, world_, options_, 0), tokens_, 0).loss;
    const auto made = model.gradients();
    return {loss, {made.begin(), made.end()}};
  }

  [[nodiscard]] const Samples& samples() const { return samples_; }
  [[nodiscard]] const TrainOptions& options() const { return options_; }
  [[nodiscard]] std::size_t dimensions() const { return data_.dimensions; }

 private:
  TrainOptions& options_;
  ProfileText texts_;
  std::unique_ptr<TextEncoder> encoder_;
  Provenance provenance_;
  TrainData data_;
  FrozenWorld world_;
  Samples samples_;
  TokenFile tokens_;
};

void expect_close(const std::vector<float>& got, const std::vector<float>& expected, double relative) {
  ASSERT_EQ(got.size(), expected.size());
  double difference = 0;
  double length = 0;
  for (std::size_t i = 0; i < got.size(); ++i) {
    difference += std::pow(double{got[i]} - expected[i], 2);
    length += std::pow(double{expected[i]}, 2);
  }
  EXPECT_LE(std::sqrt(difference), relative * std::sqrt(length) + 1e-7);
}

// The same users, personas and loss as the head's, whose gradients are PyTorch's (train_loss_test): the maps' gradients
// must agree when every text is encoded without dropout.
TEST(TrainEncoder, MapsHaveTheGradientsOfTheHead) {
  for (const auto side : {ProfileSide::kBoth, ProfileSide::kOwn}) {
    EncoderFiles files;
    files.options().profile.side = side;
    files.options().encoder_training.dropout = 0;
    files.options().encoder_training.support_texts = 0;
    files.options().head.loss.hard_negatives = 1;
    StepParts parts(files);
    const auto samples = parts.batch(12);
    const HeadModel head(parts.dimensions(), parts.options().head, 1);
    const auto batch = parts.samples().make_batch(samples, parts.options().head.loss);
    const auto [loss, gradients] = parts.gradients(12);
    EXPECT_NEAR(loss, head.loss(batch), 1e-5);
    const auto expected = head.gradients(batch);
    expect_close(gradients.at("map.user"), expected[0], 1e-3);
    expect_close(gradients.at("map.persona"), expected[1], 1e-3);
  }
}

// Reviews of the support that are not encoded count with the memory bank's vectors: at the first step those are the
// same, so the loss is too.
TEST(TrainEncoder, TheRestOfTheSupportComesFromTheMemoryBank) {
  EncoderFiles files;
  files.options().encoder_training.dropout = 0;
  files.options().encoder_training.support_texts = 0;
  StepParts parts(files);
  const double all = parts.gradients(12).first;
  files.options().encoder_training.support_texts = 1;
  EXPECT_NEAR(parts.gradients(12).first, all, 1e-5);
  files.options().encoder_training.rest_of_support = false;
  EXPECT_GT(std::abs(parts.gradients(12).first - all), 1e-4) << "the rest is left out";
}

// GradCache: chunks, with their dropout, against the whole batch at once.
TEST(TrainEncoder, ChunksHaveTheGradientsOfTheWholeBatch) {
  for (const auto mode : {TrainMode::kFull, TrainMode::kLora}) {
    EncoderFiles files(mode);
    files.options().encoder_training.dropout = 0;
    files.options().encoder_training.adapter.dropout = 0;
    files.options().encoder_training.catalogue_negatives = 6;
    StepParts parts(files);
    files.options().encoder_training.chunk_tokens = 0;
    const auto [loss, whole] = parts.gradients(16);
    files.options().encoder_training.chunk_tokens = 40;
    const auto [chunked_loss, chunked] = parts.gradients(16);
    EXPECT_NEAR(chunked_loss, loss, 1e-6);
    ASSERT_EQ(chunked.size(), whole.size());
    for (const auto& [name, gradient] : whole) {
      SCOPED_TRACE(name);
      expect_close(chunked.at(name), gradient, 1e-5);
    }
  }
}

TEST(TrainEncoder, AChunkComputedASecondTimeHasItsDropout) {
  EncoderFiles files;
  files.options().encoder_training.dropout = 0.3;
  files.options().encoder_training.chunk_tokens = 40;
  StepParts parts(files);
  const auto [loss, once] = parts.gradients(16);
  const auto [again_loss, again] = parts.gradients(16);
  EXPECT_EQ(loss, again_loss);
  EXPECT_EQ(once, again);
  files.options().head.seed = 1;
  EXPECT_NE(parts.gradients(16).first, loss);
}

TEST(TrainEncoder, FrozenLayersChangeNoGradientOfTheOthers) {
  EncoderFiles files;
  files.options().encoder_training.dropout = 0;
  StepParts parts(files);
  const auto [loss, all] = parts.gradients(12);
  files.options().encoder_training.freeze_layers = 1;
  const auto [frozen_loss, some] = parts.gradients(12);
  EXPECT_NEAR(frozen_loss, loss, 1e-6);
  EXPECT_LT(some.size(), all.size());
  EXPECT_FALSE(some.contains("embeddings.word_embeddings.weight"));
  for (const auto& [name, gradient] : some) {
    SCOPED_TRACE(name);
    expect_close(gradient, all.at(name), 1e-5);
  }
}

TEST(TrainEncoder, ATemperatureThatLearnsHasAGradient) {
  EncoderFiles files;
  files.options().encoder_training.learn_temperature = true;
  StepParts parts(files);
  EXPECT_NE(parts.gradients(12).second.at("temperature").at(0), 0);
}

// ---- whole runs
// ------------------------------------------------------------------------------------------------------

double last_loss(const TrainFiles& files) {
  const auto log = read_file(files.files().encoder() / "train_log.jsonl");
  return Json::parse(
      log.substr(log.rfind("{\"", log.size() - 3) == std::string::npos ? 0 : log.rfind("\n{") + 1))["loss"];
}

class EncoderModes : public testing::TestWithParam<TrainMode> {};

TEST_P(EncoderModes, WriteAFolderThatEncodesOtherwise) {
  EncoderFiles files(GetParam());
  files.options().head.patience = 0;
  const auto report = files.run();
  EXPECT_EQ(report.epochs, 2U);
  EXPECT_GT(report.steps, 2U);
  const auto folder = files.files().encoder();
  EXPECT_TRUE(read_encoder_head(folder));
  EXPECT_EQ(std::filesystem::exists(folder / "adapter" / "adapter_config.json"), GetParam() == TrainMode::kLora);
  EXPECT_FALSE(std::filesystem::exists(files.files().encoder().concat(".checkpoint")));
  const auto before = files.encoder();
  const auto after = open_text_encoder({.folder = folder, .dtype = EncoderDtype::kF32, .threads = 1});
  EXPECT_EQ(before->fingerprint() == after->fingerprint(), report.best_epoch == 0);
}

TEST_P(EncoderModes, BringTheLossDown) {
  EncoderFiles files(GetParam());
  files.options().head.epochs = 8;
  files.options().head.patience = 0;
  files.options().encoder_training.train_maps = false;
  const double first = [&] {
    files.options().head.max_steps = 1;
    (void)files.run();
    return last_loss(files);
  }();
  files.options().head.max_steps = 0;
  files.options().fresh = true;
  const auto report = files.run();
  EXPECT_LT(report.last_loss, first);
}

TEST_P(EncoderModes, EqualRunsGiveEqualBytes) {
  EncoderFiles first(GetParam());
  EncoderFiles second(GetParam());
  (void)first.run();
  (void)second.run();
  EXPECT_EQ(first.outputs(), second.outputs());
}

INSTANTIATE_TEST_SUITE_P(FullAndLora, EncoderModes, testing::Values(TrainMode::kFull, TrainMode::kLora),
                         [](const auto& info) { return info.param == TrainMode::kFull ? "Full" : "Lora"; });

// Stops after so many steps, as SIGTERM would.
class StoppedEncoder : public testing::TestWithParam<int> {};

TEST_P(StoppedEncoder, EndsWithTheBytesOfAnUninterruptedRun) {
  EncoderFiles whole;
  (void)whole.run();
  EncoderFiles stopped;
  int steps = 0;
  stopped.options().progress = [&](const ProgressUpdate& update) {
    if (update.what == "steps" && ++steps == GetParam()) request_stop(SIGTERM);
  };
  try {
    (void)stopped.run();
    FAIL() << "the run was not stopped";
  } catch (const Error& error) {
    EXPECT_EQ(error.exit_code(), 143);
  }
  request_stop(0);
  EXPECT_FALSE(std::filesystem::exists(stopped.files().encoder()));
  stopped.options().progress = {};
  EXPECT_TRUE(stopped.run().resumed);
  EXPECT_EQ(whole.outputs(), stopped.outputs());
}

INSTANTIATE_TEST_SUITE_P(AtStep, StoppedEncoder, testing::Values(1, 3, 6));

TEST(TrainEncoder, ACheckpointOfAnotherModeIsRefused) {
  EncoderFiles files;
  files.options().progress = [&](const ProgressUpdate& update) {
    if (update.what == "steps") request_stop(SIGTERM);
  };
  EXPECT_THROW((void)files.run(), Error);
  request_stop(0);
  files.options().progress = {};
  files.options().mode = TrainMode::kHead;
  try {
    (void)files.run();
    FAIL() << "another mode's checkpoint was taken or lost";
  } catch (const Error& error) {
    EXPECT_EQ(error.exit_code(), 3);
    EXPECT_THAT(error.what(), testing::HasSubstr("--fresh"));
  }
}

TEST(TrainEncoder, GoesOnFromAnAdapter) {
  EncoderFiles first(TrainMode::kLora);
  first.options().encoder_training.train_maps = false;
  first.options().head.epochs = 6;
  first.options().head.patience = 0;
  first.options().head.learning_rate = 2e-2;
  const auto report = first.run();
  ASSERT_GT(report.best_epoch, 0U) << "the adapter has learned something";
  EncoderFiles second(TrainMode::kLora);
  second.options().encoder_training.train_maps = false;
  second.options().encoder_training.adapter.start = first.files().encoder() / "adapter";
  second.options().encoder_training.adapter.rank = 7;  // the files' counts
  (void)second.run();
  const auto log = read_file(second.files().encoder() / "train_log.jsonl");
  const auto begin = Json::parse(log.substr(0, log.find('\n')));
  EXPECT_NEAR(begin["valid_all_items"]["ndcg@10"], report.valid_all_items->ndcg10, 1e-9);
}

TEST(TrainEncoder, PersonaTextsCanBeThePersonas) {
  EncoderFiles files;
  files.options().persona_vectors = PersonaVectors::kText;
  EXPECT_GT(files.run().steps, 0U);
}

TEST(TrainEncoder, ProfilesWithoutTextsOfTheirOwnAreRefused) {
  for (const auto change : {+[](TrainOptions& o) { o.profile.side = ProfileSide::kItems; },
                            +[](TrainOptions& o) { o.persona_vectors = PersonaVectors::kReaders; }}) {
    EncoderFiles files;
    change(files.options());
    try {
      (void)files.run();
      FAIL() << "taken";
    } catch (const Error& error) {
      EXPECT_EQ(error.exit_code(), 2);
    }
  }
}

TEST(TrainEncoder, ALossThatIsNoNumberStopsWithStepBatchAndRate) {
  EncoderFiles files;
  files.options().head.learning_rate = 1e30;
  files.options().encoder_training.clip = 0;
  files.options().encoder_training.warm_up = 0;
  files.options().encoder_training.decay = RateDecay::kConstant;
  try {
    (void)files.run();
    FAIL() << "went on";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), testing::AllOf(testing::HasSubstr("step"), testing::HasSubstr("batch"),
                                             testing::HasSubstr("learning rate 1e+30")));
  }
}

TEST(LearningRate, RisesAndFalls) {
  EncoderTrainingOptions options;
  options.warm_up = 0.1;
  EXPECT_DOUBLE_EQ(rate_share(options, 0, 100), 0.1);
  EXPECT_DOUBLE_EQ(rate_share(options, 9, 100), 1);
  EXPECT_DOUBLE_EQ(rate_share(options, 10, 100), 1);
  EXPECT_DOUBLE_EQ(rate_share(options, 55, 100), 0.5);
  options.decay = RateDecay::kCosine;
  EXPECT_NEAR(rate_share(options, 55, 100), 0.5, 1e-12);
  EXPECT_LT(rate_share(options, 99, 100), 0.01);
  options.decay = RateDecay::kConstant;
  EXPECT_DOUBLE_EQ(rate_share(options, 99, 100), 1);
  options.warm_up = 100;  // steps: the published run ends inside its warm-up
  EXPECT_DOUBLE_EQ(rate_share(options, 49, 100), 0.5);
}

}  // namespace
}  // namespace persona4rec
