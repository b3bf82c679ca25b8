#include "persona4rec/eval.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "io/artifacts.hpp"
#include "persona4rec/error.hpp"
#include "support/paths.hpp"
#include "support/shared_data.hpp"
#include "support/temp_dir.hpp"

namespace persona4rec {
namespace {

using test::read_file;
using test::TempDir;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

std::string list_row(const std::string& user, const std::vector<std::string>& items) {
  Json row = {{"user_id", user}, {"results", Json::array()}};
  for (const auto& item : items) row["results"].push_back({{"item_id", item}});
  return row.dump() + "\n";
}

std::string truth_row(const std::string& user, const std::string& item) {
  return Json({{"user_id", user}, {"item_id", item}}).dump() + "\n";
}

// Three users with truth; the first file misses u3, the second u2.
class EvalTest : public ::testing::Test {
 protected:
  EvalTest() {
    (void)dir_.write("gt.jsonl", truth_row("u1", "a") + truth_row("u2", "b") + truth_row("u3", "c"));
    (void)dir_.write("first.jsonl", list_row("u1", {"x", "a"}) + list_row("u2", {"b"}) + list_row("stranger", {"a"}));
    (void)dir_.write("second.jsonl", list_row("u3", {"x"}) + list_row("u1", {"a"}) + list_row("u2", {}));
  }

  [[nodiscard]] EvalOptions options(const std::vector<std::string>& files = {"first.jsonl"}) const {
    EvalOptions options;
    for (const auto& file : files) options.candidates.push_back(dir_ / file);
    options.ground_truth = dir_ / "gt.jsonl";
    options.ks = {1, 2};
    return options;
  }

  void write_meta(const std::string& artifact, const Json& meta) const {
    (void)dir_.write(artifact + ".meta.json", meta.dump());
  }

  static std::string error_of(const EvalOptions& options, ErrorKind kind = ErrorKind::kInput) {
    try {
      (void)evaluate(options);
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), kind) << error.what();
      return error.what();
    }
    return "no error";
  }

  TempDir dir_;
};

TEST_F(EvalTest, MeansOverUsersWithListAndTruth) {
  const auto report = evaluate(options());
  ASSERT_EQ(report.files.size(), 1U);
  const auto& file = report.files[0];
  const auto& all = file.groups.at(0);
  EXPECT_EQ(all.users, 2U);
  EXPECT_THAT(all.means, ElementsAre(0.5, 1, 0.5, 0.75, 0.5, (1 + 1 / std::log2(3.0)) / 2));
  EXPECT_EQ(all.found, 2U);
  EXPECT_EQ(all.median_rank, 1.5);
  EXPECT_EQ(file.counts.lists, 3U);
  EXPECT_EQ(file.counts.without_truth, 1U);
  EXPECT_EQ(file.counts.missing, 1U);
  EXPECT_THAT(file.first_rank, ElementsAre(2, 1, 0));
  EXPECT_THAT(file.evaluated, ElementsAre(1, 1, 0));
  EXPECT_EQ(report.bootstrap, 0U);  // nothing to compare with
}

TEST_F(EvalTest, MissingUsersAreZerosOnDemand) {
  auto zero = options();
  zero.missing = MissingLists::kZero;
  const auto report = evaluate(zero);
  const auto& all = report.files[0].groups[0];
  EXPECT_EQ(all.users, 3U);
  EXPECT_DOUBLE_EQ(all.means[1], 2.0 / 3);
  EXPECT_EQ(report.files[0].counts.missing, 1U);
}

TEST_F(EvalTest, ComparesOverTheUsersThatBothFilesEvaluate) {
  const auto report = evaluate(options({"first.jsonl", "second.jsonl"}));
  const auto& second = report.files[1];
  EXPECT_EQ(second.groups[0].users, 2U);  // u1, u3; the list of u2 is empty
  EXPECT_EQ(second.counts.empty, 1U);
  EXPECT_EQ(second.groups[0].pairs, 1U);  // u1
  const auto& mrr_at_2 = second.groups[0].against_first[3];
  EXPECT_EQ(mrr_at_2.difference, 0.5);
  EXPECT_EQ(mrr_at_2.relative, 1);
  EXPECT_TRUE(std::isnan(mrr_at_2.p));  // one user shows nothing
  EXPECT_THAT(eval_table(report), HasSubstr("diff % of second: over the 1 user that first evaluates too"));
}

TEST_F(EvalTest, NoCommonUserIsUndefinedNotZero) {
  (void)dir_.write("other.jsonl", list_row("somebody", {"a"}));
  auto forced = options({"other.jsonl"});
  forced.force = true;  // an error otherwise
  const auto report = evaluate(forced);
  EXPECT_EQ(report.files[0].groups[0].users, 0U);
  EXPECT_TRUE(std::isnan(report.files[0].groups[0].means[0]));
  EXPECT_TRUE(eval_json(report)["files"][0]["groups"]["all"]["metrics"]["HIT@1"]["mean"].is_null());
  EXPECT_THAT(eval_table(report), HasSubstr("HIT@1           --"));
}

TEST_F(EvalTest, AUserTwiceIsAnError) {
  (void)dir_.write("twice.jsonl", list_row("u1", {"a"}) + list_row("u2", {"a"}) + list_row("u1", {"b"}));
  EXPECT_THAT(error_of(options({"twice.jsonl"})), HasSubstr("twice.jsonl:3: field \"user_id\""));
  (void)dir_.write("strangers.jsonl", list_row("s", {"a"}) + list_row("s", {"a"}));
  EXPECT_THAT(error_of(options({"strangers.jsonl"})), HasSubstr("got user \"s\" again"));
  (void)dir_.write("apart.trec", "u1 Q0 a 1 2 t\nu2 Q0 a 1 2 t\nu1 Q0 b 2 1 t\n");
  EXPECT_EQ(error_of(options({"apart.trec"})), "no error") << "a run's lines may stand anywhere";
}

TEST_F(EvalTest, EmptyIdsAreSkippedAndOrderRulesOverScores) {
  (void)dir_.write("odd.jsonl",
                   R"({"user_id":"u1","results":[{"item_id":""},{"item_id":"x","score":1},{"item_id":"a","score":9}]})"
                   "\n");
  EXPECT_THAT(evaluate(options({"odd.jsonl"})).files[0].first_rank, ElementsAre(2, 0, 0));
}

TEST_F(EvalTest, IntegerIdsMeetStringIds) {
  (void)dir_.write("gt.jsonl", "{\"user_id\":7,\"item_id\":\"42\"}\n");
  (void)dir_.write("ids.jsonl", R"({"user_id":"7","results":[{"item_id":42}]})"
                                "\n");
  EXPECT_THAT(evaluate(options({"ids.jsonl"})).files[0].first_rank, ElementsAre(1));
}

TEST_F(EvalTest, BadRowsAreCountedUpToTheLimit) {
  (void)dir_.write("bad.jsonl", list_row("u1", {"a"}) + "{\"user_id\":\"u2\"}\n" + list_row("u2", {"b"}));
  EXPECT_THAT(error_of(options({"bad.jsonl"})), HasSubstr("bad.jsonl:2: field \"results\""));
  auto relaxed = options({"bad.jsonl"});
  relaxed.max_bad_rows = 1;
  const auto report = evaluate(relaxed);
  EXPECT_EQ(report.files[0].counts.bad_rows, 1U);
  EXPECT_EQ(report.files[0].groups[0].users, 2U);
}

TEST_F(EvalTest, RefusesOptionsThatMakeNoSense) {
  const auto refused = [&](auto change) {
    auto bad = options({"first.jsonl", "second.jsonl"});
    change(bad);
    return error_of(bad, ErrorKind::kUsage);
  };
  EXPECT_THAT(refused([](auto& o) { o.candidates.clear(); }), HasSubstr("at least one candidate file"));
  EXPECT_THAT(refused([](auto& o) { o.ground_truth.clear(); }), HasSubstr("ground truth"));
  EXPECT_THAT(refused([](auto& o) { o.ks = {}; }), HasSubstr("at least one k"));
  EXPECT_THAT(refused([](auto& o) { o.ks = {0, 5}; }), HasSubstr("at least 1"));
  EXPECT_THAT(refused([](auto& o) { o.ks = {5, 5}; }), HasSubstr("given twice"));
  EXPECT_THAT(refused([](auto& o) { o.names = {"one"}; }), HasSubstr("1 names for 2"));
  EXPECT_THAT(refused([](auto& o) { o.names = {"a", "a"}; }), HasSubstr("same name"));
  EXPECT_THAT(refused([](auto& o) { o.confidence = 1; }), HasSubstr("confidence"));
  EXPECT_THAT(refused([](auto& o) { o.candidates = {"-", "-"}; }), HasSubstr("stdin"));
  EXPECT_THAT(refused([&](auto& o) { o.trec = dir_ / "run.trec"; }), HasSubstr("exactly one candidate file, got 2"));
}

TEST_F(EvalTest, NamesAreTheShortestThatDiffer) {
  (void)dir_.write("a/reranked.jsonl", list_row("u1", {"a"}));
  (void)dir_.write("b/reranked.jsonl", list_row("u1", {"a"}));
  auto report = evaluate(options({"a/reranked.jsonl", "b/reranked.jsonl"}));
  EXPECT_EQ(report.files[0].name, "a/reranked");
  EXPECT_EQ(report.files[1].name, "b/reranked");
  report = evaluate(options({"first.jsonl", "first.jsonl"}));
  EXPECT_EQ(report.files[0].name, "first");
  EXPECT_EQ(report.files[1].name, "first#2");
}

TEST_F(EvalTest, TargetsFileGivesTheWorldsTargets) {
  std::string rows;
  for (const auto& [item, split] : {std::pair{"x", "train"}, {"b", "valid"}, {"a", "test"}}) {
    rows += Json({{"user_id", "u1"}, {"item_id", item}, {"review_id", 1}, {"timestamp", 5}, {"split", split}}).dump();
    rows += "\n";
  }
  (void)dir_.write("3.5_targets.jsonl", rows);
  auto test = options();
  test.ground_truth = dir_ / "3.5_targets.jsonl";
  auto report = evaluate(test);
  EXPECT_EQ(report.truth.rows, 1U);
  EXPECT_EQ(report.truth.other_splits, 2U);
  EXPECT_THAT(report.files[0].first_rank, ElementsAre(2));  // a
  test.world = World::kValid;
  EXPECT_THAT(evaluate(test).files[0].first_rank, ElementsAre(0));  // b
  (void)dir_.write("3.5_targets.jsonl", R"({"user_id":"u1","item_id":"x","split":"dev"})"
                                        "\n");
  EXPECT_THAT(error_of(test), HasSubstr("3.5_targets.jsonl:1: field \"split\""));
}

TEST_F(EvalTest, RefusesListsOfTheOtherWorld) {
  write_meta("first.jsonl", {{"artifact", "candidates"}, {"options", {{"for", "valid"}}}});
  EXPECT_THAT(error_of(options()), HasSubstr("first.jsonl was made for world valid, but world test is evaluated"));
  auto valid = options();
  valid.world = World::kValid;
  EXPECT_EQ(evaluate(valid).files[0].groups[0].users, 2U);
  write_meta("gt.jsonl", {{"artifact", "3.5_gt"}});
  EXPECT_THAT(error_of(valid), HasSubstr("gt.jsonl was made for world test"));
  valid.force = true;
  EXPECT_EQ(evaluate(valid).files[0].groups[0].users, 2U);
}

TEST_F(EvalTest, RefusesListsOfAnotherSplitOrSeed) {
  write_meta("gt.jsonl", {{"artifact", "3.5_gt"}, {"settings", {{"split", "leave-one-out"}, {"seed", 0}}}});
  write_meta("first.jsonl", {{"artifact", "candidates"}, {"settings", {{"split", "leave-one-out"}, {"seed", 1}}}});
  EXPECT_THAT(error_of(options()), HasSubstr("seed"));
  auto forced = options();
  forced.force = true;
  EXPECT_EQ(evaluate(forced).files[0].groups[0].users, 2U);
}

TEST_F(EvalTest, RefusesFilesOfDifferentSplitsSideBySide) {
  write_meta("first.jsonl", {{"artifact", "candidates"}, {"settings", {{"split", "temporal"}}}});
  write_meta("second.jsonl", {{"artifact", "candidates"}, {"settings", {{"split", "leave-one-out"}}}});
  EXPECT_THAT(error_of(options({"first.jsonl", "second.jsonl"})), HasSubstr("split"));
}

TEST_F(EvalTest, EveryOutputOfTheReferenceSplitSaysLeaky) {
  for (const std::string from : {"gt.jsonl", "first.jsonl"}) {
    write_meta(from, {{"artifact", "x"}, {"settings", {{"split", "reference"}}}});
    auto leaky = options();
    leaky.json = dir_ / "eval.json";
    leaky.trec = dir_ / "run.trec";
    leaky.qrels = dir_ / "qrels.trec";
    const auto report = evaluate(leaky);
    EXPECT_TRUE(report.leaky) << from;
    EXPECT_THAT(eval_table(report), HasSubstr("LEAKY"));
    EXPECT_THAT(read_file(dir_ / "eval.json"), HasSubstr("LEAKY"));
    EXPECT_THAT(read_file(dir_ / "run.trec"), HasSubstr("LEAKY"));
    std::filesystem::remove(dir_ / (from + ".meta.json"));
  }
  EXPECT_FALSE(evaluate(options()).leaky);
  EXPECT_THAT(eval_table(evaluate(options())), Not(HasSubstr("LEAKY")));
}

TEST_F(EvalTest, ListsOfAHeadThatSawTheTargetsAreRefusedAndForcedTheySayLeaky) {
  const auto write = [&](bool leaks) {
    write_meta("first.jsonl",
               {{"artifact", "reranked"},
                {"options", {{"head_breaches", {"its fit saw the test targets"}}, {"head_leaks", leaks}}}});
  };
  write(true);
  EXPECT_THAT(error_of(options()), HasSubstr("its fit saw the test targets"));
  auto forced = options();
  forced.force = true;
  EXPECT_THAT(eval_table(evaluate(forced)), HasSubstr("LEAKY"));
  write(false);
  EXPECT_FALSE(evaluate(forced).leaky) << "another profile is no leak";
}

TEST_F(EvalTest, ARunKeepsTheMarkOfItsLists) {
  write_meta("first.jsonl", {{"artifact", "candidates"}, {"settings", {{"split", "reference"}}}});
  auto writing = options();
  writing.trec = dir_ / "run.trec";
  (void)evaluate(writing);
  EXPECT_TRUE(evaluate(options({"run.trec"})).leaky);
}

TEST_F(EvalTest, TrecOutAndInGivesTheSameFigures) {
  auto writing = options();
  writing.trec = dir_ / "run.trec";
  writing.qrels = dir_ / "qrels.trec";
  const auto before = evaluate(writing);
  auto reading = options({"run.trec"});
  reading.ground_truth = dir_ / "qrels.trec";
  const auto after = evaluate(reading);
  EXPECT_EQ(after.files[0].values, before.files[0].values);
  EXPECT_EQ(after.files[0].counts.lists, before.files[0].counts.lists);
  EXPECT_EQ(read_file(dir_ / "qrels.trec"), "u1 0 a 1\nu2 0 b 1\nu3 0 c 1\n");
}

TEST_F(EvalTest, EqualRunsGiveEqualBytes) {
  auto writing = options({"first.jsonl", "second.jsonl"});
  writing.missing = MissingLists::kZero;
  writing.json = dir_ / "eval.json";
  (void)evaluate(writing);
  const auto json = read_file(dir_ / "eval.json");
  const auto meta = read_file(meta_path(dir_ / "eval.json"));
  writing.threads = 3;
  (void)evaluate(writing);
  EXPECT_EQ(read_file(dir_ / "eval.json"), json);
  EXPECT_EQ(read_file(meta_path(dir_ / "eval.json")), meta);
}

TEST_F(EvalTest, JsonHoldsMeansDifferencesAndSlices) {
  (void)dir_.write("reviews.jsonl", truth_row("u1", "a") + truth_row("u1", "b") + truth_row("u2", "b"));
  auto all = options({"first.jsonl", "second.jsonl"});
  all.missing = MissingLists::kZero;
  all.review = dir_ / "reviews.jsonl";
  const auto json = eval_json(evaluate(all));
  EXPECT_EQ(json["leaky"], false);
  EXPECT_EQ(json["truth"]["users"], 3);
  EXPECT_EQ(json["bootstrap"]["resamples"], 2000);
  const auto& second = json["files"][1]["groups"];
  EXPECT_EQ(second["all"]["users"], 3);
  EXPECT_EQ(second["all"]["pairs"], 3);
  EXPECT_NEAR(second["all"]["metrics"]["HIT@1"]["mean"].get<double>(), 1.0 / 3, 1e-12);
  EXPECT_EQ(second["all"]["metrics"]["HIT@1"]["difference"], 0);
  EXPECT_EQ(second["all"]["metrics"]["HIT@1"]["difference_interval"].size(), 2U);
  EXPECT_EQ(second["warm"]["users"], 2);  // u1, u2: two counts, the threshold is sorted[0]
  EXPECT_EQ(json["groups"]["head"]["reviews"], 1);
  EXPECT_FALSE(json["files"][0]["groups"]["all"]["metrics"]["HIT@1"].contains("difference"));
}

TEST(EvalPublishedSample, GivesThePublishedFigures) {
  P4R_NEED_SHARED("reference-sample");
  const auto folder = test::shared_data() / "reference-sample" / "amazon";
  EvalOptions options;
  options.candidates = {folder / "candidate.jsonl"};
  options.ground_truth = folder / "gt.jsonl";
  const auto report = evaluate(options);
  EXPECT_EQ(report.files[0].groups[0].users, 46U);
  const std::vector<double> published = {.3043, .4565, .6957, .1728, .1934, .2101, .2052, .2548, .3153};
  for (std::size_t m = 0; m < published.size(); ++m) {
    EXPECT_NEAR(report.files[0].groups[0].means[m], published[m], 0.00005) << to_string(report.metrics[m]);
  }
}

}  // namespace
}  // namespace persona4rec
