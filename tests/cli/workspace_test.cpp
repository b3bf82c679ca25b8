// status, show, doctor, --if-stale and the words of the command line, through the real program.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cstdlib>

#include "persona4rec/json.hpp"
#include "support/paths.hpp"
#include "support/pipeline.hpp"

namespace persona4rec::test {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

// The whole pipeline once for all tests of this file.
const std::filesystem::path& workspace() {
  static const TempDir kDir;
  static const std::filesystem::path kWorkspace = [] {
    run_pipeline(kDir / "w");
    return kDir / "w";
  }();
  return kWorkspace;
}

RunResult run_in(const std::vector<std::string>& words) {
  auto all = words;
  all.insert(all.end(), {"--workspace", workspace().string()});
  return run_program(all);
}

TEST(Workspace, IsFreshAfterThePipeline) {
  const RunResult result = run_in({"status", "--as-json"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  for (const auto& artifact : Json::parse(result.out)["artifacts"]) {
    EXPECT_EQ(artifact["state"], "fresh") << artifact.dump();
  }
  EXPECT_THAT(run_in({"status", "--verify"}).out, HasSubstr("next: nothing"));
}

TEST(Workspace, IfStaleSkipsTheSameCallAndNoOther) {
  auto words = pipeline_stage("personas", workspace()).words;
  words.push_back("--if-stale");
  EXPECT_THAT(run_program(words).err, HasSubstr("personas: fresh, nothing to do"));
  words.push_back("--force");
  EXPECT_THAT(run_program(words).err, Not(HasSubstr("nothing to do")));
  EXPECT_EQ(run_program(pipeline_stage("personas", workspace()).words).exit_code, 0);
}

TEST(Workspace, ShowsAnItemAndAUserWithTitles) {
  const RunResult item = run_in({"show", "item", "g05"});
  EXPECT_THAT(item.out, AllOf(StartsWith("item g05 \"Salt Assembly\""), HasSubstr("personas: "), HasSubstr("2021-"),
                              HasSubstr("chosen by the judge: "), HasSubstr("in reranked lists: ")));
  const RunResult user = run_in({"show", "user", "u58", "--as-json", "--most", "0"});
  const Json shown = Json::parse(user.out);
  EXPECT_EQ(shown["list"]["count"], shown["list"]["shown"].size());
  EXPECT_FALSE(shown["list"]["shown"][0]["title"].get<std::string>().empty());
  EXPECT_EQ(shown["targets"].size(), 2U) << "valid and test";
  EXPECT_THAT(shown["missing"], IsEmpty());
}

TEST(Workspace, ShowSaysWhatItDoesNotKnowAndWhichCommandIsMissing) {
  const TempDir empty;
  const RunResult result = run_program({"show", "user", "nobody", "--workspace", empty.path()});
  EXPECT_EQ(result.exit_code, 3);
  EXPECT_THAT(result.err, AllOf(HasSubstr("\"nobody\""), HasSubstr("persona4rec prepare")));
}

TEST(Workspace, ExplainShowsTitles) {
  EXPECT_THAT(run_in({"rerank", "--explain", "u58:1"}).out, HasSubstr("\"   was "));
}

TEST(Doctor, NamesEveryPartAndChangesNothing) {
  const TempDir dir;
  const RunResult result = run_program({"doctor", "--workspace", dir / "new", "--encoder", tiny_encoder()});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  for (const char* part : {"program", "processor", "memory", "LibTorch", "encoder", "number type", "service", "disk"}) {
    EXPECT_THAT(result.out, HasSubstr(part));
  }
  EXPECT_FALSE(std::filesystem::exists(dir / "new"));
}

TEST(Doctor, SaysWhatCannotBeUsed) {
  const RunResult result = run_program({"doctor", "--encoder", "/nowhere", "--llm-base-url", "http://127.0.0.1:9/v1"});
  EXPECT_THAT(result.out, AllOf(HasSubstr("! encoder"), HasSubstr("! service")));
}

TEST(Words, HelpVersionAndTheirCommands) {
  EXPECT_EQ(run_program({"help"}).out, run_program({"--help"}).out);
  EXPECT_EQ(run_program({"help", "eval"}).out, run_program({"eval", "--help"}).out);
  EXPECT_EQ(run_program({"version"}).out, run_program({"-V"}).out);
  const RunResult unknown = run_program({"help", "evla"});
  EXPECT_EQ(unknown.exit_code, 2);
  EXPECT_THAT(unknown.err, HasSubstr("did you mean eval"));
}

TEST(Words, HelpFitsEightyColumns) {
  std::vector<std::string> pages = {run_program({"--help"}).out};
  for (const auto* command : {"extract-aspects", "train", "rerank", "eval", "status", "show", "doctor", "completion"}) {
    pages.push_back(run_program({"help", command}).out);
  }
  for (const auto& page : pages) {
    std::istringstream lines(page);
    for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 80U) << line;
  }
}

TEST(Words, TheCompletionOfBashKnowsCommandsFlagsAndChoices) {
  const TempDir dir;
  const auto script = dir.write("c.bash", run_program({"completion", "bash"}).out);
  const auto completes = [&](const std::string& words, const std::string& expected) {
    const std::string call =
        "bash -c 'source " + script.string() + "; COMP_WORDS=(persona4rec " + words +
        "); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _persona4rec; [[ \" ${COMPREPLY[*]} \" == *\" " + expected +
        " \"* ]]'";
    return std::system(call.c_str()) == 0;
  };
  EXPECT_TRUE(completes("ev", "eval"));
  EXPECT_TRUE(completes("rerank --can", "--candidates"));
  EXPECT_TRUE(completes("rerank --for v", "valid"));
  EXPECT_TRUE(completes("show it", "item"));
  EXPECT_FALSE(completes("rerank --for v", "test")) << "the check can fail";
}

TEST(Words, EveryCompletionAndTheManPageNameEveryCommand) {
  for (const auto& words : std::vector<std::vector<std::string>>{
           {"completion", "bash"}, {"completion", "zsh"}, {"completion", "fish"}, {"man"}}) {
    const RunResult page = run_program(words);
    EXPECT_EQ(page.exit_code, 0);
    for (const char* name : {"extract", "rerank", "eval", "doctor", "reranked", "workspace"}) {
      EXPECT_THAT(page.out, HasSubstr(name)) << words.back();
    }
  }
}

TEST(Words, LogLevelWarningSilencesTheSummary) {
  auto words = pipeline_stage("prepare", workspace()).words;
  words.insert(words.end(), {"--log-level", "warning"});
  EXPECT_THAT(run_program(words).err, IsEmpty());
}

TEST(Words, AReaderThatIsGoneEndsTheProgramQuietly) {
  const TempDir dir;
  const std::string call = "bash -o pipefail -c '" + program_file() + " help 2>" + (dir / "err").string() +
                           " | exec 0<&-; exit ${PIPESTATUS[0]}'";
  (void)std::system(call.c_str());  // which of both is first decides the status; nothing may be said
  EXPECT_EQ(std::filesystem::file_size(dir / "err"), 0U);
  const std::string stream = "exec 3> >(exec 0<&-); sleep 0.2; for i in 1 2 3; do " + program_file() +
                             " completion zsh >&3 2>" + (dir / "err").string() + "; s=$?; done; exit $s";
  const int status = std::system(("bash -c '" + stream + "'").c_str());
  EXPECT_EQ(WEXITSTATUS(status), 141);
  EXPECT_EQ(std::filesystem::file_size(dir / "err"), 0U);
}

TEST(Words, OutputIsTheNameOfEveryStagesOutput) {
  for (const auto* command : {"extract-aspects", "summarize", "personas", "prepare", "select", "train", "cache",
                              "rerank", "eval", "candidates", "encode"}) {
    EXPECT_THAT(run_program({"help", command}).out, AllOf(HasSubstr("-o,"), HasSubstr("--output"))) << command;
  }
  const TempDir dir;
  auto words = pipeline_stage("prepare", workspace()).words;
  words.insert(words.end(), {"-o", dir / "there"});
  EXPECT_EQ(run_program(words).exit_code, 0);
  EXPECT_TRUE(std::filesystem::exists(dir / "there/3.5_targets.jsonl"));
}

TEST(Words, PathsOfAConfigAreRelativeToIt) {
  const TempDir dir;
  const auto config = dir.write("sub/x.toml", "workspace = \"../w\"\n[prepare]\nsummary = \"s.jsonl\"\n");
  const RunResult result = run_program({"prepare", "--config", config});
  EXPECT_THAT(result.err, HasSubstr((dir / "sub/s.jsonl").string())) << "shown whole";
  const RunResult given = run_program({"prepare", "--config", config, "--summary", "mine.jsonl"});
  EXPECT_THAT(given.err, HasSubstr(" mine.jsonl")) << "that of the command line is not";
}

}  // namespace
}  // namespace persona4rec::test
