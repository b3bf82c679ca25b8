// `persona4rec eval` as people call it: what goes to which stream, which exit code, and what bad files are told.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "persona4rec/json.hpp"
#include "support/run_program.hpp"
#include "support/shared_data.hpp"

namespace persona4rec::test {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

constexpr const char* kLists = R"({"user_id":"u1","results":[{"item_id":"x"},{"item_id":"a"}]})"
                               "\n"
                               R"({"user_id":"u2","results":[{"item_id":"b"},{"item_id":"x"}]})"
                               "\n";
constexpr const char* kTruth = R"({"user_id":"u1","item_id":"a"})"
                               "\n"
                               R"({"user_id":"u2","item_id":"b"})"
                               "\n";

// A workspace with what the last stage reads.
class EvalCli : public ::testing::Test {
 protected:
  EvalCli() {
    (void)dir_.write("reranked.jsonl", kLists);
    (void)dir_.write("3.5_gt.jsonl", kTruth);
    (void)dir_.write("1_aspects.jsonl", R"({"user_id":"u1","item_id":"a"})"
                                        "\n"
                                        R"({"user_id":"u2","item_id":"a"})"
                                        "\n");
  }

  [[nodiscard]] RunResult eval(std::vector<std::string> words, const std::string& input = "") const {
    words.insert(words.begin(), {"eval", "--workspace", dir_.path().string()});
    return run_program(words, {.input = input});
  }

  TempDir dir_;
};

TEST_F(EvalCli, JudgesTheRerankedListsOfTheWorkspace) {
  const RunResult result = eval({"--ks", "1,2"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(result.out,
            "2 users with ground truth (3.5_gt.jsonl), world test\n"
            "\n"
            "             reranked\n"
            "users               2\n"
            "found          1.0000\n"
            "median rank       1.5\n"
            "\n"
            "HIT@1           .5000\n"
            "HIT@2          1.0000\n"
            "\n"
            "MRR@1           .5000\n"
            "MRR@2           .7500\n"
            "\n"
            "NDCG@1          .5000\n"
            "NDCG@2          .8155\n");
  EXPECT_THAT(result.err, StartsWith("eval: 2 users with ground truth"));
}

TEST_F(EvalCli, QuietLeavesTheTableAlone) {
  const RunResult result = eval({"--quiet"});
  EXPECT_THAT(result.err, IsEmpty());
  EXPECT_THAT(result.out, HasSubstr("NDCG@20"));
}

TEST_F(EvalCli, TakesListsFromStdinAndNamesFiles) {
  const RunResult piped = eval({(dir_ / "reranked.jsonl").string(), "-", "--names", "theirs,ours"}, kLists);
  EXPECT_EQ(piped.exit_code, 0) << piped.err;
  EXPECT_THAT(piped.out, HasSubstr("theirs"));
  EXPECT_THAT(piped.out, HasSubstr("ours  diff %   [95 % interval]"));
}

TEST_F(EvalCli, JsonOnStdoutIsAllThatStdoutHolds) {
  const RunResult result = eval({"--json", "-", "--bootstrap", "0"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  const auto json = Json::parse(result.out);
  EXPECT_EQ(json["files"][0]["groups"]["all"]["metrics"]["HIT@5"]["mean"], 1);
  EXPECT_FALSE(std::filesystem::exists("-.meta.json"));
}

TEST_F(EvalCli, WritesWhatIsAskedForWithMetaFiles) {
  const RunResult result = eval({"--json", (dir_ / "out/eval.json").string(), "--trec", (dir_ / "run.trec").string(),
                                 "--qrels", (dir_ / "qrels.trec").string()});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  for (const char* file : {"out/eval.json", "run.trec", "qrels.trec"}) {
    EXPECT_TRUE(std::filesystem::exists(dir_ / file)) << file;
    EXPECT_TRUE(std::filesystem::exists(dir_ / (std::string(file) + ".meta.json"))) << file;
  }
  const RunResult again = eval({(dir_ / "run.trec").string(), "--ground-truth", (dir_ / "qrels.trec").string()});
  EXPECT_EQ(again.exit_code, 0) << again.err;
  EXPECT_THAT(again.out, HasSubstr("HIT@5        1.0000"));
}

TEST_F(EvalCli, ScenariosReadTheReviewsOfTheWorkspace) {
  const RunResult result = eval({"--scenarios"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("warm users (at least 1 review)"));
  EXPECT_THAT(result.out, HasSubstr("users with tail items (at most 2 reviews)"));
}

TEST_F(EvalCli, RawReviewsAreReadByTheConfigsFieldNames) {
  const auto config = dir_.write("shop.toml",
                                 "[schema.review]\nitem = \"asin\"\nuser = \"who\"\nrating = \"r\"\n"
                                 "timestamp = \"t\"\ntimestamp-unit = \"s\"\ntext = \"x\"\n");
  const auto raw = dir_.write("raw.jsonl", R"({"who":"u1","asin":"a"})"
                                           "\n"
                                           R"({"who":"u1","asin":"b"})"
                                           "\n");
  const RunResult result = eval({"--review", raw.string(), "--config", config.string()});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("warm users (at least 2 reviews)"));
  EXPECT_THAT(eval({"--review", raw.string()}).err, HasSubstr("raw.jsonl:1: field \"user_id\""));
}

TEST_F(EvalCli, ListsOfTheOtherWorldAreRefused) {
  (void)dir_.write("reranked.jsonl.meta.json", R"({"artifact":"reranked","options":{"for":"valid"}})");
  const RunResult refused = eval({});
  EXPECT_EQ(refused.exit_code, 3);
  EXPECT_THAT(refused.err, HasSubstr("made for world valid"));
  EXPECT_THAT(refused.out, IsEmpty());
  EXPECT_EQ(eval({"--force"}).exit_code, 0);
}

struct BadFile {
  const char* name;
  const char* lists;
  const char* message;
};

class EvalCliBadFiles : public EvalCli, public ::testing::WithParamInterface<BadFile> {};

TEST_P(EvalCliBadFiles, AreToldWhereAndWhat) {
  const auto path = dir_.write("bad.jsonl", GetParam().lists);
  const RunResult result = eval({path.string()});
  EXPECT_EQ(result.exit_code, 3) << result.err;
  EXPECT_THAT(result.err, HasSubstr(GetParam().message));
  EXPECT_THAT(result.out, IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(
    Table, EvalCliBadFiles,
    ::testing::Values(
        BadFile{"truncated", "{\"user_id\":\"u1\",\"results\":[{\"item_id\":\"a\"", "bad.jsonl:1: "},
        BadFile{"missing_field", "{\"user_id\":\"u1\"}\n", "bad.jsonl:1: field \"results\": expected an array"},
        BadFile{"wrong_type", "{\"user_id\":\"u1\",\"results\":[{\"item_id\":[1]}]}\n",
                "bad.jsonl:1: field \"results[0].item_id\": expected a string or an integer, got an array"},
        BadFile{"bad_utf8", "{\"user_id\":\"u\xFF\",\"results\":[]}\n", "bad.jsonl:1: expected UTF-8"},
        BadFile{"nan", "{\"user_id\":\"u1\",\"results\":[{\"item_id\":\"a\",\"score\":NaN}]}\n", "bad.jsonl:1: "},
        BadFile{"duplicate_user",
                "{\"user_id\":\"u1\",\"results\":[]}\n{\"user_id\":\"u2\",\"results\":[]}\n"
                "{\"user_id\":\"u1\",\"results\":[]}\n",
                "bad.jsonl:3: field \"user_id\": expected one list a user"},
        BadFile{"empty", "", "bad.jsonl: "}, BadFile{"neither_format", "what is this\n", "6 fields of a TREC run"},
        BadFile{"lfs_pointer", "version https://git-lfs.github.com/spec/v1\n", "Git LFS pointer"}),
    [](const auto& info) { return std::string(info.param.name); });

TEST_F(EvalCli, FilesThatAreNone) {
  EXPECT_EQ(eval({(dir_ / "absent.jsonl").string()}).exit_code, 3);
  EXPECT_EQ(eval({dir_.path().string()}).exit_code, 3);
  EXPECT_EQ(eval({"--ground-truth", (dir_ / "absent.jsonl").string()}).exit_code, 3);
}

TEST_F(EvalCli, FlagsThatMakeNoSense) {
  for (const std::vector<std::string>& words : std::vector<std::vector<std::string>>{{"--ks", "0"},
                                                                                     {"--ks", "5,,10"},
                                                                                     {"--ks", "5,5"},
                                                                                     {"--missing", "maybe"},
                                                                                     {"--names", "a,b"},
                                                                                     {"--bootstrap", "-1"},
                                                                                     {"--confidence", "2"},
                                                                                     {"--formt", "trec"},
                                                                                     {"-", "-"}}) {
    const RunResult result = eval(words);
    EXPECT_EQ(result.exit_code, 2) << words.front() << ": " << result.err;
    EXPECT_THAT(result.out, IsEmpty());
  }
}

TEST_F(EvalCli, AnOutputThatCannotBeWrittenIsKnownBeforeTheWork) {
  const RunResult result = eval({"--json", (dir_ / "3.5_gt.jsonl/eval.json").string(), "absent.jsonl"});
  EXPECT_EQ(result.exit_code, 1) << result.err;
}

TEST(EvalCliPublished, SampleGivesThePublishedTable) {
  P4R_NEED_SHARED("reference-sample");
  const auto folder = shared_data() / "reference-sample" / "amazon";
  const RunResult result =
      run_program({"eval", (folder / "candidate.jsonl").string(), "--ground-truth", (folder / "gt.jsonl").string()});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  for (const char* row :
       {"users               46", "HIT@5            .3043", "HIT@10           .4565", "HIT@20           .6957",
        "MRR@5            .1728", "MRR@10           .1934", "MRR@20           .2101", "NDCG@5           .2052",
        "NDCG@10          .2548", "NDCG@20          .3153"}) {
    EXPECT_THAT(result.out, HasSubstr(row));
  }
  EXPECT_THAT(result.out, Not(HasSubstr("LEAKY")));
}

}  // namespace
}  // namespace persona4rec::test
