// records/affinities.hpp, and affinities in rows.
#include "records/affinities.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "persona4rec/error.hpp"
#include "records/row_json.hpp"

namespace persona4rec {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

PersonaRow persona_row(const std::string& personas) {
  static const Place kPlace{.file = "rows.jsonl", .line = 7};
  simdjson::dom::parser parser;
  const std::string text =
      R"({"item_id":"i1","item_title":"","item_description":"","item_summary":"","review_count":1,"personas":[)" +
      personas + R"(],"persona_count":1})";
  return read_row<PersonaRow>(RowView(parser.parse(text), kPlace));
}

std::string persona_with(const std::string& field) {
  return R"({"ID":"P1","Name":"n","Description":"d","Preference_Rationale":"r",)" + field + R"("support":["r1"]})";
}

TEST(Affinities, RoundTripWithTheirCounts) {
  const auto text = persona_with(
      R"("Affinities":["Watermark","Clannad"],"affinity_counts":[{"name":"Watermark","count":3,"liked_by":9,"items":["i2",5]}],)"
      R"("affinity_from":["i7"],)");
  const auto row = persona_row(text);
  EXPECT_THAT(row.personas[0].affinities, ElementsAre("Watermark", "Clannad"));
  EXPECT_EQ(row.personas[0].affinity_counts[0].items[1], ItemId("5"));
  EXPECT_EQ(to_json(row)["personas"][0].dump(), text);
}

TEST(Affinities, AreOptional) {
  const auto row = persona_row(persona_with(""));
  EXPECT_THAT(row.personas[0].affinities, IsEmpty());
  EXPECT_EQ(to_json(row)["personas"][0].dump(), persona_with(""));
}

TEST(Affinities, GivenFilesMayCallThemAlsoEnjoys) {
  EXPECT_THAT(persona_row(persona_with(R"("also_enjoys":["Enya","Era"],)")).personas[0].affinities,
              ElementsAre("Enya", "Era"));
  EXPECT_THAT(persona_row(persona_with(R"("affinities":["Enigma"],)")).personas[0].affinities, ElementsAre("Enigma"));
}

TEST(Affinities, ThatAreNoNamesAreRefused) {
  try {
    (void)persona_row(persona_with(R"("Affinities":["Enya",3],)"));
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("rows.jsonl:7: field \"personas[0].Affinities\": expected strings"));
  }
}

std::vector<AffinityCount> some_counts() {
  return {{.name = "A", .count = 3, .liked_by = 9, .items = {ItemId("a")}},
          {.name = "B", .count = 3, .liked_by = 9, .items = {ItemId("b"), ItemId("b2")}},
          {.name = "C", .count = 2, .liked_by = 9, .items = {ItemId("c")}},
          {.name = "D", .count = 1, .liked_by = 1, .items = {ItemId("d")}}};
}

LeftOut who_liked(const std::string& items, bool counted = true) {
  return {.liked = [items](const ItemId& item) { return items.find(item.text()) != std::string::npos; },
          .counted = counted};
}

TEST(Affinities, CountedOnesStandForTwoSupportersAtLeast) {
  EXPECT_THAT(counted_affinities(some_counts()), ElementsAre("A", "B", "C"));
}

TEST(Affinities, WhatEverybodyLikesSaysLess) {
  auto counts = some_counts();
  counts[0].liked_by = 100;
  EXPECT_THAT(counted_affinities(counts), ElementsAre("B", "C", "A"));
}

TEST(Affinities, AUsersCountsAreSubtractedOncePerName) {
  EXPECT_THAT(counted_affinities(some_counts(), who_liked("a b b2 c d")), ElementsAre("A", "B"));  // C is 1 now
  EXPECT_THAT(counted_affinities(some_counts(), who_liked("b b2")), ElementsAre("A", "B", "C"));
  EXPECT_THAT(counted_affinities(some_counts(), who_liked("a")), ElementsAre("B", "A", "C"));
  EXPECT_THAT(counted_affinities(some_counts(), who_liked("b2", false)), ElementsAre("B", "A", "C"))
      << "one of the others who liked it: fewer do now";
}

TEST(Affinities, ThatWereNotCountedStayWhoeverIsLeftOut) {
  Persona persona{.id = "P1",
                  .name = "n",
                  .description = "d",
                  .preference_rationale = "r",
                  .support = {},
                  .affinities = {"Enya"},
                  .affinity_counts = {}};
  const auto all = [](const ItemId&) { return true; };
  EXPECT_THAT(without_affinities_of(persona, true, all).affinities, ElementsAre("Enya"));
  persona.affinity_counts = some_counts();
  EXPECT_THAT(without_affinities_of(persona, true, all).affinities, ElementsAre("A", "B"));
}

TEST(Affinities, LoseNothingWithoutAUserWhoWasNotCounted) {
  Persona persona{.id = "P1",
                  .name = "n",
                  .description = "d",
                  .preference_rationale = "r",
                  .support = {},
                  .affinities = {"A", "B", "C"},
                  .affinity_counts = some_counts()};
  const auto c_alone = [](const ItemId& item) { return item.text() == "c"; };
  EXPECT_THAT(without_affinities_of(persona, false, c_alone).affinities, ElementsAre("A", "B", "C"));
  EXPECT_THAT(without_affinities_of(persona, true, c_alone).affinities, ElementsAre("A", "B"));
  persona.affinity_from = {ItemId("i1")};  // who liked i1 was counted, whoever supports the persona
  EXPECT_THAT(without_affinities_of(persona, true, c_alone).affinities, ElementsAre("A", "B", "C"));
  persona.affinity_from = {ItemId("c")};
  EXPECT_THAT(without_affinities_of(persona, false, c_alone).affinities, ElementsAre("A", "B"));
}

TEST(Affinities, AreOneTextForTheEncoder) {
  EXPECT_EQ(affinity_text({"Watermark", "Celtic new age"}), "Watermark, Celtic new age");
  EXPECT_EQ(affinity_text({}), "");
}

}  // namespace
}  // namespace persona4rec
