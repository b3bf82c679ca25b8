// What `cache` makes of reviews that share an identifier, and of those without a text.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <vector>

#include "base/hash.hpp"
#include "cache/centring_texts.hpp"
#include "persona4rec/split.hpp"
#include "records/review_uid.hpp"
#include "support/cache_workspace.hpp"

namespace persona4rec {
namespace {

using test::CacheWorkspace;
using test::Said;

TEST(CacheCollisions, ShareOneRow) {
  CacheWorkspace workspace({{"c", "i1", 5, 7, "twice"}, {"c", "i1", 5, 7, "twice again"}, {"d", "i2", 5, 1, "once"}});
  const auto report = workspace.build();
  EXPECT_EQ(report.colliding_uids, 1U);
  EXPECT_EQ(report.rows, 2U);
  const auto index = Json::parse(workspace.read("user_item/index.json"));
  EXPECT_EQ(index["c"].size(), 2U);
  EXPECT_EQ(index["c"][0], index["c"][1]);
}

// Two reviews with one uid, a's valid target between them in time (all at one tick: the seed decides the order). The
// held-out one stands first in the file and must not lend its text to the other.
TEST(CacheCollisions, AHeldOutTextNeverStandsForAnItemSideOne) {
  const std::vector<Said> said = {{"a", "i1", 5, 1, "history"}, {"a", "i3", 5, 3, "HELD OUT"},
                                  {"a", "i3", 5, 3, "early"},   {"a", "i2", 5, 3, "valid"},
                                  {"a", "i4", 5, 9, "test"},    {"c", "i1", 5, 1, "other"}};
  for (std::uint64_t seed = 0;; ++seed) {
    ASSERT_LT(seed, 1000U) << "no seed orders the reviews as wanted";
    Interactions data;
    for (std::size_t i = 0; i < said.size(); ++i) {
      const auto review = CacheWorkspace::review(said[i], i);
      data.add(review.user_id, review.item_id, *review.review_id, review.rating, review.timestamp);
    }
    const auto split = decide_split(data, {.seed = seed});
    if (!split.item_side(2) || split.item_side(1) || split.item_side(3)) continue;
    CacheWorkspace workspace(said);
    workspace.options().split.seed = seed;
    workspace.options().center = false;
    workspace.write();
    EXPECT_EQ(workspace.build().colliding_uids, 1U);
    const auto uids = workspace.lines("user_item/uids.txt");
    const auto row = std::find(uids.begin(), uids.end(), review_uid(CacheWorkspace::review(said[1], 1), false));
    const auto early = workspace.encoder().vector("early");
    EXPECT_THAT(
        workspace.half_row("user_item/interaction_embeds.fp16.mmap", static_cast<std::size_t>(row - uids.begin())),
        testing::Pointwise(testing::FloatNear(1e-3F), early));  // fp16 at unit length
    return;
  }
}

TEST(CacheCollisions, UidsWithTextTellThemApart) {
  CacheWorkspace workspace({{"c", "i1", 5, 7, "twice"}, {"c", "i1", 5, 7, "otherwise"}});
  workspace.options().uid_with_text = true;
  EXPECT_EQ(workspace.build().colliding_uids, 0U);
}

TEST(CacheTexts, AReviewWithoutTextHasNoVector) {
  CacheWorkspace workspace({{"c", "i1", 5, 1, ""}, {"c", "i2", 5, 2, "words"}, {"d", "i2", 5, 1, "other words"}});
  const auto report = workspace.build();
  EXPECT_EQ(report.rows_without_text, 1U);
  EXPECT_EQ(workspace.half_row("user_item/interaction_embeds.fp16.mmap", 0), std::vector<float>(16, 0.0F));
}

TEST(CacheTexts, APersonaWhoseSupportHasNoTextIsItsOwnText) {
  CacheWorkspace workspace;
  workspace.said()[2].text.clear();  // all that supports i3_P1
  workspace.write();
  const auto report = workspace.build();
  EXPECT_EQ(report.personas_from_text, 2U) << "i3_P1, and i9_P1 without any support";
  EXPECT_EQ(report.personas_without_vector, 0U);
}

// One of many personas has no support, so that its text stands in: the mean that centres it is taken over some.
TEST(CacheTexts, AMeanOfManyPersonaTextsIsTakenOverSomeOfThem) {
  CacheWorkspace workspace;
  PersonaWithSummaryRow row{.item_id = ItemId("i4"), .personas = {}};
  constexpr std::size_t kPersonas = 1500;
  for (std::size_t k = 0; k < kPersonas; ++k) {
    const auto id = "P" + std::to_string(k);
    row.personas.push_back({{id, "name " + id, "d", "r", {ReviewId("10", true)}}, "", PersonaId("i4_" + id)});
  }
  const PersonaEntry alone{{"P1", "n", "d", "r", {}}, "", PersonaId("i9_P1")};
  test::write_rows<PersonaWithSummaryRow>(workspace.files().persona_with_summary(), {row, {ItemId("i9"), {alone}}});
  const auto report = workspace.build();
  EXPECT_EQ(report.personas_from_text, 1U);
  EXPECT_GE(report.encoded.texts, 11U + 64U);
  EXPECT_LE(report.encoded.texts, 11U + 64U + 1U) << "those and the one that needs its text";

  row.personas.push_back(alone);
  std::ranges::sort(row.personas, {}, [](const auto& entry) { return sha256_hex(entry.unique_persona_id.text()); });
  std::vector<float> expected(16, 0.0F);
  for (const auto& entry : std::span(row.personas).first(64)) {
    const auto vector = workspace.encoder().vector(workspace.texts().persona(entry));
    for (std::size_t d = 0; d < expected.size(); ++d) expected[d] += vector[d] / 64;
  }
  const auto file = workspace.read("item_persona/mean.npy");
  std::vector<float> mean(16);
  std::memcpy(mean.data(), file.data() + file.size() - 16 * sizeof(float), 16 * sizeof(float));
  EXPECT_THAT(mean, testing::Pointwise(testing::FloatNear(1e-5F), expected));
}

std::vector<PersonaId> numbered_personas(std::size_t count) {
  std::vector<PersonaId> ids;
  for (std::size_t k = 0; k < count; ++k) ids.emplace_back("i" + std::to_string(k / 3) + "_P" + std::to_string(k % 3));
  return ids;
}

TEST(CentringTexts, AreSixteenForEachThatStandsInWithinBounds) {
  const auto ids = numbered_personas(1000);
  const auto drawn = [&](std::size_t standing_in) {
    const auto marks = draw_centring_texts(ids, standing_in);
    return std::count(marks.begin(), marks.end(), std::uint8_t{1});
  };
  EXPECT_EQ(drawn(1), 64);
  EXPECT_EQ(drawn(10), 160);
  EXPECT_EQ(drawn(17), 256);
  EXPECT_EQ(drawn(SIZE_MAX), 256);
  EXPECT_EQ(draw_centring_texts(numbered_personas(30), 1), std::vector<std::uint8_t>(30, 1));
}

TEST(CentringTexts, AreMostlyTheSameWhenPersonasCome) {
  const auto few = draw_centring_texts(numbered_personas(1000), 1);
  const auto more = draw_centring_texts(numbered_personas(1010), 1);
  std::size_t kept = 0;
  for (std::size_t k = 0; k < few.size(); ++k) {
    EXPECT_LE(more[k], few[k]) << "one that was not drawn among fewer";
    kept += more[k];
  }
  EXPECT_GE(kept, 64U - 10U);
  EXPECT_LT(std::count(few.begin(), few.begin() + 64, std::uint8_t{1}), 64) << "the first ones";
}

}  // namespace
}  // namespace persona4rec
