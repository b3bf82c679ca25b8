// Config files and the real program: what reaches which command, and what is refused where.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/run_program.hpp"

namespace persona4rec::test {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

// A call whose input is missing says which file it wanted: that shows which values arrived.
constexpr const char* kConfig = R"(workspace = "from/config"
max-bad-rows = 3
min-positives = 2
split = "leave-one-out"

[schema.review]
item = "i"
user = "u"
rating = "r"
timestamp = "t"
timestamp-unit = "s"
text = "x"

[prepare]
summary = "section/summary.jsonl"

[candidates]
topk = 20
workspace = "candidates/only"
)";

RunResult run_with(const TempDir& dir, const std::string& config, std::vector<std::string> words) {
  words.insert(words.end(), {"--config", dir.write("x.toml", config).string()});
  return run_program(words);
}

TEST(Config, ReachesTheCommand) {
  const TempDir dir;
  const RunResult result = run_with(dir, kConfig, {"prepare"});
  EXPECT_EQ(result.exit_code, 3);
  EXPECT_THAT(result.err, HasSubstr("section/summary.jsonl"));
}

TEST(Config, ALeadingTildeIsTheHomeFolder) {
  const TempDir dir;
  const auto config = dir.write("x.toml", "workspace = \"~/runs\"\n").string();
  const RunResult there =
      run_program({"prepare", "--config", config}, {.environment = {{"HOME", dir.path().string()}}});
  EXPECT_THAT(there.err, HasSubstr((dir / "runs/").string()));
  const RunResult homeless = run_program({"prepare", "--config", config}, {.environment = {{"HOME", ""}}});
  EXPECT_EQ(homeless.exit_code, 2);
  EXPECT_THAT(homeless.err, HasSubstr("x.toml:1: ~/: $HOME is not set"));
}

TEST(Config, LosesToTheCommandLine) {
  const TempDir dir;
  const RunResult result = run_with(dir, kConfig, {"prepare", "--summary", "mine.jsonl"});
  EXPECT_EQ(result.exit_code, 3);
  EXPECT_THAT(result.err, HasSubstr("mine.jsonl"));
}

TEST(Config, ASectionWinsOverSharedKeysForItsCommandAlone) {
  const TempDir dir;
  EXPECT_THAT(run_with(dir, kConfig, {"candidates"}).err, HasSubstr("candidates/only/1_aspects.jsonl"));
  EXPECT_THAT(run_with(dir, kConfig, {"eval"}).err, HasSubstr("from/config/"));
}

TEST(Config, MayStandBeforeTheCommand) {
  const TempDir dir;
  const auto file = dir.write("x.toml", kConfig).string();
  EXPECT_THAT(run_program({"--config", file, "candidates"}).err, HasSubstr("candidates/only/"));
}

struct BadConfig {
  const char* name;
  const char* from;  // of kConfig
  const char* to;
  const char* message;
};

class BadConfigs : public ::testing::TestWithParam<BadConfig> {};

// Whatever the command: a mistake in another command's section is found at once, not in stage 7.
TEST_P(BadConfigs, ExitWithTwoAtFileAndLine) {
  std::string config = kConfig;
  const std::size_t at = config.find(GetParam().from);
  ASSERT_NE(at, std::string::npos);
  config.replace(at, std::string(GetParam().from).size(), GetParam().to);
  const TempDir dir;
  const RunResult result = run_with(dir, config, {"prepare"});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.err, StartsWith("error: " + (dir / "x.toml").string() + GetParam().message));
}

INSTANTIATE_TEST_SUITE_P(
    Table, BadConfigs,
    ::testing::Values(
        BadConfig{"shared_key", "min-positives", "min-positive",
                  ":3: unknown key \"min-positive\" above the first section; did you mean min-positives?"},
        BadConfig{"key_of_another_section", "topk = 20", "tokp = 20",
                  ":18: unknown key \"tokp\" in [candidates]; did you mean topk?"},
        BadConfig{"section", "[candidates]", "[candidate]",
                  ":17: unknown section [candidate]: sections are commands; did you mean candidates?"},
        BadConfig{"key_that_is_no_config_key", "max-bad-rows = 3", "config = \"y.toml\"", ":2: unknown key \"config\""},
        BadConfig{"value", "max-bad-rows = 3", "max-bad-rows = -3",
                  ":2: --max-bad-rows: expected a whole number >= 0, got \"-3\""},
        BadConfig{"type", "max-bad-rows = 3", "max-bad-rows = \"few\"",
                  ":2: --max-bad-rows: expected a whole number >= 0, got \"few\""},
        BadConfig{"list_for_a_number", "max-bad-rows = 3", "max-bad-rows = [1, 2]", ":2: --max-bad-rows: expected"},
        BadConfig{"choice", "\"leave-one-out\"", "\"random\"", ":4: --split: expected leave-one-out|temporal"},
        BadConfig{"flag", "max-bad-rows = 3", "quiet = \"no\"", ":2: quiet: expected true or false, got \"no\""},
        BadConfig{"toml", "topk = 20", "topk = ", ":18: "},
        BadConfig{"schema_key", "user = ", "usr = ", ":8: unknown key \"usr\" in [schema.review]"},
        BadConfig{"schema_unit", "\"s\"", "\"h\"", ":11: timestamp-unit: expected"}),
    [](const auto& info) { return std::string(info.param.name); });

TEST(Config, ThatCannotBeReadIsNamed) {
  const TempDir dir;
  for (const std::filesystem::path& path : {dir / "missing.toml", dir.path()}) {
    const RunResult result = run_program({"prepare", "--config", path.string()});
    EXPECT_EQ(result.exit_code, 2);
    EXPECT_THAT(result.err, StartsWith("error: " + path.string() + ": is no readable file"));
  }
}

}  // namespace
}  // namespace persona4rec::test
