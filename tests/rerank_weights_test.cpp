// Which weights `rerank` uses, and its channel of persona words.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "io/provenance.hpp"
#include "persona4rec/error.hpp"
#include "persona4rec/explain.hpp"
#include "support/input_error.hpp"
#include "support/rerank_fixture.hpp"

namespace persona4rec {
namespace {

using test::list;
using test::message_of;
using test::small_cache;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class RerankWeights : public test::RerankFixture {
 protected:
  RerankWeights() {
    auto cache = small_cache();
    cache.items[0].persona_words = {{2, 1.0F}};             // i1: .25
    cache.items[1].persona_words = {{0, 0.5F}, {2, 1.0F}};  // i2: .5
    cache.items[3].persona_words = {{1, 1.0F}};             // i4: 0
    cache.rows = {{"00000000000liked", "u", "i1", {1, 0}}};
    cache.liked = {{"u", Json::array({"00000000000liked"})}};
    cache.has_head = true;
    for (auto& user : cache.users) user.head = {1, 0};
    for (auto& item : cache.items) {
      for (auto& persona : item.personas) persona.head = persona.frozen;
    }
    cache.weights = {{"base", 1}, {"words", 0.75}, {"persona", 0}, {"head", 0.75}};
    cache.weights["first_stages"] = {
        {"popularity", {{"base", 0}, {"words", 0}, {"persona_words", 0}, {"persona", 0}, {"head", 2}}}};
    cache.write(options_.cache);
  }

  void made_by(const std::string& method) {
    write_file(meta_path(options_.candidates), Json({{"options", {{"for", "test"}, {"method", method}}}}).dump());
  }
};

TEST_F(RerankWeights, PersonaWordsAreAChannelOfTheirOwn) {
  options_.scoring.named_weights = FusionWeights{.base = 0, .words = 0, .persona = 0, .head = 0, .persona_words = 1};
  run(list("u", {{"i4", 9}, {"i1", 8}, {"i2", 7}}));
  EXPECT_THAT(items(), ElementsAre("i2", "i1", "i4"));
  EXPECT_FALSE(result("i2").persona_id) << "no dense channel is on";
}

TEST_F(RerankWeights, NoWordsTurnsBothWordChannelsOff) {
  options_.scoring.named_weights = FusionWeights{.base = 1, .words = 1, .persona = 0, .head = 0, .persona_words = 1};
  options_.scoring.no_words = true;
  EXPECT_EQ(run(list("u", {{"i1", 1}})).weights,
            (FusionWeights{.base = 1, .words = 0, .persona = 0, .head = 0, .persona_words = 0}));
}

TEST_F(RerankWeights, ListsGetTheWeightsOfTheFirstStageThatMadeThem) {
  made_by("popularity");
  const auto report = run(list("u", {{"i4", 9}, {"i1", 8}}));
  EXPECT_EQ(report.weights, (FusionWeights{.base = 0, .words = 0, .persona = 0, .head = 2, .persona_words = 0}));
  EXPECT_EQ(report.weights_from, "chosen for popularity");
  EXPECT_THAT(items(), ElementsAre("i1", "i4"));
  EXPECT_EQ(read_meta(options_.output).at("options").at("weights_from"), "chosen for popularity");
}

TEST_F(RerankWeights, OtherListsGetTheFixedOnes) {
  EXPECT_EQ(run(list("u", {{"i1", 1}})).weights, kHeadWeights) << "no meta file";
  made_by("somebody's");
  const auto report = run(list("u", {{"i1", 1}}));
  EXPECT_EQ(report.weights, kHeadWeights);
  EXPECT_EQ(report.weights_from, "fixed");
}

TEST_F(RerankWeights, AFirstStageMayBeNamed) {
  options_.scoring.first_stage = "popularity";
  EXPECT_EQ(run(list("u", {{"i1", 1}})).weights.head, 2);
}

TEST_F(RerankWeights, GivenWeightsRuleOverChosenOnes) {
  made_by("popularity");
  options_.scoring.weights = {1, 0, 0.5};
  const auto report = run(list("u", {{"i1", 1}}));
  EXPECT_EQ(report.weights.head, 0.5);
  EXPECT_EQ(report.weights_from, "given");
}

TEST_F(RerankWeights, ExplainSaysWhichWeightsAndShowsPersonaWords) {
  made_by("popularity");
  (void)dir_.write("candidate.jsonl", list("u", {{"i1", 1}, {"i2", 2}}));
  (void)dir_.write("history.jsonl", R"({"user_id":"u","reviews":[]})"
                                    "\n");
  (void)dir_.write("personas.jsonl", R"({"item_id":"i1","personas":[]})"
                                     "\n");
  const ExplainOptions what{.user = UserId("u"),
                            .count = 1,
                            .history = dir_ / "history.jsonl",
                            .persona_with_summary = dir_ / "personas.jsonl"};
  EXPECT_THAT(explanation_text(explain(options_, what)), HasSubstr("weights chosen for popularity"));
  options_.scoring.named_weights = FusionWeights{.base = 1, .words = 0, .persona = 0, .head = 0, .persona_words = 0.5};
  const Json explanation = explain(options_, what);
  EXPECT_EQ(explanation["weights"]["persona_words"], 0.5);
  EXPECT_EQ(explanation["results"][0]["channels"]["persona_words"]["weight"], 0.5);
  EXPECT_THAT(explanation_text(explanation), HasSubstr("persona_words"));
}

TEST_F(RerankWeights, NegativeAndEmptyOnesAreRefused) {
  options_.scoring.named_weights = FusionWeights{.base = 1, .words = 0, .persona = 0, .head = 0, .persona_words = -1};
  EXPECT_THAT(message_of([&] { run(list("u", {{"i1", 1}})); }, ErrorKind::kUsage), HasSubstr(">= 0"));
  options_.scoring.named_weights = FusionWeights{.base = 0, .words = 0, .persona = 0, .head = 0, .persona_words = 0};
  EXPECT_THAT(message_of([&] { run(list("u", {{"i1", 1}})); }, ErrorKind::kUsage), HasSubstr("all channels are off"));
}

}  // namespace
}  // namespace persona4rec
