// The recommenders against NumPy's closed forms (scripts/make_first_stage_golden.py).
#include <gtest/gtest.h>

#include <fstream>

#include "first_stage/first_stage.hpp"
#include "first_stage/text_kernel.hpp"
#include "persona4rec/json.hpp"
#include "support/paths.hpp"

namespace persona4rec {
namespace {

constexpr double kTolerance = 1e-6;        // weights are f32
constexpr double kLearntTolerance = 2e-4;  // many passes in f32

Json read_golden() {
  std::ifstream in(test::source_dir() / "tests/golden/first_stage.json");
  return Json::parse(in);
}

class FirstStageGolden : public testing::TestWithParam<FirstStageMethod> {
 protected:
  [[nodiscard]] std::size_t users() const { return golden_["users"].get<std::size_t>(); }
  [[nodiscard]] std::size_t items() const { return golden_["items"].get<std::size_t>(); }

  [[nodiscard]] InteractionMatrix data() const {
    std::vector<UserItem> pairs;
    for (const auto& pair : golden_["pairs"]) pairs.push_back({pair[0].get<std::uint32_t>(), pair[1]});
    return {pairs, users(), items()};
  }

  [[nodiscard]] SparseMatrix item_texts() const {
    TermCorpus reviews{WordTokenizer()};
    std::vector<std::uint32_t> item_of;
    std::vector<std::uint8_t> held_out;
    for (std::size_t i = 0; i < golden_["pairs"].size(); ++i) {
      reviews.add(golden_["texts"][i].get<std::string>());
      item_of.push_back(golden_["pairs"][i][1].get<std::uint32_t>());
      held_out.push_back(golden_["held_out"][i].get<bool>() ? 1 : 0);
    }
    return item_text_vectors(reviews, item_of, held_out, items(), {});
  }

  [[nodiscard]] FirstStageOptions options(FirstStageMethod method) const {
    if (golden_["learnt"].contains(to_string(method))) {
      const Json& learnt = golden_["learnt"][to_string(method)];
      return {.method = method,
              .lambda = learnt["lambda"].get<double>(),
              .factors = learnt["factors"].get<std::size_t>(),
              .passes = learnt["passes"].get<std::size_t>(),
              .unobserved = golden_["unobserved"].get<double>(),
              .step = golden_["step"].get<double>(),
              .seed = golden_["seed"].get<std::uint64_t>()};
    }
    return {.method = method,
            .neighbours = golden_["neighbours"].get<std::size_t>(),
            .shrink = golden_["shrink"].get<double>(),
            .lambda = golden_["lambda"].get<double>(),
            .alpha = golden_["alpha"].get<double>()};
  }

  Json golden_ = read_golden();
};

TEST_P(FirstStageGolden, SameScores) {
  const InteractionMatrix had = data();
  const SparseMatrix texts = item_texts();
  const auto model = fit_first_stage(options(GetParam()), had, &texts);
  const double tolerance = golden_["learnt"].contains(to_string(GetParam())) ? kLearntTolerance : kTolerance;
  std::vector<double> scores(items());
  for (std::uint32_t user = 0; user < users(); ++user) {
    model->score(user, had.items_of(user), scores);
    const Json& expected = golden_[to_string(GetParam())][user];
    for (std::size_t item = 0; item < items(); ++item) {
      EXPECT_NEAR(scores[item], expected[item].get<double>(), tolerance) << "user " << user << ", item " << item;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(All, FirstStageGolden,
                         testing::Values(FirstStageMethod::kPopularity, FirstStageMethod::kItemKnn,
                                         FirstStageMethod::kEase, FirstStageMethod::kTextEase, FirstStageMethod::kIals,
                                         FirstStageMethod::kBpr, FirstStageMethod::kLightGcn),
                         [](const auto& info) {
                           std::string name = to_string(info.param);
                           std::erase(name, '-');
                           return name;
                         });

TEST_F(FirstStageGolden, SameItemTextCosinesAndKernel) {
  const SparseMatrix texts = item_texts();
  const TextKernel kernel(texts);
  std::vector<double> row(items());
  for (std::uint32_t i = 0; i < items(); ++i) {
    kernel.row(i, row);
    for (std::uint32_t j = 0; j < items(); ++j) {
      EXPECT_NEAR(dot(texts.row(i), texts.row(j)), golden_["text_cosines"][i][j].get<double>(), kTolerance);
      EXPECT_NEAR(row[j], golden_["text_kernel"][i][j].get<double>(), kTolerance);
    }
  }
}

}  // namespace
}  // namespace persona4rec
