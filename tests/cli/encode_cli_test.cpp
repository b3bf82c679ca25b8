// `persona4rec encode` as people call it, with the tiny models of tests/golden/encoder.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <unistd.h>

#include <cstring>
#include <nlohmann/json.hpp>

#include "support/paths.hpp"
#include "support/run_program.hpp"

namespace persona4rec::test {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

fs::path golden(const std::string& name) {
  return test::source_dir() / "tests" / "golden" / "encoder" / name;
}

// The values of a .npy file of f32.
std::vector<float> npy_values(const std::string& bytes) {
  const std::size_t begin =
      10 + static_cast<unsigned char>(bytes.at(8)) + 256U * static_cast<unsigned char>(bytes.at(9));
  std::vector<float> values((bytes.size() - begin) / sizeof(float));
  std::memcpy(values.data(), bytes.data() + begin, values.size() * sizeof(float));
  return values;
}

class EncodeCli : public ::testing::Test {
 protected:
  EncodeCli() : golden_(nlohmann::json::parse(read_file(golden("golden.json")))) {
    for (std::size_t i = 0; i < 3; ++i) texts_ += golden_["texts"][i].get<std::string>() + "\n";
  }
  [[nodiscard]] RunResult encode(std::vector<std::string> flags, const fs::path& encoder = golden("tiny_bert")) const {
    std::vector<std::string> words = {"encode", "--encoder", encoder, "--dtype", "f32", "--output", dir_ / "x.npy"};
    words.insert(words.end(), flags.begin(), flags.end());
    return run_program(words, {.input = texts_});
  }
  void expect_golden(const std::string& npy, const char* which) const {
    const auto values = npy_values(npy);
    ASSERT_EQ(values.size(), 3U * 32U);
    for (std::size_t i = 0; i < values.size(); ++i) {
      EXPECT_NEAR(values[i], golden_[which][i / 32][i % 32].get<float>(), 1e-5) << which << " " << i;
    }
  }

  TempDir dir_;
  nlohmann::json golden_;
  std::string texts_;
};

TEST_F(EncodeCli, WritesTheVectorsOfItsPeer) {
  const RunResult result = encode({});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, IsEmpty());
  for (const char* part : {"3 texts", "tokens/s", "texts/s", "x.npy"}) EXPECT_THAT(result.err, HasSubstr(part));
  expect_golden(read_file(dir_ / "x.npy"), "vectors");
  EXPECT_TRUE(fs::exists(dir_ / "x.npy.meta.json"));
}

TEST_F(EncodeCli, StandardOutputCarriesTheMatrixAlone) {
  const RunResult result = run_program(
      {"encode", "--encoder", golden("tiny_bert"), "--dtype", "f32", "--output", "-", "--quiet"}, {.input = texts_});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.err, IsEmpty());
  expect_golden(result.out, "vectors");
}

TEST_F(EncodeCli, AppliesTheSidesOfAHead) {
  const fs::path encoder = dir_ / "encoder";
  fs::copy(golden("tiny_bert"), encoder, fs::copy_options::recursive);
  fs::copy(golden("router"), encoder, fs::copy_options::recursive | fs::copy_options::overwrite_existing);
  for (const char* side : {"query", "document"}) {
    const RunResult result = encode({"--side", side}, encoder);
    ASSERT_EQ(result.exit_code, 0) << result.err;
    expect_golden(read_file(dir_ / "x.npy"), side == std::string("query") ? "query_vectors" : "document_vectors");
  }
  const RunResult headless = encode({"--side", "query"});
  EXPECT_EQ(headless.exit_code, 0) << headless.err;
  EXPECT_THAT(headless.err, HasSubstr("no head"));
  expect_golden(read_file(dir_ / "x.npy"), "vectors");
}

TEST_F(EncodeCli, ATextStoreSparesTheSecondRunAllWork) {
  const std::string store = dir_ / "cache/text.store";
  ASSERT_EQ(encode({"--text-store", store}).exit_code, 0);
  const std::string first = read_file(dir_ / "x.npy");
  const RunResult second = encode({"--text-store", store});
  EXPECT_EQ(second.exit_code, 0) << second.err;
  const auto run = nlohmann::json::parse(read_file(dir_ / "x.npy.run.json"));
  EXPECT_EQ(run.at("encoded"), 0);
  EXPECT_EQ(read_file(dir_ / "x.npy"), first);
}

TEST_F(EncodeCli, AStoreInUseOrForeignIsRefused) {
  const fs::path store = dir_ / "text.store";
  ASSERT_EQ(encode({"--text-store", store}).exit_code, 0);
  const int file = open(store.c_str(), O_RDONLY);
  ASSERT_EQ(flock(file, LOCK_EX), 0);
  const RunResult locked = encode({"--text-store", store});
  EXPECT_EQ(locked.exit_code, 1);
  EXPECT_THAT(locked.err, HasSubstr("in use by another run"));
  close(file);
  const RunResult foreign = encode({"--text-store", dir_.write("letter", std::string(200, 'x'))});
  EXPECT_EQ(foreign.exit_code, 3);
  EXPECT_THAT(foreign.err, HasSubstr("is not a text store"));
}

TEST_F(EncodeCli, BadFlagsAreUsageErrors) {
  for (const std::vector<std::string>& flags : {std::vector<std::string>{"--dtype", "f64"},
                                                {"--side", "user"},
                                                {"--max-length", "1"},
                                                {"--max-length", "65"}}) {
    const RunResult result = encode(flags);
    EXPECT_EQ(result.exit_code, 2) << flags[0] << " " << flags[1] << ": " << result.err;
  }
  EXPECT_FALSE(fs::exists(dir_ / "x.npy"));
}

TEST_F(EncodeCli, ADefaultPromptIsUsedUnlessThereIsAPrefix) {
  const fs::path encoder = dir_ / "encoder";
  fs::copy(golden("tiny_bert"), encoder, fs::copy_options::recursive);
  (void)dir_.write("encoder/config_sentence_transformers.json",
                   R"({"prompts": {"query": "the best "}, "default_prompt_name": "query"})");
  const auto vectors = [&](const std::vector<std::string>& flags, const fs::path& folder) {
    const RunResult result = encode(flags, folder);
    EXPECT_EQ(result.exit_code, 0) << result.err;
    return read_file(dir_ / "x.npy");
  };
  const std::string prefixed = vectors({"--prefix", "the best "}, golden("tiny_bert"));
  EXPECT_EQ(vectors({}, encoder), prefixed);
  EXPECT_EQ(vectors({"--prefix", "the best "}, encoder), prefixed);
  EXPECT_NE(vectors({}, golden("tiny_bert")), prefixed);
}

TEST_F(EncodeCli, ReadsXlmrFolders) {
  const RunResult result = encode({"--token-ids", dir_ / "ids.jsonl"}, golden("tiny_xlmr"));
  ASSERT_EQ(result.exit_code, 0) << result.err;
  const std::string ids = read_file(dir_ / "ids.jsonl");
  EXPECT_EQ(ids.substr(0, ids.find('\n')), golden_["xlmr"]["ids"][0].dump());
}

}  // namespace
}  // namespace persona4rec::test
