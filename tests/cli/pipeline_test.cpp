// The whole pipeline on data/tiny through the real program: it ends well, twice with the same bytes, and refuses inputs
// that do not belong together.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "support/json_lines.hpp"
#include "support/pipeline.hpp"

namespace persona4rec::test {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

std::vector<Json> read_rows(const std::filesystem::path& path) {
  return json_lines(read_file(path));
}

Json eval_of(const std::filesystem::path& workspace) {
  const RunResult result =
      run_program({"eval", workspace / "candidate.test.jsonl", workspace / "reranked.jsonl", "--workspace", workspace,
                   "--json", workspace / "eval.json", "--bootstrap", "50", "--quiet"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.err, IsEmpty());
  EXPECT_THAT(result.out, HasSubstr("NDCG@10"));
  return Json::parse(read_file(workspace / "eval.json"));
}

TEST(Pipeline, EndsWithRerankedListsOfTheSameItems) {
  const TempDir dir;
  ASSERT_NO_FATAL_FAILURE(run_pipeline(dir.path()));
  const auto before = read_rows(dir / "candidate.test.jsonl");
  const auto after = read_rows(dir / "reranked.jsonl");
  ASSERT_EQ(before.size(), after.size());
  ASSERT_GT(before.size(), 50U);
  std::size_t moved = 0;
  for (std::size_t i = 0; i < before.size(); ++i) {
    EXPECT_EQ(before[i]["user_id"], after[i]["user_id"]);
    std::vector<std::string> old_order;
    std::vector<std::string> new_order;
    for (const Json& result : before[i]["results"]) old_order.push_back(result["item_id"]);
    for (const Json& result : after[i]["results"]) {
      new_order.push_back(result["item_id"]);
      EXPECT_EQ(old_order.at(result["base_rank"].get<std::size_t>() - 1), new_order.back());
    }
    moved += old_order == new_order ? 0 : 1;
    std::sort(old_order.begin(), old_order.end());
    std::sort(new_order.begin(), new_order.end());
    EXPECT_EQ(old_order, new_order);
  }
  EXPECT_GT(moved, before.size() / 2);

  const Json report = eval_of(dir.path());
  EXPECT_THAT(report.dump(), HasSubstr("HIT@10"));
  const std::string explained =
      run_program({"rerank", "--workspace", dir.path(), "--candidates", dir / "candidate.test.jsonl", "--explain",
                   before[0]["user_id"].get<std::string>() + ":1"})
          .out;
  EXPECT_THAT(explained, HasSubstr(after[0]["results"][0]["persona_name"].get<std::string>()));
}

// The flags of one policy on every stage that splits: what one stage works out (the default --valid-cutoff) the next
// ones accept.
TEST(Pipeline, GoesThroughUnderEveryPolicy) {
  for (const std::vector<std::string>& policy :
       {std::vector<std::string>{"--split", "temporal", "--cutoff", "2022-05-01"}, {"--split", "reference"}}) {
    const TempDir dir;
    for (Stage stage : pipeline_stages(dir.path())) {
      const bool splits = stage.name == "personas" || stage.name == "prepare" || stage.name == "select" ||
                          stage.name.starts_with("candidates") || stage.name == "train" || stage.name == "cache";
      if (splits) stage.words.insert(stage.words.end(), policy.begin(), policy.end());
      const RunResult result = run_program(stage.words);
      ASSERT_EQ(result.exit_code, 0) << policy[1] << ", " << stage.name << ": " << result.err;
    }
    EXPECT_THAT(read_rows(dir / "4_selected_personas.jsonl"), Not(IsEmpty())) << policy[1];
    EXPECT_THAT(read_rows(dir / "reranked.jsonl"), Not(IsEmpty())) << policy[1];
  }
}

TEST(Pipeline, GivesTheSameBytesTwice) {
  const TempDir first;
  const TempDir second;
  ASSERT_NO_FATAL_FAILURE(run_pipeline(first.path()));
  for (Stage stage : pipeline_stages(second.path())) {
    const bool threaded = stage.name.starts_with("candidates") || stage.name == "train" || stage.name == "cache";
    if (threaded) stage.words.insert(stage.words.end(), {"--threads", "1"});
    const RunResult result = run_program(stage.words);
    ASSERT_EQ(result.exit_code, 0) << stage.name << ": " << result.err;
  }
  const auto files = reproducible_files(first.path());
  EXPECT_GT(files.size(), 40U);
  EXPECT_THAT(differing(files, reproducible_files(second.path())), IsEmpty());
}

TEST(Pipeline, RunAgainChangesNothing) {
  const TempDir dir;
  ASSERT_NO_FATAL_FAILURE(run_pipeline(dir.path()));
  const auto before = reproducible_files(dir.path());
  ASSERT_NO_FATAL_FAILURE(run_pipeline(dir.path()));
  EXPECT_THAT(differing(before, reproducible_files(dir.path())), IsEmpty());
}

TEST(Pipeline, RerankAnswersLineForLineOnStdout) {
  const TempDir dir;
  ASSERT_NO_FATAL_FAILURE(run_pipeline(dir.path()));
  const RunResult result = run_program(
      {"rerank", "--workspace", dir.path(), "--candidates", "-", "--made-by", "ease", "--reranked", "-", "--quiet"},
      {.input = read_file(dir / "candidate.test.jsonl")});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(result.out, read_file(dir / "reranked.jsonl"));
}

TEST(Pipeline, RefusesInputsThatDoNotBelongTogether) {
  const TempDir dir;
  ASSERT_NO_FATAL_FAILURE(run_pipeline(dir.path(), "select"));
  const Stage prepare = pipeline_stage("prepare", dir.path());
  const auto prepared = reproducible_files(dir.path());

  std::vector<std::string> other_seed = prepare.words;
  other_seed.insert(other_seed.end(), {"--seed", "5"});
  const RunResult seed = run_program(other_seed);
  EXPECT_EQ(seed.exit_code, 3);
  EXPECT_THAT(seed.err, HasSubstr("seed"));
  EXPECT_THAT(differing(prepared, reproducible_files(dir.path())), IsEmpty()) << "a refusal writes nothing";

  // A row of 3_personas changed by hand: its own meta file speaks of other bytes.
  (void)dir.write("3_personas.jsonl", prepared.at("3_personas.jsonl") + "\n");
  const RunResult bytes = run_program(prepare.words);
  EXPECT_EQ(bytes.exit_code, 3);
  EXPECT_THAT(bytes.err, HasSubstr("3_personas.jsonl"));
  std::vector<std::string> forced = prepare.words;
  forced.emplace_back("--force");
  const RunResult warned = run_program(forced);
  EXPECT_EQ(warned.exit_code, 0) << warned.err;
  EXPECT_THAT(warned.err, HasSubstr("warning: "));
}

TEST(Pipeline, RefusesPersonasOfAnotherRun) {
  const TempDir dir;
  const TempDir other;
  ASSERT_NO_FATAL_FAILURE(run_pipeline(dir.path(), "train"));
  PipelineInputs sampled;
  for (Stage stage : pipeline_stages(other.path(), sampled)) {
    if (stage.name == "prepare") break;
    if (stage.name == "extract-aspects" || stage.name == "summarize") {
      stage.words.insert(stage.words.end(), {"--sample", "400"});
    }
    ASSERT_EQ(run_program(stage.words).exit_code, 0) << stage.name;
  }
  // Aspects of one run, personas of another.
  Stage prepare = pipeline_stage("prepare", dir.path());
  prepare.words.insert(prepare.words.end(), {"--personas", other / "3_personas.jsonl"});
  const RunResult result = run_program(prepare.words);
  EXPECT_EQ(result.exit_code, 3);
  EXPECT_THAT(result.err, HasSubstr("3_personas"));
}

}  // namespace
}  // namespace persona4rec::test
