// The leak test (docs/method.md, 2.2 Worlds and sides), over the whole program: what evaluated users wrote from a
// world's target on is replaced by a sentinel, and nothing that this world may see moves by a byte.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "support/json_lines.hpp"
#include "support/pipeline.hpp"

namespace persona4rec::test {
namespace {

using ::testing::IsEmpty;
using ::testing::Not;
using Files = std::map<std::string, std::string>;

// Ids of the reviews from each evaluated user's target of this split ("valid", "test") on.
std::set<std::string> reviews_from_target_on(const Files& files, const std::string& split) {
  std::map<std::string, std::string> target_of;
  for (const Json& row : json_lines(files.at("3.5_targets.jsonl"))) {
    if (row["split"] == split) target_of[row["user_id"]] = row["review_id"];
  }
  std::set<std::string> reviews;
  for (const Json& user : json_lines(files.at("3.5_history.jsonl"))) {
    const auto target = target_of.find(user["user_id"]);
    if (target == target_of.end()) continue;
    bool reached = false;
    for (const Json& review : user["reviews"]) {
      reached = reached || review["review_id"] == target->second;
      if (reached) reviews.insert(review["review_id"].get<std::string>());
    }
  }
  return reviews;
}

// The raw reviews with the texts of these replaced.
std::string with_sentinels(const std::set<std::string>& reviews) {
  std::string bytes;
  for (Json row : json_lines(read_file(kSource / "data/tiny/reviews.jsonl"))) {
    if (reviews.contains(row["review_id"])) {
      row["headline"] = "Sentinel";
      row["body"] = "Xylophonic sentinel zeppelins quack. Brine quagmire, quagmire of brine.";
    }
    bytes += row.dump() + "\n";
  }
  return bytes;
}

// Files whose names begin with one of these. Meta files name the hashes of all inputs and may differ.
Files only(const Files& files, const std::vector<std::string>& beginnings) {
  Files kept;
  for (const auto& [name, bytes] : files) {
    const bool meant = std::any_of(beginnings.begin(), beginnings.end(),
                                   [&, &name = name](const std::string& begin) { return name.starts_with(begin); });
    if (meant && name.find("meta.json") == std::string::npos) kept[name] = bytes;
  }
  return kept;
}

const std::vector<std::string> kItemSide = {"2_summary.jsonl",
                                            "2.5_grouped.jsonl",
                                            "3_personas.jsonl",
                                            "3.5_gt.jsonl",
                                            "3.5_targets.jsonl",
                                            "3.5_persona_with_summary.jsonl",
                                            "4_selected_personas.jsonl",
                                            "candidate.",
                                            "encoder/",
                                            "cache/item_persona/uids.txt",
                                            "cache/item_persona/personas.jsonl",
                                            "cache/item_persona/mean.npy",
                                            "cache/item_persona/persona_embeds.valid",
                                            "cache/item_persona/persona_head.valid",
                                            "cache/words/items.jsonl",
                                            "cache/words/terms.valid",
                                            "cache/words/items.valid",
                                            "cache/words/persona_words.valid"};

// What world test alone may see of items: word statistics, item means behind profiles, support.
const std::vector<std::string> kItemSideOfTest = {"cache/item_persona/persona_embeds.fp16",
                                                  "cache/item_persona/persona_head.fp16",
                                                  "cache/words/terms.txt",
                                                  "cache/words/items.weights",
                                                  "cache/words/persona_words.weights",
                                                  "cache/user_profile/test/frozen.fp16"};

class Leak : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_NO_FATAL_FAILURE(run_pipeline(clean_.path()));
    files_ = reproducible_files(clean_.path());
  }

  // The files of a run whose reviews from the target of `split` on are sentinels.
  Files files_with_sentinels_from(const std::string& split) {
    const auto reviews = reviews_from_target_on(files_, split);
    EXPECT_GT(reviews.size(), 50U);
    PipelineInputs inputs;
    inputs.reviews = marked_.write("raw.jsonl", with_sentinels(reviews));
    run_pipeline(marked_.path(), "", inputs);
    return reproducible_files(marked_.path());
  }

  TempDir clean_;
  TempDir marked_;
  Files files_;
};

TEST_F(Leak, NothingFromTheValidTargetOnReachesTheItemSideOrWorldValid) {
  const Files marked = files_with_sentinels_from("valid");
  for (const auto& part : {kItemSide, {"cache/user_profile/valid/", "cache/words/users.valid"}}) {
    const Files clean = only(files_, part);
    EXPECT_GE(clean.size(), part.size());
    EXPECT_THAT(differing(clean, only(marked, part)), IsEmpty());
  }
  EXPECT_NE(files_.at("1_aspects.jsonl"), marked.at("1_aspects.jsonl")) << "the sentinels were there to be seen";
  // World test may see what was written at the valid target: the change arrives where it may.
  for (const auto& part : kItemSideOfTest) {
    EXPECT_THAT(differing(only(files_, {part}), only(marked, {part})), Not(IsEmpty())) << part;
  }
}

TEST_F(Leak, NothingFromTheTestTargetOnReachesAnythingThatServes) {
  const Files marked = files_with_sentinels_from("test");
  for (const auto& part : {kItemSide, {"cache/", "3.5_history_loo.jsonl", "reranked.jsonl"}}) {
    const Files clean = only(files_, part);
    EXPECT_GE(clean.size(), part.size());
    EXPECT_THAT(differing(clean, only(marked, part)), IsEmpty());
  }
  EXPECT_NE(files_.at("1_aspects.jsonl"), marked.at("1_aspects.jsonl"));
}

// Weights, maps and log: not one bit of what training writes may depend on held-out texts.
TEST_F(Leak, NothingFromTheValidTargetOnReachesAnEncoderThatIsTrained) {
  (void)files_with_sentinels_from("valid");
  for (const std::string mode : {"full", "lora"}) {
    SCOPED_TRACE(mode);
    std::vector<Files> made;
    for (const TempDir* dir : {&clean_, &marked_}) {
      const auto output = *dir / ("encoder_" + mode);
      const RunResult result = run_program({"train",
                                            "--config",
                                            (kSource / "configs/tiny.toml").string(),
                                            "--workspace",
                                            dir->path().string(),
                                            "--mode",
                                            mode,
                                            "--encoder",
                                            (kSource / "tests/golden/encoder/tiny_bert").string(),
                                            "--output",
                                            output.string(),
                                            "--no-fit",
                                            "--dtype",
                                            "f32",
                                            "--epochs",
                                            "1",
                                            "--learning-rate",
                                            "1e-3",
                                            "--threads",
                                            "1"});
      ASSERT_EQ(result.exit_code, 0) << result.err;
      made.push_back(only(reproducible_files(output), {""}));
    }
    EXPECT_GT(made[0].size(), 5U);
    EXPECT_THAT(differing(made[0], made[1]), IsEmpty());
  }
}

// The same comparison with a split that holds nothing back: it must see the sentinels, or it could see no leak.
TEST_F(Leak, IsSeenWhenNothingIsHeldBack) {
  const auto reviews = reviews_from_target_on(files_, "valid");
  const std::filesystem::path raw = marked_.write("raw.jsonl", with_sentinels(reviews));
  for (const TempDir* dir : {&clean_, &marked_}) {
    PipelineInputs inputs;
    if (dir == &marked_) inputs.reviews = raw;
    for (Stage stage : pipeline_stages(dir->path(), inputs)) {
      if (stage.name == "prepare") break;
      if (stage.name == "personas") stage.words.insert(stage.words.end(), {"--split", "none"});
      const RunResult result = run_program(stage.words);
      ASSERT_EQ(result.exit_code, 0) << stage.name << ": " << result.err;
    }
  }
  EXPECT_NE(read_file(clean_ / "2.5_grouped.jsonl"), read_file(marked_ / "2.5_grouped.jsonl"));
  EXPECT_NE(read_file(clean_ / "3_personas.jsonl"), read_file(marked_ / "3_personas.jsonl"));
}

}  // namespace
}  // namespace persona4rec::test
