// eval's gates as a CI job uses them: verdicts, exit codes, reports.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "persona4rec/json.hpp"
#include "support/paths.hpp"
#include "support/run_program.hpp"
#include "support/temp_dir.hpp"

namespace persona4rec::test {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr int kUsers = 120;

std::string user_name(int user) {
  return "u" + std::to_string(user);
}

// One list a user whose true item "t" stands at `place(user)`, from 1.
template <class Place>
std::string lists_with(const Place& place, int users = kUsers) {
  std::string text;
  for (int user = 0; user < users; ++user) {
    Json row = {{"user_id", user_name(user)}, {"results", Json::array()}};
    for (int position = 1; position <= 20; ++position) {
      const std::string item = position == place(user) ? "t" : "i" + std::to_string(position);
      row["results"].push_back({{"item_id", item}, {"base_rank", position}, {"persona_id", "p"}});
    }
    if (user % 2 == 0) row["results"][0]["persona_id"] = nullptr;
    text += row.dump() + "\n";
  }
  return text;
}

class EvalGateCli : public ::testing::Test {
 protected:
  EvalGateCli() {
    std::string truth;
    std::string reviews;
    for (int user = 0; user < kUsers; ++user) {
      truth += Json({{"user_id", user_name(user)}, {"item_id", "t"}}).dump() + "\n";
      for (int review = 0; review <= user % 3; ++review) {
        reviews += Json({{"user_id", user_name(user)}, {"item_id", "t"}}).dump() + "\n";
      }
    }
    (void)dir_.write("3.5_gt.jsonl", truth);
    (void)dir_.write("1_aspects.jsonl", reviews);
    (void)dir_.write("reranked.jsonl", lists_with([](int user) { return 1 + user % 9; }));
    (void)dir_.write("worse.jsonl", lists_with([](int user) { return 2 + user % 9; }));
  }

  [[nodiscard]] std::string path(const std::string& name) const { return (dir_ / name).string(); }

  [[nodiscard]] RunResult eval(std::vector<std::string> words) const {
    words.insert(words.begin(), {"eval", "--workspace", dir_.path().string()});
    return run_program(words, {});
  }

  TempDir dir_;
};

TEST_F(EvalGateCli, AGateThatHoldsEndsWithZeroAndOneThatFailsWithFive) {
  const RunResult pass = eval({"--gate", "NDCG@10 >= .25", "--gate", "users >= 100"});
  EXPECT_EQ(pass.exit_code, 0) << pass.err;
  EXPECT_THAT(pass.out, HasSubstr("0 of 2 gates failed"));
  const RunResult fail = eval({"--gate", "NDCG@10 >= .99"});
  EXPECT_EQ(fail.exit_code, 5) << fail.err;
  EXPECT_THAT(fail.err, HasSubstr("error: 1 of 1 gate failed"));
  EXPECT_THAT(fail.out, HasSubstr("FAIL"));
}

TEST_F(EvalGateCli, ADropAgainstTheBaselineFails) {
  const RunResult fail =
      eval({path("worse.jsonl"), "--baseline", path("reranked.jsonl"), "--gate", "MRR@10 drop <= 1%"});
  EXPECT_EQ(fail.exit_code, 5) << fail.err;
  EXPECT_THAT(fail.out, HasSubstr("worse - baseline, all: 120 users in both"));
  EXPECT_THAT(fail.out, HasSubstr("win/tie/loss"));
  EXPECT_EQ(eval({path("worse.jsonl"), "--baseline", path("reranked.jsonl"), "--gate", "HIT@20 drop <= 1%"}).exit_code,
            0);
}

TEST_F(EvalGateCli, TheInconclusiveFailsOnlyWhenStrict) {
  (void)dir_.write("other.jsonl", lists_with([](int user) { return 1 + (user * 7 + user / 9) % 9; }));
  const std::vector<std::string> words = {path("other.jsonl"), "--baseline", path("reranked.jsonl"), "--gate",
                                          "MRR@10 drop <= 1%"};
  const RunResult open = eval(words);
  EXPECT_EQ(open.exit_code, 0) << open.out;
  EXPECT_THAT(open.out, HasSubstr("INCONCLUSIVE"));
  auto strict = words;
  strict.emplace_back("--strict");
  EXPECT_EQ(eval(strict).exit_code, 5);
}

TEST_F(EvalGateCli, AStoredBaselineSaysWhatItsListsSaid) {
  const RunResult made = eval({"--per-user", path("users.jsonl"), "--json", path("eval.json"), "--json-users"});
  ASSERT_EQ(made.exit_code, 0) << made.err;
  std::vector<std::string> outputs;
  for (const char* baseline : {"reranked.jsonl", "users.jsonl", "eval.json"}) {
    const RunResult result = eval({path("worse.jsonl"), "--baseline", path(baseline), "--gate", "NDCG@5 drop <= 50%"});
    EXPECT_EQ(result.exit_code, 0) << baseline << ": " << result.err;
    outputs.push_back(result.out);
  }
  EXPECT_EQ(outputs[0], outputs[1]);
  EXPECT_EQ(outputs[0], outputs[2]);
}

TEST_F(EvalGateCli, AStoredBaselineForOtherTruthOrMetricsIsRefused) {
  ASSERT_EQ(eval({"--per-user", path("users.jsonl"), "--json", path("eval.json")}).exit_code, 0);
  const RunResult without = eval({path("worse.jsonl"), "--baseline", path("eval.json")});
  EXPECT_EQ(without.exit_code, 3);
  EXPECT_THAT(without.err, HasSubstr("make it again with --json-users"));
  const RunResult other_k = eval({path("worse.jsonl"), "--baseline", path("users.jsonl"), "--ks", "3"});
  EXPECT_EQ(other_k.exit_code, 3);
  EXPECT_THAT(other_k.err, HasSubstr("not HIT@3"));
  (void)dir_.write("3.5_gt.jsonl", R"({"user_id":"u0","item_id":"i1"})"
                                   "\n");
  const RunResult other = eval({path("worse.jsonl"), "--baseline", path("users.jsonl")});
  EXPECT_EQ(other.exit_code, 3);
  EXPECT_THAT(other.err, HasSubstr("another ground truth"));
}

TEST_F(EvalGateCli, UsersThatOnlyOneSideHasAreSaid) {
  (void)dir_.write("few.jsonl", lists_with([](int user) { return 1 + user % 9; }, 30));
  const RunResult result = eval({"--baseline", path("few.jsonl"), "--gate", "NDCG@10 drop <= 1%", "--quiet"});
  EXPECT_THAT(result.err, HasSubstr("share 30 users"));
  EXPECT_THAT(result.out, HasSubstr("30 of 120 users in both"));
}

TEST_F(EvalGateCli, ScenariosAndUnknownShareCanBeGated) {
  const RunResult result = eval({"--scenarios", "--gate", "HIT@10 in cold >= .5", "--gate", "unknown share <= 1%"});
  EXPECT_EQ(result.exit_code, 5) << result.err;
  EXPECT_THAT(result.out, HasSubstr("HIT@10 in cold >= .5  PASS"));
  EXPECT_THAT(result.out, HasSubstr(".0250"));  // one of 20 items in half of the lists
}

TEST_F(EvalGateCli, AGateFileIsReadAndItsMistakesNamed) {
  const auto file =
      dir_.write("gate.toml", "strict = false\ngates = [\n  \"NDCG@10 >= .1\",\n  \"users >= 120\",\n]\n");
  const RunResult pass = eval({"--gate-file", file.string()});
  EXPECT_EQ(pass.exit_code, 0) << pass.err;
  EXPECT_THAT(pass.out, HasSubstr("0 of 2 gates failed"));
  (void)dir_.write("gate.toml", "gates = [\n  \"NDCG@10 >= .1\",\n  \"NDGC@10 >= .1\",\n]\n");
  const RunResult bad = eval({"--gate-file", file.string()});
  EXPECT_EQ(bad.exit_code, 2);
  EXPECT_THAT(bad.err, HasSubstr("gate.toml:3: gate \"NDGC@10 >= .1\", position 1: expected a metric (HIT, MRR"));
  (void)dir_.write("gate.toml", "gate = [\"NDCG@10 >= .1\"]\n");
  EXPECT_THAT(eval({"--gate-file", file.string()}).err, HasSubstr("gate.toml:1: unknown key \"gate\""));
}

TEST_F(EvalGateCli, GatesThatCannotBeJudgedAreUsageErrors) {
  for (const std::vector<std::string>& words : std::vector<std::vector<std::string>>{
           {"--gate", "NDCG@10 drop <= 1%"},
           {"--gate", "NDCG@10 in cold >= .1"},
           {"--gate", "NOVELTY@10 >= 1"},
           {"--gate", "NDCG@10 >= .1", "--junit", "-", "--markdown", "-"},
           {"--junit", "gate.xml"},
           {"--json-users"},
           {"--metrics", "NDGC"},
           {"--baseline", "reranked.jsonl", "--bootstrap", "0", "--gate", "NDCG@10 drop <= 1%"}}) {
    const RunResult result = eval(words);
    EXPECT_EQ(result.exit_code, 2) << words.front() << ": " << result.err;
    EXPECT_THAT(result.out, IsEmpty());
  }
}

TEST_F(EvalGateCli, WritesJUnitAndMarkdownAlsoWhenAGateFails) {
  const RunResult result = eval({"--gate", "NDCG@10 >= .99", "--junit", path("gate.xml"), "--markdown", "-"});
  EXPECT_EQ(result.exit_code, 5) << result.err;
  EXPECT_THAT(read_file(dir_ / "gate.xml"), HasSubstr("<failure message=\"FAIL: "));
  EXPECT_THAT(result.out, HasSubstr("| `NDCG@10 >= .99` | ❌ **FAIL** |"));
  EXPECT_THAT(result.out, Not(HasSubstr("median rank"))) << "the Markdown stands where the table would";
}

TEST_F(EvalGateCli, MetricsOfGatesAndOfTheFlagAreShown) {
  const RunResult result = eval({"--metrics", "recall@5,Coverage@10", "--gate", "MAP@7 >= 0"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("RECALL@5"));
  EXPECT_THAT(result.out, HasSubstr("COVERAGE@10"));
  EXPECT_THAT(result.out, HasSubstr("MAP@7"));
  EXPECT_THAT(result.out, Not(HasSubstr("NDCG")));
}

}  // namespace
}  // namespace persona4rec::test
