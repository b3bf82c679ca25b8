// Figures of independent implementations, for every user (scripts/make_eval_golden.py).
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>

#include "persona4rec/eval.hpp"
#include "support/paths.hpp"

namespace persona4rec {
namespace {

std::filesystem::path golden_folder() {
  return test::source_dir() / "tests" / "golden" / "eval";
}

EvalOptions options_for(const std::string& lists, const std::string& metrics) {
  EvalOptions options;
  options.candidates = {golden_folder() / lists};
  options.ground_truth = golden_folder() / "truth.jsonl";
  options.metrics = metrics;
  options.ks = {1, 5, 10, 20};
  return options;
}

constexpr const char* kTruthMetrics = "HIT,MRR,NDCG,RECALL,PRECISION,MAP";

// Each row of `file`: {"user_id": .., field: {"NDCG@5": .., ..}}.
void expect_values(const std::string& lists, const std::string& file, const std::string& field) {
  auto options = options_for(lists, kTruthMetrics);
  options.missing = MissingLists::kZero;
  const auto report = evaluate(options);
  std::ifstream golden(golden_folder() / file);
  std::size_t user = 0;
  for (std::string line; std::getline(golden, line); ++user) {
    const auto row = Json::parse(line);
    ASSERT_EQ(report.users[user].text(), row["user_id"].get<std::string>());
    for (std::size_t m = 0; m < report.metrics.size(); ++m) {
      const auto name = to_string(report.metrics[m]);
      EXPECT_NEAR(report.files[0].values[user * report.metrics.size() + m], row[field][name].get<double>(), 1e-6)
          << row["user_id"] << " " << name;
    }
  }
  EXPECT_EQ(user, 40U);
  EXPECT_EQ(report.metrics.size(), 24U);
}

TEST(EvalGolden, AgreesWithRanxForEveryUser) {
  expect_values("lists.jsonl", "ranx.jsonl", "metrics");
}

TEST(EvalGolden, AgreesWithPytrecEvalForEveryUser) {
  expect_values("lists.jsonl", "pytrec_eval.jsonl", "metrics");
}

TEST(EvalGolden, OrdersEqualScoresOfARunAsTrecEvalDoes) {
  expect_values("ties.trec", "pytrec_eval.jsonl", "ties");
}

TEST(EvalGolden, NoveltyDisplacementCoverageAndGiniFollowTheFormulas) {
  auto options = options_for("moved.jsonl", "NOVELTY,DISPLACEMENT,COVERAGE,GINI");
  options.review = golden_folder() / "reviews.jsonl";
  const auto report = evaluate(options);
  std::ifstream file(golden_folder() / "lists.json");
  const auto golden = Json::parse(file);
  const auto& judged = report.files[0];
  ASSERT_EQ(report.metrics.size() + report.list_metrics.size(), golden.size());
  for (std::size_t m = 0; m < report.metrics.size(); ++m) {
    const auto name = to_string(report.metrics[m]);
    EXPECT_NEAR(judged.groups[0].means[m], golden[name].get<double>(), 1e-9) << name;
  }
  for (std::size_t m = 0; m < report.list_metrics.size(); ++m) {
    const auto name = to_string(report.list_metrics[m]);
    EXPECT_NEAR(judged.list_values[m], golden[name].get<double>(), 1e-9) << name;
  }
}

TEST(EvalGolden, DisplacementOfListsThatWereNotRerankedIsUndefined) {
  const auto report = evaluate(options_for("lists.jsonl", "DISPLACEMENT@5"));
  EXPECT_TRUE(std::isnan(report.files[0].groups[0].means[0]));
}

}  // namespace
}  // namespace persona4rec
