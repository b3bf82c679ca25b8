// The program where its module for encoder and training is missing, broken or of another version.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "support/paths.hpp"
#include "support/pipeline.hpp"
#include "support/run_program.hpp"
#include "support/temp_dir.hpp"

namespace persona4rec::test {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kModule = "libpersona4rec_torch.so";

// The program in a folder of its own, without its module.
class ProgramAlone : public ::testing::Test {
 protected:
  ProgramAlone() {
    std::filesystem::create_directories(program_.parent_path());
    std::filesystem::copy_file(program_file(), program_);
  }
  [[nodiscard]] RunResult run(const std::vector<std::string>& words) const {
    return run_program(words, {.input = "a text\n", .program = program_});
  }
  [[nodiscard]] RunResult encode() const {
    return run({"encode", "--encoder", source_dir() / "tests/golden/encoder/tiny_bert", "--output", dir_ / "x.npy"});
  }
  void expect_refused(const RunResult& result, const std::string& why) const {
    EXPECT_EQ(result.exit_code, 1);
    EXPECT_THAT(result.err, HasSubstr(why));
    EXPECT_FALSE(std::filesystem::exists(dir_ / "x.npy"));
  }

  TempDir dir_;
  std::filesystem::path program_ = dir_ / "bin/persona4rec";
};

TEST_F(ProgramAlone, NeedsNoLibTorchForWhatServes) {
  EXPECT_EQ(run({"--version"}).exit_code, 0);
  (void)dir_.write("reranked.jsonl", R"({"user_id":"u1","results":[{"item_id":"a"}]})");
  (void)dir_.write("3.5_gt.jsonl", R"({"user_id":"u1","item_id":"a"})");
  const RunResult result = run({"eval", "--workspace", dir_.path(), "--ks", "1"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("NDCG@1         1.0000"));
}

TEST_F(ProgramAlone, NamesNoLibraryOfTorch) {
  EXPECT_THAT(read_file(program_), AllOf(Not(HasSubstr("libtorch")), Not(HasSubstr("libc10"))));
}

TEST_F(ProgramAlone, SaysWhichModuleIsMissingBeforeAnyWork) {
  expect_refused(encode(), std::string(kModule) + ", which is neither in " + program_.parent_path().string());
  const RunResult train = run({"train", "--workspace", dir_ / "none"});
  EXPECT_EQ(train.exit_code, 1);
  EXPECT_THAT(train.err, HasSubstr(kModule));
  EXPECT_FALSE(std::filesystem::exists(dir_ / "none"));
}

// Of 60 people's reviews every vector is in the text store: the second cache is made without LibTorch.
TEST_F(ProgramAlone, CachesWithoutLibTorchWhereEveryVectorIsStored) {
  const auto workspace = dir_ / "w";
  const Stage cache{.name = "cache",
                    .words = {"cache", "--encoder", tiny_encoder(), "--device", "cpu", "--config",
                              kSource / "configs/tiny.toml", "--workspace", workspace}};
  run_pipeline(workspace, "select");
  const RunResult refused = run(cache.words);
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_THAT(refused.err, HasSubstr(std::string(kModule) + ", which is neither in"));
  EXPECT_FALSE(std::filesystem::exists(workspace / "cache"));
  ASSERT_EQ(run_program(cache.words).exit_code, 0);
  const auto first = reproducible_files(workspace);
  const RunResult again = run(cache.words);
  EXPECT_EQ(again.exit_code, 0) << again.err;
  EXPECT_THAT(again.err, Not(HasSubstr("texts encoded")));
  EXPECT_THAT(differing(first, reproducible_files(workspace)), testing::IsEmpty());
}

TEST_F(ProgramAlone, SaysHowToInstallLibTorchWhereTheModuleCannotBeLoaded) {
  (void)dir_.write(std::string("bin/") + kModule, "no library");
  expect_refused(encode(), "need LibTorch, as scripts/setup.sh installs it");
}

TEST_F(ProgramAlone, RefusesAModuleOfAnotherVersion) {
  std::filesystem::copy_file(other_module_file(), dir_ / (std::string("bin/") + kModule));
  expect_refused(encode(), "is of version 0.0.0-other, the program of version ");
}

TEST_F(ProgramAlone, FindsTheModuleInTheLibFolderBesideItsOwn) {
  const auto folder = dir_ / "lib/persona4rec";
  std::filesystem::create_directories(folder);
  std::filesystem::copy_file(std::filesystem::path(program_file()).parent_path() / kModule, folder / kModule);
  const RunResult result = encode();
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_TRUE(std::filesystem::exists(dir_ / "x.npy"));
}

}  // namespace
}  // namespace persona4rec::test
