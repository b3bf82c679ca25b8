// `rerank --weights` and `train --no-fit` as a user types them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/hand_made_cache.hpp"
#include "support/json_lines.hpp"
#include "support/run_program.hpp"
#include "support/temp_dir.hpp"

namespace persona4rec::test {
namespace {

using ::testing::HasSubstr;

class RerankWeightsCli : public ::testing::Test {
 protected:
  RerankWeightsCli() {
    HandMadeCache{.items = {{"harp", {{0, 1.0F}}, {}, {{2, 1.0F}}}, {"drums", {{1, 1.0F}}, {}, {{0, 1.0F}}}},
                  .users = {{"u", {1, 0}, {{0, 1.0F}}}}}
        .write(dir_ / "cache");
    (void)dir_.write("c.jsonl",
                     R"({"user_id":"u","results":[{"item_id":"harp","score":2},{"item_id":"drums","score":1}]})"
                     "\n");
  }

  RunResult run(const std::string& weights) {
    return run_program({"rerank", "--cache", (dir_ / "cache").string(), "--candidates", (dir_ / "c.jsonl").string(),
                        "--reranked", (dir_ / "r.jsonl").string(), "--weights", weights});
  }
  std::string best() { return json_lines(read_file(dir_ / "r.jsonl")).at(0)["results"][0]["item_id"]; }

  TempDir dir_;
};

TEST_F(RerankWeightsCli, ByNameTheRestIsOffAndTheListsOwnScoreIsOne) {
  const auto result = run("persona_words=1.5");
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(best(), "drums");
  EXPECT_THAT(result.err, HasSubstr("weights (given) base 1 words 0 persona_words 1.5 persona 0 head 0"));
  ASSERT_EQ(run("words=1,base=0,persona_words=0").exit_code, 0);
  EXPECT_EQ(best(), "harp");
}

TEST_F(RerankWeightsCli, ByPositionTheyMeanWhatTheyMeant) {
  const auto result = run("1,0.5,0.25");
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.err, HasSubstr("base 1 words 0.5 persona_words 0 persona 0.25 head 0"));
}

TEST_F(RerankWeightsCli, WrongOnesAreUsageErrorsThatSayWhatIsKnown) {
  for (const auto& [weights, message] : std::initializer_list<std::pair<const char*, const char*>>{
           {"word=1", "base, words, persona_words, persona, head"},
           {"words", "--weights"},
           {"words=", "--weights"},
           {"words=1,0.5", "expected NAME=X"},
           {"words=1,words=2", "stands there twice"},
           {"words=-1", "--weights"},
           {"words=nan", "--weights"},
           {"base=0", "all channels are off"},
           {"head=1", "has no head"}}) {
    const auto result = run(weights);
    const bool no_number = std::string_view(message) == "--weights";  // answered as every flag's number is
    EXPECT_EQ(result.exit_code, no_number ? 1 : 2) << weights << result.err;
    EXPECT_THAT(result.err, HasSubstr(message)) << weights;
  }
}

TEST_F(RerankWeightsCli, TrainSaysHowToKeepTheFixedOnes) {
  const auto result = run_program({"train", "--help"});
  EXPECT_THAT(result.out, HasSubstr("--no-fit"));
  EXPECT_THAT(result.out, HasSubstr("--first-stage"));
}

}  // namespace
}  // namespace persona4rec::test
