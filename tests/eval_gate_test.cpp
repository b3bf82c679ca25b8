#include "persona4rec/eval_gate.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "base/rng.hpp"
#include "eval/gate/judge_gates.hpp"
#include "eval/summarize_group.hpp"
#include "persona4rec/error.hpp"
#include "persona4rec/eval.hpp"

namespace persona4rec {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

const std::vector<std::size_t> kKs = {5, 10, 20};

std::string error_of(const std::string& text) {
  try {
    (void)parse_gate(text, kKs);
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kUsage);
    return error.what();
  }
  return "no error";
}

TEST(ParseGate, TakesMetricsGroupsAndCounts) {
  const Gate mean = parse_gate("  ndcg@5 in cold >= .25 ", kKs);
  EXPECT_EQ(mean.metric, (Metric{MetricKind::kNdcg, 5}));
  EXPECT_EQ(mean.group, "cold");
  EXPECT_EQ(mean.rule, GateRule::kAtLeast);
  EXPECT_EQ(mean.bound, .25);
  EXPECT_EQ(mean.text, "ndcg@5 in cold >= .25");
  const Gate drop = parse_gate("HIT@20 drop <= 1.5%", kKs);
  EXPECT_EQ(drop.rule, GateRule::kDrop);
  EXPECT_DOUBLE_EQ(drop.bound, .015);
  EXPECT_EQ(parse_gate("users>=5000", kKs).subject, GateSubject::kUsers);
  EXPECT_DOUBLE_EQ(parse_gate("found in tail >= 90 %", kKs).bound, .9);
  const Gate unknown = parse_gate("unknown share <= 5%", kKs);
  EXPECT_EQ(unknown.subject, GateSubject::kUnknownShare);
  EXPECT_EQ(unknown.rule, GateRule::kAtMost);
}

TEST(ParseGate, AMetricWithoutLengthIsAtTenOrTheLargest) {
  EXPECT_EQ(parse_gate("MAP >= .1", kKs).metric.k, 10U);
  EXPECT_EQ(parse_gate("MAP >= .1", {3, 50}).metric.k, 50U);
}

TEST(ParseGate, SaysWhereItStopsAndWhatItKnows) {
  EXPECT_THAT(error_of("NDGC@10 >= .2"), HasSubstr("position 1: expected a metric (HIT, MRR, NDCG"));
  EXPECT_THAT(error_of("NDGC@10 >= .2"), HasSubstr("got \"NDGC@10\""));
  EXPECT_THAT(error_of(""), HasSubstr("got nothing"));
  EXPECT_THAT(error_of("NDCG@0 >= 1"), HasSubstr("position 6: expected a list length"));
  EXPECT_THAT(error_of("NDCG@10 > 1"), HasSubstr("position 9: expected >=, <= or drop"));
  EXPECT_THAT(error_of("NDCG@10 in lukewarm >= 1"), HasSubstr("position 12: expected a group"));
  EXPECT_THAT(error_of("NDCG@10 drop >= 1%"), HasSubstr("position 14: expected <="));
  EXPECT_THAT(error_of("NDCG@10 drop <= -1%"), HasSubstr("position 17: expected a drop from 0%"));
  EXPECT_THAT(error_of("NDCG@10 drop <= nan"), HasSubstr("position 17: expected a number"));
  EXPECT_THAT(error_of("NDCG@10 >= .2 or so"), HasSubstr("position 15: expected the end of the gate, got \"or\""));
  EXPECT_THAT(error_of("users drop <= 1%"), HasSubstr("position 1: expected a metric of each user"));
  EXPECT_THAT(error_of("GINI@10 drop <= 1%"), HasSubstr("of the whole file"));
  EXPECT_THAT(error_of("coverage@10 in warm >= 1%"), HasSubstr("position 16: expected no group"));
  EXPECT_THAT(error_of("unknown share in warm <= 1%"), HasSubstr("expected no group"));
  EXPECT_THAT(error_of("NDCG@10 >= .2 | x"), HasSubstr("expected the end"));
}

// Users whose baseline value is .5; the file's value lies `step` lower for the share `down` of them, higher for `up`.
EvalReport report_of(std::size_t users, double down, double up, std::size_t metrics = 1) {
  EvalReport report;
  report.bootstrap = 1000;
  for (std::size_t m = 0; m < metrics; ++m) report.metrics.push_back({MetricKind::kNdcg, 5 * (m + 1)});
  report.files = {{.name = "baseline"}, {.name = "new"}};
  EvalGroup all{.name = "all", .count = std::nullopt, .users = {}};
  Rng rng(3);
  for (std::uint32_t user = 0; user < users; ++user) {
    report.users.push_back(UserId("u" + std::to_string(user)));
    all.users.push_back(user);
    for (auto& file : report.files) {
      file.evaluated.push_back(1);
      file.first_rank.push_back(1);
    }
    for (std::size_t m = 0; m < metrics; ++m) {
      const double chance = rng.uniform();
      report.files[0].values.push_back(.5);
      report.files[1].values.push_back(chance < down ? .4 : chance < down + up ? .6 : .5);
    }
  }
  report.groups = {all, {.name = "cold", .count = 1, .users = {}}};
  const SummaryOptions summary{.metrics = metrics, .bootstrap = {.resamples = report.bootstrap}, .tests = true};
  for (const auto& group : report.groups) {
    report.files[0].groups.push_back(summarize_group(report.files[0], nullptr, group, summary));
    report.files[1].groups.push_back(summarize_group(report.files[1], &report.files[0], group, summary));
  }
  return report;
}

GateResult judged(const EvalReport& report, const std::string& text) {
  return judge_gates(report, std::vector{parse_gate(text, kKs)}).front();
}

TEST(JudgeGates, AClearDropFails) {
  const auto report = report_of(400, .5, 0);
  const auto result = judged(report, "NDCG@5 drop <= 5%");
  EXPECT_EQ(result.verdict, GateVerdict::kFail);
  EXPECT_LT(result.interval.high, -.05);
  EXPECT_NEAR(result.value, -.1, .02);
  EXPECT_EQ(result.users, 400U);
  EXPECT_EQ(result.confidence, .95);
  EXPECT_LT(result.p, .01);
  EXPECT_NEAR(result.resolvable, 2.8 * .05 / 20 / .5, .0005);
}

TEST(JudgeGates, ASmallEnoughDropPasses) {
  const auto result = judged(report_of(400, .5, 0), "NDCG@5 drop <= 20%");
  EXPECT_EQ(result.verdict, GateVerdict::kPass);
  EXPECT_GT(result.interval.low, -.2);
  EXPECT_EQ(result.reason, "");
}

TEST(JudgeGates, BetweenTheTwoNothingIsProven) {
  const auto result = judged(report_of(40, .25, .25), "NDCG@5 drop <= 0%");
  EXPECT_EQ(result.verdict, GateVerdict::kInconclusive);
  EXPECT_THAT(result.reason, HasSubstr("both sides"));
}

TEST(JudgeGates, EqualListsPassEveryDropGate) {
  EXPECT_EQ(judged(report_of(40, 0, 0), "NDCG@5 drop <= 0%").verdict, GateVerdict::kPass);
}

TEST(JudgeGates, AbsoluteGatesGoByTheMeanAlone) {
  const auto report = report_of(40, 0, 0);
  const auto pass = judged(report, "NDCG@5 >= .5");
  EXPECT_EQ(pass.verdict, GateVerdict::kPass);
  EXPECT_EQ(pass.value, .5);
  EXPECT_EQ(pass.interval.low, .5);
  EXPECT_EQ(judged(report, "NDCG@5 >= .51").verdict, GateVerdict::kFail);
  EXPECT_EQ(judged(report, "users >= 41").verdict, GateVerdict::kFail);
  EXPECT_EQ(judged(report, "users <= 40").verdict, GateVerdict::kPass);
  EXPECT_EQ(judged(report, "found >= 100%").verdict, GateVerdict::kPass);
}

TEST(JudgeGates, WhatNobodyAnswersNeverPasses) {
  const auto report = report_of(40, 0, 0);
  for (const char* text : {"NDCG@5 in cold >= 0", "NDCG@5 in cold drop <= 50%", "found in cold >= 0"}) {
    const auto result = judged(report, text);
    EXPECT_EQ(result.verdict, GateVerdict::kInconclusive) << text;
    EXPECT_THAT(result.reason, HasSubstr("no user of group cold")) << text;
  }
  EXPECT_EQ(judged(report, "users in cold >= 1").verdict, GateVerdict::kFail);
  const auto unknown = judged(report, "unknown share <= 100%");
  EXPECT_EQ(unknown.verdict, GateVerdict::kInconclusive);
  EXPECT_THAT(unknown.reason, HasSubstr("base_rank"));
}

TEST(JudgeGates, SeveralDropsShareTheErrorByHolm) {
  const auto report = report_of(400, .5, 0, 4);
  std::vector<Gate> gates;
  for (const char* text : {"NDCG@5 drop <= 1%", "NDCG@10 drop <= 10%", "NDCG@15 drop <= 2%", "NDCG@20 drop <= 10%"}) {
    gates.push_back(parse_gate(text, kKs));
  }
  const auto results = judge_gates(report, gates);
  EXPECT_EQ(results[0].verdict, GateVerdict::kFail);
  EXPECT_DOUBLE_EQ(results[0].confidence, 1 - .05 / 4);
  EXPECT_EQ(results[2].verdict, GateVerdict::kFail);
  EXPECT_DOUBLE_EQ(results[2].confidence, 1 - .05 / 3);
  EXPECT_NE(results[1].verdict, GateVerdict::kFail);
  EXPECT_DOUBLE_EQ(results[1].confidence, 1 - .05 / 2);
  EXPECT_DOUBLE_EQ(results[3].confidence, 1 - .05 / 2);
}

TEST(NormalWidth, IsTheQuantile) {
  EXPECT_NEAR(normal_width(.95), 1.959964, 1e-6);
  EXPECT_NEAR(normal_width(.99), 2.575829, 1e-6);
}

EvalReport judged_report(const std::vector<std::string>& texts) {
  auto report = report_of(40, .25, .25);
  std::vector<Gate> gates;
  for (const auto& text : texts) gates.push_back(parse_gate(text, kKs));
  report.gates = judge_gates(report, gates);
  return report;
}

const std::vector<std::string> kOneOfEach = {"NDCG@5 >= .1", "NDCG@5 >= .9", "NDCG@5 drop <= 0%"};

TEST(GateTable, SaysEachVerdictWithNumberAndInterval) {
  const auto text = gate_table(judged_report(kOneOfEach));
  EXPECT_THAT(text, HasSubstr("new against baseline: 40 of 40 users in both, world test"));
  EXPECT_THAT(text, HasSubstr("1 of 3 gates failed, 1 is inconclusive"));
  EXPECT_THAT(text, HasSubstr("INCONCLUSIVE"));
  EXPECT_THAT(text, HasSubstr("resolvable"));
}

TEST(GateJunit, IsXmlWhateverTheNames) {
  auto report = judged_report(kOneOfEach);
  report.files.back().name = "a<b>&\"c\x01\xFF";
  const auto text = gate_junit(report, false);
  EXPECT_THAT(text, StartsWith("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites"));
  EXPECT_THAT(text, HasSubstr("tests=\"3\" failures=\"1\" errors=\"0\" skipped=\"1\""));
  EXPECT_THAT(text, HasSubstr("name=\"a&lt;b&gt;&amp;&quot;c\xEF\xBF\xBD\xEF\xBF\xBD against baseline"));
  EXPECT_THAT(text, HasSubstr("name=\"NDCG@5 &gt;= .9\""));
  EXPECT_THAT(text, HasSubstr("<failure message=\"FAIL: "));
  EXPECT_THAT(text, HasSubstr("<skipped message=\"INCONCLUSIVE: "));
  EXPECT_THAT(gate_junit(report, true), HasSubstr("failures=\"2\" errors=\"0\" skipped=\"0\""));
}

TEST(GateMarkdown, KeepsItsCellsWhateverTheNames) {
  auto report = judged_report(kOneOfEach);
  report.files.back().name = "a|b<script>`@me\n*x*";
  const auto text = gate_markdown(report);
  EXPECT_THAT(text, HasSubstr("a\\|b&lt;script&gt;\\`&#64;me \\*x\\* against baseline"));
  EXPECT_THAT(text, HasSubstr("| `NDCG@5 >= .9` | ❌ **FAIL** |"));
  EXPECT_THAT(text, Not(HasSubstr("<script>")));
}

TEST(BrokenGates, CountsTheInconclusiveOnlyWhenStrict) {
  const auto report = judged_report(kOneOfEach);
  EXPECT_EQ(broken_gates(report, false), 1U);
  EXPECT_EQ(broken_gates(report, true), 2U);
}

}  // namespace
}  // namespace persona4rec
