// The contrastive loss: values and gradients against PyTorch (scripts/make_train_golden.py); the optimiser.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <fstream>

#include "persona4rec/json.hpp"
#include "support/paths.hpp"
#include "train/head_model.hpp"

namespace persona4rec {
namespace {

constexpr double kLossTolerance = 1e-6;
constexpr double kGradientTolerance = 1e-5;  // of the largest entry

const Json& golden() {
  static const Json kGolden = Json::parse(std::ifstream(test::source_dir() / "tests/golden/train/loss.json"));
  return kGolden;
}

std::vector<float> flat(const Json& values) {
  std::vector<float> out;
  for (const auto& value : values) {
    if (!value.is_array()) {
      out.push_back(value.get<float>());
      continue;
    }
    const auto inner = flat(value);
    out.insert(out.end(), inner.begin(), inner.end());
  }
  return out;
}

HeadTrainingOptions options_of(const Json& test_case) {
  HeadTrainingOptions options;
  options.loss = {.temperature = golden()["temperature"],
                  .log_q = test_case.value("log_q", false),
                  .symmetric = test_case.value("symmetric", false),
                  .label_smoothing = test_case.value("smoothing", 0.0),
                  .mask_same_persona = test_case.value("mask_persona", false),
                  .mask_same_item = test_case.value("mask_item", false),
                  .mask_same_user = test_case.value("mask_user", false),
                  .percpos = test_case.value("percpos", 0.0),
                  .hard_negatives = test_case.value("hard", false) ? std::size_t{2} : std::size_t{0}};
  options.shared_map = test_case.value("shared", false);
  return options;
}

HeadBatch batch_of(const HeadTrainingOptions& options) {
  const auto& g = golden();
  HeadBatch batch{.size = g["users"].size(),
                  .dimensions = g["users"][0].size(),
                  .hard_count = options.loss.hard_negatives,
                  .users = flat(g["users"]),
                  .personas = flat(g["personas"]),
                  .hard = options.loss.hard_negatives > 0 ? flat(g["hard"]) : std::vector<float>(),
                  .log_q = options.loss.log_q ? flat(g["log_q"]) : std::vector<float>(),
                  .user_id = g["ids"]["user"],
                  .persona_id = g["ids"]["persona"],
                  .item_id = g["ids"]["item"]};
  return batch;
}

HeadModel model_of(const HeadTrainingOptions& options) {
  HeadModel model(golden()["users"][0].size(), options, 1);
  const auto user_map = flat(golden()["user_map"]);
  model.set_maps(user_map, options.shared_map ? user_map : flat(golden()["persona_map"]));
  return model;
}

class LossCase : public testing::TestWithParam<std::size_t> {};

TEST_P(LossCase, LossAndGradientsEqualPyTorch) {
  const Json& test_case = golden()["cases"][GetParam()];
  SCOPED_TRACE(test_case["name"].get<std::string>());
  const auto options = options_of(test_case);
  const auto model = model_of(options);
  const auto batch = batch_of(options);
  EXPECT_NEAR(model.loss(batch), test_case["loss"].get<double>(), kLossTolerance);
  const auto gradients = model.gradients(batch);
  ASSERT_EQ(gradients.size(), test_case["gradients"].size());
  for (std::size_t map = 0; map < gradients.size(); ++map) {
    const auto expected = flat(test_case["gradients"][map]);
    const float largest = std::abs(*std::max_element(expected.begin(), expected.end(),
                                                     [](float a, float b) { return std::abs(a) < std::abs(b); }));
    for (std::size_t i = 0; i < expected.size(); ++i) {
      EXPECT_NEAR(gradients[map][i], expected[i], kGradientTolerance * largest) << "map " << map << ", entry " << i;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Golden, LossCase, testing::Range<std::size_t>(0, 11), [](const auto& info) {
  return golden()["cases"][info.param]["name"].template get<std::string>();
});

TEST(LossCase, CoversTheGoldenFile) {
  EXPECT_EQ(golden()["cases"].size(), 11U);
}

TEST(HeadModel, StartsAtTheIdentityAndLearns) {
  const HeadTrainingOptions options{.learning_rate = 1e-2};
  HeadModel model(golden()["users"][0].size(), options, 1);
  EXPECT_EQ(model.user_map(), model.persona_map());
  EXPECT_EQ(model.user_map()[0], 1.0F);
  const auto batch = batch_of(options);
  const double before = model.loss(batch);
  for (int i = 0; i < 50; ++i) model.step(batch);
  EXPECT_LT(model.loss(batch), before - 0.1);
}

TEST(HeadModel, ARestoredModelGoesOnBitForBit) {
  const HeadTrainingOptions options;
  const auto batch = batch_of(options);
  HeadModel whole(batch.dimensions, options, 1);
  for (int i = 0; i < 3; ++i) whole.step(batch);
  const auto bytes = whole.save();
  HeadModel resumed(batch.dimensions, options, 1);
  resumed.restore(bytes);
  for (int i = 0; i < 3; ++i) {
    whole.step(batch);
    resumed.step(batch);
  }
  EXPECT_EQ(whole.user_map(), resumed.user_map());
  EXPECT_EQ(whole.persona_map(), resumed.persona_map());
}

TEST(HeadModel, ASharedMapStaysShared) {
  HeadTrainingOptions options;
  options.shared_map = true;
  const auto batch = batch_of(options);
  HeadModel model(batch.dimensions, options, 1);
  model.step(batch);
  EXPECT_EQ(model.user_map(), model.persona_map());
}

TEST(HeadModel, ALossThatIsNoNumberChangesNothing) {
  const HeadTrainingOptions options;
  auto batch = batch_of(options);
  batch.users[0] = std::nanf("");
  HeadModel model(batch.dimensions, options, 1);
  const auto before = model.user_map();
  EXPECT_TRUE(std::isnan(model.step(batch)));
  EXPECT_EQ(model.user_map(), before);
}

}  // namespace
}  // namespace persona4rec
