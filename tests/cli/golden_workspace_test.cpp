// What earlier versions wrote is read, or refused with the command to rerun (scripts/make_golden_workspace.sh).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "persona4rec/json.hpp"
#include "support/pipeline.hpp"

namespace persona4rec::test {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;

class GoldenWorkspace : public ::testing::TestWithParam<const char*> {
 protected:
  GoldenWorkspace() {
    fs::copy(source_dir() / "tests/golden" / (std::string("workspace-") + GetParam()), dir_.path(),
             fs::copy_options::recursive | fs::copy_options::overwrite_existing);
  }
  RunResult run(std::vector<std::string> words) const {
    words.insert(words.end(), {"--config", source_dir() / "configs/tiny.toml", "--workspace", dir_.path(), "--quiet"});
    return run_program(words);
  }
  RunResult rerank(const char* cache, std::vector<std::string> more = {}) const {
    more.insert(more.begin(), {"rerank", "--cache", dir_ / cache, "--reranked", dir_ / "again.jsonl"});
    return run(more);
  }
  // The lists of two files: the same order, scores equal to what the processor's kernels may differ by.
  void expect_same_lists(const char* one, const char* other) const {
    std::istringstream first(read_file(dir_ / one));
    std::istringstream second(read_file(dir_ / other));
    std::size_t lists = 0;
    for (std::string a, b; std::getline(first, a) && std::getline(second, b); ++lists) {
      const Json x = Json::parse(a);
      const Json y = Json::parse(b);
      ASSERT_EQ(x["user_id"], y["user_id"]);
      ASSERT_EQ(x["results"].size(), y["results"].size());
      for (std::size_t i = 0; i < x["results"].size(); ++i) {
        EXPECT_EQ(x["results"][i]["item_id"], y["results"][i]["item_id"]);
        EXPECT_NEAR(x["results"][i]["score"].get<double>(), y["results"][i]["score"].get<double>(), 1e-5);
      }
    }
    EXPECT_GT(lists, 0U);
  }

  TempDir dir_;
};

TEST_P(GoldenWorkspace, ItsCacheReranksAsItDid) {
  const auto result = rerank("cache");
  ASSERT_EQ(result.exit_code, 0) << result.err;
  expect_same_lists("again.jsonl", "reranked.jsonl");
  EXPECT_EQ(run({"eval", dir_ / "reranked.jsonl", dir_ / "again.jsonl"}).exit_code, 0);
}

TEST_P(GoldenWorkspace, ItsArtifactsAreCachedAndTrainedOn) {
  const auto cached = run({"cache", "--encoder", tiny_encoder(), "--dtype", "f32"});
  ASSERT_EQ(cached.exit_code, 0) << cached.err;
  ASSERT_EQ(rerank("cache").exit_code, 0);
  const auto trained = run({"train", "--encoder", tiny_encoder(), "--dtype", "f32", "--epochs", "1"});
  ASSERT_EQ(trained.exit_code, 0) << trained.err;
  const auto served = run({"cache", "--encoder", dir_ / "encoder", "--dtype", "f32"});
  EXPECT_EQ(served.exit_code, 0) << served.err;
}

TEST_P(GoldenWorkspace, HasOneTextStoreForEveryCacheFolderAndEncoder) {
  const auto encoded = [&](const char* cache, const fs::path& encoder) -> std::uint64_t {
    const auto result = run({"cache", "--encoder", encoder, "--dtype", "f32", "--cache", dir_ / cache});
    EXPECT_EQ(result.exit_code, 0) << result.err;
    return Json::parse(read_file(dir_ / (std::string(cache) + ".run.json"))).at("encoded_texts").get<std::uint64_t>();
  };
  const fs::path other_encoder = source_dir() / "tests/golden/encoder/tiny_xlmr";
  EXPECT_GT(encoded("one", tiny_encoder()), 0U);
  EXPECT_EQ(encoded("two", tiny_encoder()), 0U);
  EXPECT_GT(encoded("three", other_encoder), 0U);
  EXPECT_EQ(encoded("four", other_encoder), 0U);
  EXPECT_EQ(encoded("five", tiny_encoder()), 0U);
  EXPECT_TRUE(fs::exists(dir_ / "text.store"));
  EXPECT_FALSE(fs::exists(dir_ / "one/text.store"));
}

TEST_P(GoldenWorkspace, ItsHeadIsRefusedWithTheCommandToRerun) {
  if (fs::exists(dir_ / "encoder/serving_contract.json")) GTEST_SKIP() << "this version's heads carry a contract";
  const auto cached = run({"cache", "--encoder", dir_ / "encoder", "--dtype", "f32", "--cache", dir_ / "new"});
  EXPECT_EQ(cached.exit_code, 3);
  EXPECT_THAT(cached.err, HasSubstr("run `persona4rec train` again"));
  const auto reranked = rerank("cache_head");
  EXPECT_EQ(reranked.exit_code, 3);
  EXPECT_THAT(reranked.err, AllOf(HasSubstr("run `persona4rec train`"), HasSubstr("`persona4rec cache` again")));
  const auto forced = rerank("cache_head", {"--force"});
  ASSERT_EQ(forced.exit_code, 0) << forced.err;
  expect_same_lists("again.jsonl", "reranked_head.jsonl");
  const auto judged = run({"eval", dir_ / "again.jsonl"});
  EXPECT_EQ(judged.exit_code, 3) << judged.err;
}

TEST_P(GoldenWorkspace, OfANewerMajorVersionIsRefused) {
  for (const std::string name : {"cache.meta.json", "3.5_history.jsonl.meta.json"}) {
    Json meta = Json::parse(read_file(dir_ / name));
    meta["version"] = "9.1.0";
    (void)dir_.write(name, meta.dump());
  }
  for (const auto& result : {rerank("cache"), run({"cache", "--encoder", tiny_encoder(), "--cache", dir_ / "new"})}) {
    EXPECT_EQ(result.exit_code, 3);
    EXPECT_THAT(result.err, HasSubstr("persona4rec 9.1.0"));
  }
}

INSTANTIATE_TEST_SUITE_P(Version, GoldenWorkspace, ::testing::Values("0.1.0"), [](const auto& info) {
  std::string name = info.param;
  std::ranges::replace(name, '.', '_');
  return "v" + name;
});

}  // namespace
}  // namespace persona4rec::test
