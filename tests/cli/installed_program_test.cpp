// The program away from where it was built: where its configs, prices and encoder come from then.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "support/paths.hpp"
#include "support/run_program.hpp"
#include "support/temp_dir.hpp"

namespace persona4rec::test {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

namespace fs = std::filesystem;

// An installed tree in a folder of its own, and a home that holds nothing.
class InstalledProgram : public ::testing::Test {
 protected:
  InstalledProgram() {
    for (const char* folder : {"usr/bin", "home", "here"}) fs::create_directories(dir_ / folder);
    fs::copy_file(program_file(), dir_ / "usr/bin/persona4rec");
  }

  [[nodiscard]] RunResult run(const std::vector<std::string>& words) const {
    return run_program(words, {.environment = {{"HOME", dir_ / "home"},
                                               {"XDG_DATA_HOME", ""},
                                               {"XDG_CONFIG_HOME", ""},
                                               {"XDG_DATA_DIRS", dir_ / "system"},
                                               {"PERSONA4REC_ENCODER", ""}},
                               .input = "a text\n",
                               .directory = dir_ / "here",
                               .program = dir_ / "usr/bin/persona4rec"});
  }

  // A config whose reading ends in an error that names its file.
  void write_config(const std::string& file) const {
    fs::create_directories((dir_ / file).parent_path());
    (void)dir_.write(file, "[nothing]\n");
  }
  [[nodiscard]] std::string said_with(const std::string& config) const {
    return run({"extract-aspects", "--config", config}).err;
  }

  TempDir dir_;
};

TEST_F(InstalledProgram, FindsAConfigByNameBesideItself) {
  write_config("usr/share/persona4rec/configs/shop.toml");
  for (const char* name : {"shop", "shop.toml", "configs/shop.toml", "configs/shop"}) {
    EXPECT_THAT(said_with(name), HasSubstr((dir_ / "usr/share/persona4rec/configs/shop.toml").string() + ":1")) << name;
  }
}

TEST_F(InstalledProgram, TakesTheConfigThatIsNearest) {
  for (const std::string place : {"system/persona4rec/configs", "home/.local/share/persona4rec/configs",
                                  "usr/share/persona4rec/configs", "home/.config/persona4rec"}) {
    write_config(place + "/shop.toml");
    EXPECT_THAT(said_with("shop"), HasSubstr((dir_ / place).string() + "/shop.toml:1"));
  }
  write_config("here/shop.toml");
  EXPECT_THAT(said_with("shop.toml"), HasSubstr("error: shop.toml:1"));
}

TEST_F(InstalledProgram, ACopiedConfigFindsThePromptsThatItWasShippedWith) {
  (void)dir_.write("here/shop.toml", read_file(source_dir() / "configs/generic.toml"));
  const std::string reviews =
      dir_.write("here/reviews.jsonl", R"({"user_id":"u","item_id":"i","rating":5,"timestamp":1,"text":"good box"})");
  const std::vector<std::string> extract = {"extract-aspects", "--config", "shop.toml", "--workspace", "w",
                                            "--raw-reviews",   reviews};
  EXPECT_THAT(run(extract).err, HasSubstr((dir_ / "prompts/generic").string()));
  fs::create_directories(dir_ / "usr/share/persona4rec/prompts");
  fs::copy(source_dir() / "prompts/generic", dir_ / "usr/share/persona4rec/prompts/generic");
  const RunResult done = run(extract);
  EXPECT_EQ(done.exit_code, 0) << done.err;
}

TEST_F(InstalledProgram, SaysWhereAnEncoderWouldComeFrom) {
  const auto model = [&](const std::string& base) { return dir_ / base / "models/all-MiniLM-L6-v2"; };
  const std::vector<std::string> encode = {"encode", "--output", "x.npy"};
  fs::create_directories(dir_ / "usr/lib/persona4rec");
  fs::copy_file(fs::path(program_file()).parent_path() / "libpersona4rec_torch.so",
                dir_ / "usr/lib/persona4rec/libpersona4rec_torch.so");
  EXPECT_THAT(run(encode).err, AllOf(HasSubstr("no encoder"), HasSubstr((dir_ / "usr/share/persona4rec").string()),
                                     HasSubstr((dir_ / "home/.local/share/persona4rec").string()),
                                     HasSubstr((dir_ / "system/persona4rec").string())));
  fs::create_directories(model("system/persona4rec"));
  EXPECT_THAT(run(encode).err, HasSubstr(model("system/persona4rec").string())) << "an empty folder is no encoder";
  fs::create_directories(model("usr/share/persona4rec").parent_path());
  fs::copy(source_dir() / "tests/golden/encoder/tiny_bert", model("usr/share/persona4rec"),
           fs::copy_options::recursive);
  const RunResult done = run(encode);
  EXPECT_EQ(done.exit_code, 0) << done.err;
}

TEST_F(InstalledProgram, AnUnknownConfigKeepsTheNameThatWasGiven) {
  EXPECT_THAT(said_with("nothing"), HasSubstr("nothing"));
  EXPECT_EQ(run({"extract-aspects", "--config", "nothing"}).exit_code, 2);
}

}  // namespace
}  // namespace persona4rec::test
