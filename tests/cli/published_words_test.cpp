// Whoever comes from the published Python code and uses its words is told the ones of this program.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/json_lines.hpp"
#include "support/run_program.hpp"

namespace persona4rec::test {
namespace {

using ::testing::HasSubstr;

std::string refusal(const std::vector<std::string>& words) {
  const auto result = run_program(words);
  EXPECT_EQ(result.exit_code, 2) << result.err;
  return result.err;
}

TEST(PublishedWords, TasksAndScriptsAreAnsweredWithTheCommand) {
  EXPECT_THAT(refusal({"generate_summary"}),
              HasSubstr("unknown command \"generate_summary\"; the published code's generate_summary is `persona4rec "
                        "summarize` here (docs/from-the-published-code.md)"));
  EXPECT_THAT(refusal({"build-cache"}), HasSubstr("`persona4rec cache`"));
  EXPECT_THAT(refusal({"train_encoder.py"}), HasSubstr("`persona4rec train`"));
  EXPECT_THAT(refusal({"evla"}), HasSubstr("did you mean eval?")) << "other words are as before";
}

TEST(PublishedWords, FlagsAreAnsweredWithTheFlag) {
  EXPECT_THAT(refusal({"extract-aspects", "--dataset", "amazon"}), HasSubstr("--config configs/amazon.toml"));
  EXPECT_THAT(refusal({"extract-aspects", "--num_sample", "5"}), HasSubstr("--num_sample is --sample here"));
  EXPECT_THAT(refusal({"cache", "--data_cfg", "x.yaml"}), HasSubstr("(TOML, not YAML)"));
}

TEST(PublishedWords, AYamlConfigIsAnsweredWithATomlOne) {
  const TempDir dir;
  EXPECT_THAT(refusal({"eval", "--config", dir.write("amazon.yaml", "alpha: 0.85\n")}),
              HasSubstr("amazon.yaml: is YAML, as the published code's configs are; configs are TOML here"));
}

TEST(PublishedWords, EvalTakesItsFlags) {
  const TempDir dir;
  const auto lists =
      dir.write("candidate.jsonl", "{\"user_id\":\"u\",\"results\":[{\"item_id\":\"a\"},{\"item_id\":\"b\"}]}\n");
  const auto truth = dir.write("gt.jsonl", "{\"user_id\":\"u\",\"item_id\":\"b\"}\n");
  const auto review = dir.write("review.jsonl", "{\"user_id\":\"u\",\"item_id\":\"b\"}\n");
  const auto theirs = run_program({"eval", "--candidates", lists, "--gt", truth, "--review", review, "--scenarios"});
  const auto ours = run_program({"eval", lists, "--ground-truth", truth, "--review", review});
  EXPECT_EQ(theirs.exit_code, 0) << theirs.err;
  EXPECT_EQ(theirs.out, ours.out);
}

}  // namespace
}  // namespace persona4rec::test
