// Bad model folders and caches through the real program: each is called by its name, exit code 3.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "support/pipeline.hpp"

namespace persona4rec::test {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

RunResult encode_with(const fs::path& encoder, const fs::path& output, const std::string& texts = "a text\nanother\n") {
  return run_program({"encode", "--encoder", encoder, "--output", output}, {.input = texts});
}

struct BadFolder {
  const char* name;
  const char* file;  // of the model folder
  std::function<std::string(const std::string& good)> change;
  const char* message;  // somewhere behind the file's path
};

class BadFolders : public ::testing::TestWithParam<BadFolder> {};

TEST_P(BadFolders, AreCalledByTheirName) {
  const TempDir dir;
  const fs::path encoder = dir / "encoder";
  fs::copy(tiny_encoder(), encoder, fs::copy_options::recursive);
  const fs::path file = encoder / GetParam().file;
  const std::string good = read_file(file);
  (void)dir.write(std::string("encoder/") + GetParam().file, GetParam().change(good));
  const RunResult result = encode_with(encoder, dir / "x.npy");
  EXPECT_EQ(result.exit_code, 3) << result.err;
  EXPECT_THAT(result.err, HasSubstr("error: " + file.string() + ": "));
  EXPECT_THAT(result.err, HasSubstr(GetParam().message));
  EXPECT_FALSE(fs::exists(dir / "x.npy"));
}

std::string lfs_pointer(const std::string&) {
  return "version https://git-lfs.github.com/spec/v1\noid sha256:" + std::string(64, 'a') + "\nsize 90868376\n";
}

INSTANTIATE_TEST_SUITE_P(
    Table, BadFolders,
    ::testing::Values(
        BadFolder{"lfs_pointer", "model.safetensors", lfs_pointer, "LFS pointer"},
        BadFolder{"zip", "model.safetensors", [](const std::string& good) { return "PK\x03\x04" + good; }, "zip"},
        BadFolder{"truncated", "model.safetensors",
                  [](const std::string& good) { return good.substr(0, good.size() - 100); }, ""},
        BadFolder{"empty", "model.safetensors", [](const std::string&) { return std::string(); }, ""},
        BadFolder{"broken_config", "config.json", [](const std::string& good) { return good.substr(0, 20); }, ""},
        BadFolder{"nested_config", "config.json",
                  [](const std::string&) { return std::string(180'000, '[') + std::string(180'000, ']'); }, "nested"},
        BadFolder{"nested_header", "model.safetensors",
                  [](const std::string&) {
                    return std::string("\xa0\x86\x01\0\0\0\0\0{\"a\":", 13) + std::string(99'995, '[');
                  },
                  "nested"},
        BadFolder{"tokenizer_of_another_kind", "tokenizer.json", [](const std::string&) { return std::string("[1]"); },
                  "expected a JSON object"},
        BadFolder{
            "too_many_layers", "config.json",
            [](const std::string&) { return std::string(R"({"model_type": "bert", "num_hidden_layers": 16777216})"); },
            "num_hidden_layers"},
        BadFolder{"other_model", "config.json",
                  [](const std::string&) { return std::string(R"({"model_type": "llama"})"); }, "llama"}),
    [](const auto& info) { return std::string(info.param.name); });

TEST(ModelFolder, ThatIsMissingOrAFileIsNamed) {
  const TempDir dir;
  for (const fs::path& path : {dir / "nowhere", dir.write("file", "x")}) {
    const RunResult result = encode_with(path, dir / "x.npy");
    EXPECT_EQ(result.exit_code, 3) << result.err;
    EXPECT_THAT(result.err, HasSubstr("error: " + path.string()));
  }
}

TEST(ModelFolder, WithoutAConfigIsNone) {
  const TempDir dir;
  const RunResult result = encode_with(dir.path(), dir / "x.npy");
  EXPECT_EQ(result.exit_code, 3) << result.err;
  EXPECT_THAT(result.err, HasSubstr("error: " + dir.path().string() + ": not a model folder: it has no config.json"));
}

TEST(Encode, RefusesBadRowsAtTheirLine) {
  const TempDir dir;
  struct Case {
    const char* line;
    const char* message;
  };
  for (const auto& [line, message] : {Case{R"({"text": "cut)", "expected one whole JSON object"},
                                      {R"({"text": 3})", "field \"text\": expected a string, got a number"},
                                      {R"({"txt": "a"})", "field \"text\": expected a string, got no such field"},
                                      {"{\"text\": \"\xff\"}", "expected UTF-8"}}) {
    const RunResult result =
        run_program({"encode", "--encoder", tiny_encoder(), "--field", "text", "--output", dir / "x.npy"},
                    {.input = std::string("{\"text\": \"fine\"}\n") + line + "\n"});
    EXPECT_EQ(result.exit_code, 3) << line;
    EXPECT_THAT(result.err, HasSubstr(std::string("error: <stdin>:2: ") + message));
    EXPECT_FALSE(fs::exists(dir / "x.npy"));
  }
}

// The cache of one encoder, whose parts or head come from another.
TEST(Cache, OfAnotherEncoderIsRefused) {
  const TempDir dir;
  ASSERT_NO_FATAL_FAILURE(run_pipeline(dir.path()));
  const TempDir other;
  fs::copy(dir.path(), other.path(), fs::copy_options::recursive | fs::copy_options::overwrite_existing);
  Stage cache = pipeline_stage("cache", other.path());
  cache.words.insert(cache.words.end(), {"--encoder", tiny_encoder(), "--max-length", "8"});
  ASSERT_EQ(run_program(cache.words).exit_code, 0);
  fs::remove_all(dir / "cache/item_persona");
  fs::copy(other / "cache/item_persona", dir / "cache/item_persona", fs::copy_options::recursive);
  const auto before = reproducible_files(dir.path());
  const RunResult result = run_program(pipeline_stage("rerank", dir.path()).words);
  EXPECT_EQ(result.exit_code, 3) << result.err;
  EXPECT_THAT(result.err, HasSubstr("cache"));
  EXPECT_THAT(result.err, HasSubstr("persona4rec cache")) << "it says what to run again";
  EXPECT_THAT(differing(before, reproducible_files(dir.path())), IsEmpty());
}

TEST(Cache, ThatIsCutShortIsRefused) {
  const TempDir dir;
  ASSERT_NO_FATAL_FAILURE(run_pipeline(dir.path()));
  const fs::path vectors = dir / "cache/item_persona/persona_embeds.fp16.mmap";
  fs::resize_file(vectors, fs::file_size(vectors) - 2);
  const RunResult result = run_program(pipeline_stage("rerank", dir.path()).words);
  EXPECT_EQ(result.exit_code, 3) << result.err;
  EXPECT_THAT(result.err, HasSubstr(vectors.string()));
}

TEST(Cache, ThatIsMissingSaysWhatToRun) {
  const TempDir dir;
  ASSERT_NO_FATAL_FAILURE(run_pipeline(dir.path(), "cache"));
  const RunResult result = run_program(pipeline_stage("rerank", dir.path()).words);
  EXPECT_EQ(result.exit_code, 3) << result.err;
  EXPECT_THAT(result.err, HasSubstr("persona4rec cache"));
}

TEST(Outputs, ThatCannotBeWrittenExitWithOneBeforeTheWork) {
  const TempDir dir;
  (void)dir.write("file", "x");
  for (const fs::path& output : {dir / "file/below.jsonl", dir.path()}) {
    const RunResult result =
        run_program({"extract-aspects", "--config", kSource / "configs/tiny.toml", "--workspace", dir / "w",
                     "--raw-reviews", kSource / "data/tiny/reviews.jsonl", "--aspects", output});
    EXPECT_EQ(result.exit_code, 1) << result.err;
    EXPECT_THAT(result.err, HasSubstr("error: " + dir.path().string()));
  }
}

}  // namespace
}  // namespace persona4rec::test
