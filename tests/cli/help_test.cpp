// What the program says about itself, and what it says to a command line that it does not understand.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/paths.hpp"
#include "support/run_program.hpp"

namespace persona4rec::test {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

const std::vector<std::string> kCommands = {"extract-aspects", "summarize", "personas", "prepare",    "select", "train",
                                            "cache",           "rerank",    "eval",     "candidates", "encode"};

TEST(Help, ShowsThePipelineInOrder) {
  const RunResult help = run_program({"--help"});
  EXPECT_EQ(help.exit_code, 0);
  EXPECT_THAT(help.err, IsEmpty());
  std::size_t last = help.out.find("The pipeline, in order:");
  for (const std::string& command : kCommands) {
    const std::size_t at = help.out.find(" " + command + " ", last);
    ASSERT_NE(at, std::string::npos) << command << " is not there, or not in order";
    last = at;
  }
  EXPECT_NE(help.out.find("Exit codes:", last), std::string::npos);
}

TEST(Help, OfEachCommandSaysWhatItReadsWritesAndNeeds) {
  for (const std::string& command : kCommands) {
    const RunResult help = run_program({command, "--help"});
    EXPECT_EQ(help.exit_code, 0) << command;
    EXPECT_THAT(help.out, StartsWith("persona4rec " + command + ": "));
    for (const char* part : {"\n  reads ", "\n  writes ", "\n  needs ", "\nUsage: persona4rec ", "\nEvery command:\n",
                             "\n  --workspace ", "\n  --config ", "\nExample:\n  persona4rec "}) {
      EXPECT_THAT(help.out, HasSubstr(part)) << command;
    }
    EXPECT_THAT(help.out, Not(HasSubstr("\nOptions:\n"))) << command << " has a flag without a group";
  }
}

TEST(Help, IsWhatACallWithoutArgumentsGets) {
  const RunResult result = run_program({});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.out, IsEmpty()) << "stdout is for results";
  EXPECT_THAT(result.err, HasSubstr("The pipeline, in order"));
}

TEST(Version, IsSaid) {
  for (const auto& words : {std::vector<std::string>{"--version"}, {"eval", "--version"}}) {
    const RunResult result = run_program(words);
    EXPECT_EQ(result.exit_code, 0);
    EXPECT_THAT(result.out, ::testing::MatchesRegex("persona4rec [0-9]+\\.[0-9]+\\.[0-9]+\n"));
  }
}

struct BadLine {
  const char* name;
  std::vector<std::string> words;
  const char* message;
};

class BadLines : public ::testing::TestWithParam<BadLine> {};

TEST_P(BadLines, ExitWithTwoAndSayWhatToDo) {
  const RunResult result = run_program(GetParam().words);
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.out, IsEmpty());
  EXPECT_THAT(result.err, StartsWith(std::string("error: ") + GetParam().message));
  EXPECT_THAT(result.err, HasSubstr("--help` lists what there is"));
}

INSTANTIATE_TEST_SUITE_P(
    Table, BadLines,
    ::testing::Values(
        BadLine{"command", {"evl"}, "unknown command \"evl\"; did you mean eval?"},
        BadLine{"strange_command", {"xyzzy"}, "unknown command \"xyzzy\"\n"},
        BadLine{"no_command", {"--quiet"}, "no command given"},
        BadLine{"flag", {"candidates", "--topl", "5"}, "unknown flag --topl; did you mean --topk?"},
        BadLine{"flag_with_value", {"candidates", "--topl=5"}, "unknown flag --topl; did you mean --topk?"},
        BadLine{"shared_flag", {"eval", "--workspac", "x"}, "unknown flag --workspac; did you mean --workspace?"},
        BadLine{"flag_of_another", {"prepare", "--topk", "5"}, "unknown flag --topk; it is a flag of candidates"},
        BadLine{
            "needed_one_misspelt", {"encode", "--outptu", "x.npy"}, "unknown flag --outptu; did you mean --output?"},
        BadLine{"argument", {"prepare", "x"}, "unexpected argument \"x\""},
        BadLine{"no_value", {"prepare", "--seed"}, "--seed: a value is missing"},
        BadLine{"twice", {"prepare", "--seed", "1", "--seed", "2"}, "--seed: given more than once"},
        BadLine{"negative", {"prepare", "--seed", "-3"}, "--seed: expected a whole number >= 0, got \"-3\""},
        BadLine{"no_number", {"candidates", "--topk", "many"}, "--topk: expected a whole number >= 1, got \"many\""},
        BadLine{"nan", {"candidates", "--shrink", "nan"}, "--shrink: expected a number >= 0, got \"nan\""},
        BadLine{"list", {"eval", "--ks", "5,x"}, "--ks: expected a whole number >= 1, got \"x\""},
        BadLine{"choice",
                {"prepare", "--split", "random"},
                "--split: expected leave-one-out|temporal|cold-items|reference|none"},
        BadLine{"date", {"prepare", "--cutoff", "soon"}, "--cutoff: expected a date"}),
    [](const auto& info) { return std::string(info.param.name); });

TEST(Flags, ThatDoNotGoTogetherAreRefused) {
  for (const std::vector<std::string>& words : {std::vector<std::string>{"prepare", "--split", "temporal"},
                                                {"prepare", "--cutoff", "2015-01-01"},
                                                {"candidates", "--split", "temporal"}}) {
    const RunResult result = run_program(words);
    EXPECT_EQ(result.exit_code, 2) << result.err;
    EXPECT_THAT(result.err, HasSubstr("--cutoff"));
  }
}

TEST(Stdout, ThatIsFullIsAnError) {
  const TempDir dir;
  std::filesystem::create_symlink("/dev/full", dir / "full");
  const std::string command =
      test::program_file() + " --help > '" + (dir / "full").string() + "' 2> '" + (dir / "err").string() + "'";
  const int status = std::system(command.c_str());
  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 1);
  EXPECT_THAT(read_file(dir / "err"), HasSubstr("standard output: No space left on device"));
}

TEST(Stdout, ThatNobodyReadsEndsTheProgramQuietly) {
  const TempDir dir;
  // The reader is gone before the program starts: every write fails with EPIPE.
  const std::string command = "{ sleep 0.2; '" + test::program_file() + "' --help; echo $? > '" +
                              (dir / "code").string() + "'; } 2> '" + (dir / "err").string() + "' | true";
  ASSERT_EQ(std::system(command.c_str()), 0);
  for (int i = 0; i < 100 && !std::filesystem::exists(dir / "code"); ++i) usleep(50'000);
  EXPECT_EQ(read_file(dir / "code"), "141\n") << "128 + SIGPIPE";
  EXPECT_THAT(read_file(dir / "err"), IsEmpty());
}

TEST(Usage, APresetBesideAFlagThatSaysOtherwiseIsAnError) {
  for (const std::vector<std::string>& flag : std::vector<std::vector<std::string>>{
           {"--epochs", "20"}, {"--temperature", "0.1"}, {"--hard-negatives", "2"}, {"--profile", "both"}}) {
    std::vector<std::string> words = {"train", "--preset", "reference"};
    words.insert(words.end(), flag.begin(), flag.end());
    const RunResult result = run_program(words);
    EXPECT_EQ(result.exit_code, 2) << flag[0];
    EXPECT_THAT(result.err, HasSubstr("--preset reference sets " + flag[0]));
  }
}

}  // namespace
}  // namespace persona4rec::test
