// What `cache` writes: layout, contents against plain recomputations, worlds, failures.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "io/provenance.hpp"
#include "persona4rec/error.hpp"
#include "records/review_uid.hpp"
#include "support/cache_workspace.hpp"
#include "support/input_error.hpp"

namespace persona4rec {
namespace {

using test::CacheWorkspace;
using test::FakeTextEncoder;
using test::message_of;
using test::read_file;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::UnorderedElementsAre;
using Vector = std::vector<double>;

constexpr double kHalfTolerance = 1e-3;  // fp16 at unit length

Vector unit(Vector vector) {
  double squares = 0;
  for (const double value : vector) squares += value * value;
  for (double& value : vector) value /= squares == 0 ? 1 : std::sqrt(squares);
  return vector;
}

Vector sum(const std::vector<Vector>& vectors) {
  Vector total(vectors.front().size(), 0.0);
  for (const auto& vector : vectors) {
    std::transform(total.begin(), total.end(), vector.begin(), total.begin(), std::plus<>());
  }
  return total;
}

Vector scaled(Vector vector, double factor) {
  for (double& value : vector) value *= factor;
  return vector;
}

void expect_half(const std::vector<float>& got, const Vector& expected) {
  ASSERT_EQ(got.size(), expected.size());
  for (std::size_t i = 0; i < got.size(); ++i) {
    EXPECT_NEAR(static_cast<double>(got[i]), expected[i], kHalfTolerance) << "element " << i;
  }
}

class Cache : public ::testing::Test {
 protected:
  // x of a review, by the formulas: mean over the item side (rows 0-2, 5, 6, 9-12 of reviews()).
  Vector x(int review) {
    std::vector<Vector> item_side;
    for (const int i : {0, 1, 2, 5, 6, 9, 10, 11, 12}) item_side.push_back(encoded(i));
    const auto mean = scaled(sum(item_side), 1.0 / static_cast<double>(item_side.size()));
    return unit(sum({encoded(review), scaled(mean, -1)}));
  }
  Vector encoded(int review) {
    const auto vector = workspace_.encoder().vector(workspace_.said()[static_cast<std::size_t>(review)].text);
    return {vector.begin(), vector.end()};
  }
  std::string uid(int review) {
    const auto i = static_cast<std::size_t>(review);
    return review_uid(CacheWorkspace::review(workspace_.said()[i], i), false);
  }
  std::size_t row_of(const std::string& table, const std::string& what) {
    const auto lines = workspace_.lines(table);
    const auto found = std::find_if(lines.begin(), lines.end(),
                                    [&](const std::string& line) { return line.find(what) != std::string::npos; });
    EXPECT_NE(found, lines.end()) << what << " in " << table;
    return static_cast<std::size_t>(found - lines.begin());
  }

  CacheWorkspace workspace_;
};

TEST_F(Cache, HoldsWhatAnyWorldMayUseAndNothingElse) {
  const auto report = workspace_.build();
  std::vector<std::string> expected;
  for (const int i : {0, 1, 2, 3, 5, 6, 7, 9, 10, 11, 12}) expected.push_back(uid(i));  // not 4, 8: test targets
  EXPECT_EQ(workspace_.lines("user_item/uids.txt"), expected);
  EXPECT_EQ(report.interactions, 13U);
  EXPECT_EQ(report.rows, 11U);
  EXPECT_EQ(report.users_valid, 4U);
  EXPECT_EQ(report.users_test, 4U);
  EXPECT_EQ(report.personas, 7U);
  EXPECT_EQ(report.items, 6U);
  EXPECT_EQ(report.items_without_personas, 1U);
  for (const auto& text : {"the test target of a", "the test target of b"}) {
    for (const auto& [name, bytes] : workspace_.bytes()) EXPECT_EQ(bytes.find(text), std::string::npos) << name;
  }
}

TEST_F(Cache, PublishedFilesHaveTheirShapesAndFields) {
  workspace_.build();
  EXPECT_EQ(workspace_.read("user_item/interaction_embeds.fp16.mmap").size(), 11U * 16 * 2);
  EXPECT_EQ(workspace_.read("item_persona/persona_embeds.fp16.mmap").size(), 7U * 16 * 2);
  EXPECT_THAT(workspace_.lines("item_persona/uids.txt"),
              ElementsAre("i1_P1", "i2_P1", "i2_P2", "i3_P1", "i3_P2", "i4_P1", "i9_P1"));
  const auto by_item = Json::parse(workspace_.read("item_persona/business_id_to_uids.json"));
  EXPECT_EQ(by_item["i2"], Json({"i2_P1", "i2_P2"}));
  const auto index = Json::parse(workspace_.read("user_item/index.json"));
  EXPECT_EQ(index["a"], Json({uid(3), uid(2), uid(0)}));  // newest first, liked alone, before the test target
  EXPECT_EQ(index["d"], Json({uid(12)}));
  const auto meta = Json::parse(workspace_.read("user_item/cache_meta.json"));
  for (const auto* field : {"model", "dim", "normalized", "pooling", "mode", "uses_projection"}) {
    EXPECT_TRUE(meta.contains(field)) << field;
  }
  EXPECT_EQ(meta["dim"], 16);
  const auto personas = Json::parse(workspace_.read("item_persona/cache_meta.json"));
  EXPECT_EQ(personas["ablation_fields"],
            Json({"Name", "Description", "item_summary", "Preference_Rationale", "Affinities"}));
  const auto row = Json::parse(workspace_.lines("user_item/rows.jsonl")[row_of("user_item/uids.txt", uid(3))]);
  EXPECT_EQ(row["world"], "test");
  EXPECT_EQ(row["item_side"], false);
  EXPECT_EQ(row["item"], "i4");
  EXPECT_EQ(row["user"], "a");
}

TEST_F(Cache, InteractionVectorsAreCentredOnTheItemSide) {
  workspace_.build();
  for (const int review : {0, 3, 11}) {
    expect_half(
        workspace_.half_row("user_item/interaction_embeds.fp16.mmap", row_of("user_item/uids.txt", uid(review))),
        x(review));
  }
  EXPECT_EQ(workspace_.read("user_item/mean.npy").substr(1, 5), "NUMPY");
}

TEST_F(Cache, NoCenterLeavesVectorsWhereTheyAre) {
  workspace_.options().center = false;
  workspace_.build();
  expect_half(workspace_.half_row("user_item/interaction_embeds.fp16.mmap", 0), unit(encoded(0)));
}

TEST_F(Cache, ProfilesSeeTheHistoryOfTheirWorldAlone) {
  workspace_.options().profile.side = ProfileSide::kOwn;
  workspace_.build();
  const auto row = row_of("user_profile/valid/users.jsonl", R"("a")");
  expect_half(workspace_.half_row("user_profile/valid/frozen.fp16.mmap", row), unit(sum({x(2), scaled(x(0), 0.65)})));
  expect_half(
      workspace_.half_row("user_profile/test/frozen.fp16.mmap", row_of("user_profile/test/users.jsonl", R"("a")")),
      unit(sum({x(3), scaled(x(2), 0.65), scaled(x(0), 0.65 * 0.65)})));
}

TEST_F(Cache, ProfilesOfBothSidesLeaveTheUserOut) {
  workspace_.build();
  // Of i3 the other is b (6), of i1 the others are c (9) on the item side; b's 7 is a valid target.
  const auto e3 = unit(sum({x(2), x(6)}));
  const auto e1 = unit(sum({x(0), x(9)}));
  expect_half(
      workspace_.half_row("user_profile/valid/frozen.fp16.mmap", row_of("user_profile/valid/users.jsonl", R"("a")")),
      unit(sum({e3, scaled(e1, 0.65)})));
}

TEST_F(Cache, PersonaVectorsComeFromItemSideSupport) {
  const auto report = workspace_.build();
  expect_half(workspace_.half_row("item_persona/persona_embeds.valid.fp16.mmap", 0), unit(sum({x(0), x(9)})));
  expect_half(workspace_.half_row("item_persona/persona_embeds.valid.fp16.mmap", 2), unit(sum({x(11), x(1)})));
  EXPECT_EQ(report.personas_from_text, 1U);  // i9_P1 has no support
  EXPECT_EQ(report.support_unknown, 0U);
  EXPECT_EQ(report.encoded.texts, 11U + 7U);  // the mean of persona texts is over all of them
}

TEST_F(Cache, SupportOutsideTheItemSideIsLeftOutAndCounted) {
  PersonaWithSummaryRow row{.item_id = ItemId("i4"), .personas = {}};
  row.personas.push_back({{"P1", "n", "d", "r", {ReviewId("10", true), ReviewId("3", true), ReviewId("77", true)}},
                          "",
                          PersonaId("i4_P1")});
  test::write_rows<PersonaWithSummaryRow>(workspace_.files().persona_with_summary(), {row});
  const auto report = workspace_.build();
  EXPECT_EQ(report.support_not_item_side, 1U);  // 3 is a's valid target
  EXPECT_EQ(report.support_unknown, 1U);
  expect_half(workspace_.half_row("item_persona/persona_embeds.valid.fp16.mmap", 0), x(10));
}

// 3 and 7 are valid targets: world test may see them. Of i2 a review more comes, near one of its two personas.
TEST_F(Cache, InWorldTestLaterReviewsSupportTheNearestPersonaOfTheirItem) {
  auto& said = workspace_.said();
  said[7] = {"b", "i2", 5, 3, "drums too loud"};  // the words of 11, which i2_P2 stands on
  said[5] = {"b", "i1", 5, 1, "loud drums and loud guitars"};
  workspace_.options().force = true;
  workspace_.write();
  const auto report = workspace_.build();
  EXPECT_EQ(report.support_of_test, 2U);
  const auto valid = [&](std::size_t k) {
    return workspace_.half_row("item_persona/persona_embeds.valid.fp16.mmap", k);
  };
  const auto test = [&](std::size_t k) { return workspace_.half_row("item_persona/persona_embeds.fp16.mmap", k); };
  expect_half(test(5), unit(sum({x(10), x(3)})));
  expect_half(valid(5), x(10));
  EXPECT_EQ(test(0), valid(0)) << "nothing new about i1";
  expect_half(test(2), unit(sum({x(11), x(1), x(7)})));
}

TEST_F(Cache, WordStatisticsOfWorldTestSeeWhatLiesBeforeItsTargets) {
  const auto report = workspace_.build();
  EXPECT_THAT(workspace_.lines("words/terms.txt"), ::testing::Contains("wonderful"));
  EXPECT_THAT(workspace_.lines("words/terms.valid.txt"), ::testing::Not(::testing::Contains("wonderful")));
  EXPECT_LT(report.terms_valid, report.terms);
  EXPECT_NE(workspace_.read("words/items.weights.f32.mmap"), workspace_.read("words/items.valid.weights.f32.mmap"));
}

TEST_F(Cache, PersonaWordsAreThoseOfAllTheirFields) {
  PersonaWithSummaryRow row{.item_id = ItemId("i1"), .personas = {}};
  row.personas.push_back({{.id = "P1",
                           .name = "harp",
                           .description = "quiet",
                           .preference_rationale = "piano",
                           .support = {},
                           .affinities = {"drums"}},
                          "guitars",
                          PersonaId("i1_P1")});
  test::write_rows<PersonaWithSummaryRow>(workspace_.files().persona_with_summary(), {row});
  const auto report = workspace_.build();
  EXPECT_EQ(workspace_.read("words/persona_words.terms.u32.mmap").size(), 5U * 4);
  EXPECT_EQ(report.items_without_persona_words, report.items - 1) << "no metadata was given";
}

TEST_F(Cache, ItemsWithoutPersonasHaveTheWordsOfTheirMetadata) {
  workspace_.options().summary = workspace_.dir().path() / "2_summary.jsonl";
  test::write_rows<SummaryRow>(workspace_.options().summary, {{ItemId("i5"), "guitars", "and drums", "with a harp"},
                                                              {ItemId("i1"), "voices", "", ""}});
  const auto with = workspace_.build();
  workspace_.options().summary.clear();
  const auto without = workspace_.build();
  EXPECT_EQ(with.items_without_persona_words + 1, without.items_without_persona_words) << "i5; i1 has a persona";
  EXPECT_FALSE(read_meta(workspace_.options().cache).at("lineage").contains("2_summary"));
}

TEST_F(Cache, PersonaTextsAreCentredOnTheirOwnMean) {
  workspace_.options().persona_vectors = PersonaVectors::kText;
  workspace_.build();
  std::vector<Vector> texts;
  for (const auto& [item, all] : CacheWorkspace::personas()) {
    for (std::size_t k = 1; k <= all.size(); ++k) {
      const auto text =
          "fan of " + item + "\nlikes " + item + " as P" + std::to_string(k) + "\nabout " + item + "\nbecause";
      const auto vector = workspace_.encoder().vector(text);
      texts.emplace_back(vector.begin(), vector.end());
    }
  }
  const auto mean = scaled(sum(texts), -1.0 / static_cast<double>(texts.size()));
  expect_half(workspace_.half_row("item_persona/persona_embeds.fp16.mmap", 3), unit(sum({texts[3], mean})));
}

TEST_F(Cache, WordsOfItemsAndUsers) {
  workspace_.build();
  const auto terms = workspace_.lines("words/terms.valid.txt");
  EXPECT_TRUE(std::is_sorted(terms.begin(), terms.end()));
  EXPECT_THAT(terms, ::testing::Contains("harp"));
  EXPECT_THAT(terms, ::testing::Not(::testing::Contains("wonderful")));  // in a valid target alone: not item side
  EXPECT_EQ(workspace_.read("words/items.begin.u64.mmap").size(), (6U + 1) * 8);
  EXPECT_EQ(workspace_.read("words/persona_words.begin.u64.mmap").size(), (6U + 1) * 8);
  EXPECT_EQ(workspace_.read("words/users.test.begin.u64.mmap").size(), (4U + 1) * 8);
  EXPECT_THAT(workspace_.lines("words/items.jsonl"), ::testing::SizeIs(6));
}

TEST_F(Cache, WordsFromPersonasComeFromTheirTexts) {
  const auto from_reviews = workspace_.build();
  workspace_.options().words_from = WordsFrom::kPersonas;
  const auto from_personas = workspace_.build();
  EXPECT_EQ(from_reviews.terms, from_personas.terms);
  EXPECT_EQ(from_reviews.items_without_words, 1U);   // i9 has no review
  EXPECT_EQ(from_personas.items_without_words, 6U);  // "fan", "likes" stand in no review
}

TEST_F(Cache, HeadVectorsAreTheMapsOfTheFrozenOnes) {
  EncoderHead head{.dimensions = 16};
  head.user_mean.assign(16, 0.01F);
  head.persona_mean.assign(16, 0.02F);
  head.user_map.assign(256, 0.0F);
  head.persona_map.assign(256, 0.0F);
  for (std::size_t i = 0; i < 16; ++i) {
    head.user_map[i * 16 + (i + 1) % 16] = 1;  // rotates by one
    head.persona_map[i * 16 + i] = i == 0 ? -2.0F : 2.0F;
  }
  const auto report = workspace_.build(&head);
  EXPECT_TRUE(report.has_head);
  EXPECT_EQ(report.encoded.texts, 11U + 1U);  // the head brings the mean: only the text that is needed
  const auto user = workspace_.half_row("user_profile/test/frozen.fp16.mmap", 0);
  auto rotated = user;
  std::rotate(rotated.begin(), rotated.begin() + 1, rotated.end());
  expect_half(workspace_.half_row("user_profile/test/head.fp16.mmap", 0), {rotated.begin(), rotated.end()});
  auto mirrored = workspace_.half_row("item_persona/persona_embeds.fp16.mmap", 0);
  mirrored[0] = -mirrored[0];
  expect_half(workspace_.half_row("item_persona/persona_head.fp16.mmap", 0), {mirrored.begin(), mirrored.end()});
  Vector centred = encoded(0);
  for (double& value : centred) value -= 0.01;
  expect_half(workspace_.half_row("user_item/interaction_embeds.fp16.mmap", 0), unit(centred));
}

TEST_F(Cache, HeadWeightsTravelIntoTheMeta) {
  EncoderHead head{.dimensions = 16};
  head.user_mean = head.persona_mean = std::vector<float>(16, 0.0F);
  head.user_map = head.persona_map = std::vector<float>(256, 1.0F);
  workspace_.options().head_weights =
      workspace_.dir().write("w.json", R"({"base": 1.5, "words": 0.5, "persona": 0, "head": 0.25})");
  workspace_.build(&head);
  const auto meta = Json::parse(read_file(meta_path(workspace_.options().cache)));
  EXPECT_EQ(meta["options"]["weights"]["base"], 1.5);
  EXPECT_EQ(meta["options"]["has_head"], true);
}

TEST_F(Cache, RepeatedBuildsAreByteEqualWhateverTheThreads) {
  workspace_.build();
  const auto first = workspace_.bytes();
  const auto meta = read_file(meta_path(workspace_.options().cache));
  workspace_.options().threads = 1;
  workspace_.build();
  EXPECT_EQ(workspace_.bytes(), first);
  EXPECT_EQ(read_file(meta_path(workspace_.options().cache)), meta);
}

// The leak test (docs/method.md, 2.2 Worlds and sides): texts of evaluated users from the valid target on become a
// sentinel.
TEST_F(Cache, NoHeldOutTextReachesTheItemSideOrAnEarlierWorld) {
  workspace_.options().persona_vectors = PersonaVectors::kMix;
  workspace_.build();
  const auto before = workspace_.bytes();
  for (const int held_out : {3, 4, 7, 8}) workspace_.said()[static_cast<std::size_t>(held_out)].text = "SENTINEL";
  workspace_.write();
  workspace_.build();
  const auto after = workspace_.bytes();
  for (const auto* name :
       {"item_persona/persona_embeds.valid.fp16.mmap", "item_persona/mean.npy", "item_persona/personas.jsonl",
        "user_item/mean.npy", "words/terms.valid.txt", "words/items.valid.terms.u32.mmap",
        "words/items.valid.weights.f32.mmap", "words/persona_words.valid.weights.f32.mmap",
        "user_profile/valid/frozen.fp16.mmap", "words/users.valid.weights.f32.mmap"}) {
    EXPECT_EQ(after.at(name), before.at(name)) << name;
  }
  EXPECT_NE(after.at("user_profile/test/frozen.fp16.mmap"), before.at("user_profile/test/frozen.fp16.mmap"));
}

TEST_F(Cache, TheEncoderSeesItemSideTextsFirst) {
  FakeTextEncoder encoder;
  build_cache(workspace_.options(), workspace_.texts(), encoder, nullptr);
  const auto& calls = encoder.calls();
  const auto last_item_side = std::find(calls.begin(), calls.end(), workspace_.said()[12].text);
  const auto held_out = std::find(calls.begin(), calls.end(), workspace_.said()[3].text);
  ASSERT_NE(held_out, calls.end());
  EXPECT_LT(last_item_side, held_out);
}

TEST_F(Cache, RefusesTargetsOfAnotherSplit) {
  workspace_.options().split.min_positives = 5;
  const auto message = message_of([&] { workspace_.build(); }, ErrorKind::kInput);
  EXPECT_THAT(message, HasSubstr("persona4rec prepare"));
  workspace_.options().force = true;
  EXPECT_NO_THROW(workspace_.build());
}

TEST_F(Cache, RefusesAPersonaTwice) {
  const auto rows = read_file(workspace_.files().persona_with_summary());
  (void)workspace_.dir().write("3.5_persona_with_summary.jsonl", rows + rows.substr(0, rows.find('\n') + 1));
  EXPECT_THAT(message_of([&] { workspace_.build(); }, ErrorKind::kInput), HasSubstr("has a row already"));
}

TEST_F(Cache, RefusesOptionsOutOfRange) {
  workspace_.options().profile.k_recent = 0;
  (void)message_of([&] { workspace_.build(); }, ErrorKind::kUsage);
  workspace_.options().profile = {.gamma = 0};
  (void)message_of([&] { workspace_.build(); }, ErrorKind::kUsage);
}

TEST_F(Cache, RefusesAHeadOfAnotherEncoder) {
  EncoderHead head{.dimensions = 8};
  EXPECT_THAT(message_of([&] { workspace_.build(&head); }, ErrorKind::kInput), HasSubstr("dimensions"));
}

TEST_F(Cache, AFailedBuildLeavesTheOldCacheWhole) {
  workspace_.build();
  const auto before = workspace_.bytes();
  (void)workspace_.dir().write("3.5_persona_with_summary.jsonl", "{\"item_id\": \"i1\"");
  (void)message_of([&] { workspace_.build(); }, ErrorKind::kInput);
  EXPECT_EQ(workspace_.bytes(), before);
  EXPECT_TRUE(std::filesystem::exists(meta_path(workspace_.options().cache)));
}

}  // namespace
}  // namespace persona4rec
