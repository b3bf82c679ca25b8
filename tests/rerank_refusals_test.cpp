// What `rerank` refuses to serve, on caches written by hand.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "persona4rec/error.hpp"
#include "persona4rec/rerank.hpp"
#include "support/input_error.hpp"
#include "support/rerank_fixture.hpp"
#include "support/rows.hpp"

namespace persona4rec {
namespace {

using test::HandMadeCache;
using test::list;
using test::message_of;
using test::small_cache;
using ::testing::HasSubstr;

using RerankRefusals = test::RerankFixture;

TEST_F(RerankRefusals, RefusesAUserTwiceInAFile) {
  EXPECT_THAT(message_of([&] { run(list("u", {{"i1", 1}}) + list("u", {{"i1", 1}})); }, ErrorKind::kInput),
              HasSubstr("candidate.jsonl:2"));
  EXPECT_FALSE(std::filesystem::exists(options_.output));
}

TEST_F(RerankRefusals, RefusesWeightsAndAlphaOutOfRange) {
  const auto refused = [&](const ScoringOptions& scoring) {
    options_.scoring = scoring;
    return message_of([&] { run(list("u", {{"i1", 1}})); }, ErrorKind::kUsage);
  };
  EXPECT_THAT(refused({.alpha = 1.5}), HasSubstr("--alpha"));
  EXPECT_THAT(refused({.weights = {1, 2}}), HasSubstr("got 2 numbers"));
  EXPECT_THAT(refused({.weights = {1, -2, 0}}), HasSubstr(">= 0"));
  EXPECT_THAT(refused({.weights = {0, 0, 0}}), HasSubstr("off"));
  EXPECT_THAT(refused({.weights = {1, 0, 0, 1}}), HasSubstr("no head"));
  EXPECT_THAT(refused({.weights = {1, 0, 0}, .persona_only = true}), HasSubstr("exclude"));
}

TEST_F(RerankRefusals, RefusesAnIncompleteCache) {
  const auto refused = [&] { return message_of([&] { run(list("u", {{"i1", 1}})); }, ErrorKind::kInput); };
  std::filesystem::remove(meta_path(options_.cache));
  EXPECT_THAT(refused(), HasSubstr("incomplete"));
  small_cache().write(options_.cache);
  std::filesystem::remove(options_.cache / "words" / "cache_meta.json");
  EXPECT_THAT(refused(), HasSubstr("run `persona4rec cache` again"));
  small_cache().write(options_.cache);
  std::filesystem::resize_file(options_.cache / "item_persona" / "persona_embeds.fp16.mmap", 6);
  EXPECT_THAT(refused(), HasSubstr("run `persona4rec cache` again"));
  std::filesystem::remove_all(options_.cache);
  EXPECT_THAT(refused(), HasSubstr("no cache folder"));
}

TEST_F(RerankRefusals, RefusesFoldersOfDifferentBuildsAndEncoders) {
  auto other = small_cache();
  other.build = "B2";
  other.write(dir_ / "other");
  const auto swap_in = [&](const char* name) {
    std::filesystem::remove_all(options_.cache / name);
    std::filesystem::copy(dir_ / "other" / name, options_.cache / name, std::filesystem::copy_options::recursive);
  };
  swap_in("item_persona");
  EXPECT_THAT(message_of([&] { run(list("u", {{"i1", 1}})); }, ErrorKind::kInput), HasSubstr("another build"));
  other.lineage["encoder"] = "F";
  other.write(dir_ / "other");
  swap_in("item_persona");
  EXPECT_THAT(message_of([&] { run(list("u", {{"i1", 1}})); }, ErrorKind::kInput),
              HasSubstr("another encoder's cache"));
}

TEST_F(RerankRefusals, RefusesACacheOfOtherPersonas) {
  auto cache = small_cache();
  cache.lineage["3.5_persona_with_summary"] = "old";
  cache.write(options_.cache);
  (void)dir_.write("p.jsonl.meta.json", R"({"sha256": "new"})");
  options_.stands_on = {{"3.5_persona_with_summary", dir_ / "p.jsonl"}};
  EXPECT_THAT(message_of([&] { run(list("u", {{"i1", 1}})); }, ErrorKind::kInput),
              HasSubstr("run `persona4rec cache` again"));
  options_.force = true;
  EXPECT_EQ(run(list("u", {{"i1", 1}})).lists, 1U);
}

TEST_F(RerankRefusals, RefusesListsOfTheOtherWorld) {
  (void)dir_.write("candidate.jsonl.meta.json", R"({"options": {"for": "valid"}})");
  EXPECT_THAT(message_of([&] { run(list("u", {{"i1", 1}})); }, ErrorKind::kInput), HasSubstr("world valid"));
}

class RerankHead : public test::RerankFixture {
 protected:
  RerankHead() {
    cache_ = small_cache();
    cache_.has_head = true;
    for (auto& item : cache_.items) {
      for (auto& persona : item.personas) persona.head = persona.frozen;
    }
    for (auto& user : cache_.users) user.head = user.frozen;
    (void)dir_.write("candidate.jsonl", list("u", {{"i1", 1}, {"i2", 2}}));
  }
  std::string refusal() {
    cache_.write(options_.cache);
    try {
      (void)rerank(options_);
    } catch (const Error& error) {
      EXPECT_EQ(error.exit_code(), 3);
      return error.what();
    }
    return "served";
  }
  Json facts() const { return Json::parse(test::read_file(meta_path(options_.output)))["options"]; }
  HandMadeCache cache_;
};

TEST_F(RerankHead, WithoutAContractIsRefusedWithTheCommands) {
  EXPECT_EQ(refusal(), "served");
  cache_.head_contract = nullptr;
  EXPECT_THAT(refusal(),
              ::testing::AllOf(HasSubstr("run `persona4rec train`"), HasSubstr("`persona4rec cache` again")));
  options_.force = true;
  EXPECT_EQ(refusal(), "served");
  EXPECT_EQ(facts()["head_leaks"], false);
}

TEST_F(RerankHead, ThatMayNotServeItsCacheIsRefusedAndMarkedWhenForced) {
  cache_.more_options = {{"head_breaches", {"its fit saw 2 of the 2 test targets"}}, {"head_leaks", true}};
  EXPECT_THAT(refusal(), HasSubstr("2 of the 2 test targets"));
  options_.force = true;
  EXPECT_EQ(refusal(), "served");
  EXPECT_EQ(facts()["head_leaks"], true);
  EXPECT_EQ(facts()["head_breaches"].size(), 1U);
}

TEST_F(RerankHead, ServesTheAlphaThatItWasTrainedFor) {
  cache_.head_contract = {{"alpha", 0.65}};
  EXPECT_EQ(refusal(), "served");
  EXPECT_EQ(facts()["alpha"], 0.65);
  options_.scoring.alpha = 0.65;
  EXPECT_EQ(refusal(), "served");
  options_.scoring.alpha = 0.85;
  EXPECT_THAT(refusal(), ::testing::AllOf(HasSubstr("alpha 0.65"), HasSubstr("--alpha 0.85")));
}

TEST_F(RerankRefusals, ACacheOfANewerMajorVersionIsRefused) {
  Json meta = Json::parse(test::read_file(meta_path(options_.cache)));
  meta["version"] = "9.0.0";
  write_file(meta_path(options_.cache), meta.dump());
  try {
    (void)run(list("u", {{"i1", 1}}));
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.exit_code(), 3);
    EXPECT_THAT(error.what(), HasSubstr("persona4rec 9.0.0"));
  }
}

}  // namespace
}  // namespace persona4rec
