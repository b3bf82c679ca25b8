// Rows written straight into a string: the bytes of to_json(row).dump().
#include <gtest/gtest.h>

#include <string>

#include "records/row_append.hpp"
#include "records/row_json.hpp"
#include "records/row_view.hpp"

namespace persona4rec {
namespace {

template <class Value>
std::string appended(const Value& value) {
  std::string text = "before ";
  append_json(text, value);
  return text.substr(7);
}

TEST(RowAppend, AnElementIsWrittenAsItsJson) {
  std::string many = "{";
  for (int i = 0; i < 40; ++i) many += "\"k" + std::to_string(i % 30) + "\": " + std::to_string(i) + ", ";
  many += R"("last": 1})";
  simdjson::dom::parser parser;
  for (const std::string& text :
       {std::string(
            R"({"a": [1, -2, 18446744073709551615, 0.1, 5.0, 1e300, -0.0, true, false, null], "b": {}, "c": []})"),
        std::string(R"({"a": 1, "b": "\u00e9\n\"\\\u0001/", "a": 2, "": {"x": {"y": []}}})"), many}) {
    const simdjson::dom::element element = parser.parse(text);
    EXPECT_EQ(appended(element), to_json(element).dump()) << text;
  }
}

TEST(RowAppend, StringsOfAnyLengthAreWrittenAsTheirJson) {
  for (const std::string piece : {"\"", "\\", "\n", "\x01", "\x1F", "é", "日", "/", "\x7F"}) {
    for (std::size_t at = 0; at < 70; ++at) {
      auto text = std::string(at, 'x') + piece + std::string(70 - at, 'y');
      EXPECT_EQ(appended(std::string_view(text)), Json(text).dump());
      text += piece + piece;
      EXPECT_EQ(appended(std::string_view(text)), Json(text).dump());
    }
  }
}

TEST(RowAppend, ValuesAreWrittenAsTheyAreDumped) {
  const Json value = {{"a", {1, -2, 0.5, true, nullptr, "x\n", Json::array(), Json::object()}}, {"b\"", {{"c", "é"}}}};
  std::string text;
  append_value(text, value);
  EXPECT_EQ(text, value.dump());
}

TEST(RowAppend, RowsOfAspectsAreThoseOfTheirJson) {
  AspectRow row{.review_id = ReviewId("9", true),
                .item_id = ItemId("i\"1\""),
                .user_id = UserId("7", true),
                .rating = {.value = 4.5},
                .timestamp = {.ms = 12, .text = "12"},
                .review_title = std::nullopt,
                .review_text = "Good.\nVery \"good\".",
                .raw_start = std::nullopt,
                .extracted_aspects = {{"purpose", nullptr}, {"quality", "warm, \"deep\""}},
                .status = AspectStatus::kNoText};
  EXPECT_EQ(appended(row), to_json(row).dump());
  row.review_title = "Title";
  row.raw_start = "Good &amp;";
  row.status = AspectStatus::kOk;
  EXPECT_EQ(appended(row), to_json(row).dump());
}

TEST(RowAppend, TimesAreWrittenAsTheyCame) {
  for (const std::string text : {"0", "7", "1488844800000", "-5", "-0", "1488844800000.5", "1e+16"}) {
    const Timestamp time{.ms = 1, .text = text};
    EXPECT_EQ(appended(time), to_json(time).dump()) << text;
  }
  EXPECT_EQ(appended(Timestamp{.ms = 1, .text = "2017-10-09 \"x\"", .is_string = true}), R"("2017-10-09 \"x\"")");
}

TEST(RowAppend, RatingsKeepTheirForm) {
  EXPECT_EQ(appended(Rating{.value = 5, .is_integer = true}), "5");
  EXPECT_EQ(appended(Rating{.value = 5}), "5.0");
  EXPECT_EQ(appended(Rating::none()), "null");
}

TEST(RowAppend, RowsOfTargetsAreThoseOfTheirJson) {
  const TargetRow row{.user_id = UserId("7", true),
                      .item_id = ItemId("i\"1\""),
                      .review_id = ReviewId("9", true),
                      .timestamp = {.ms = 12, .text = "12"},
                      .split = TargetSplit::kValid};
  EXPECT_EQ(appended(row), to_json(row).dump());
  const GroundTruthRow truth{row.user_id, row.item_id};
  EXPECT_EQ(appended(truth), to_json(truth).dump());
}

TEST(RowAppend, PersonasWithTheirSupportAreThoseOfTheirJson) {
  PersonaEntry entry{.persona = {"P1", "N\n", "D", "R", {ReviewId("1", true), ReviewId("x")}},
                     .item_summary = "summary",
                     .unique_persona_id = PersonaId("i_P1")};
  entry.persona.affinities = {"one"};
  entry.persona.affinity_counts = {{.name = "one", .count = 1, .liked_by = 2, .items = {ItemId("j")}}};
  const PersonaEntry without_support{
      .persona = {"P2", "N", "D", "R", {}}, .item_summary = "", .unique_persona_id = PersonaId("i_P2")};
  for (const PersonaWithSummaryRow& row :
       {PersonaWithSummaryRow{ItemId("i"), {entry, without_support}}, PersonaWithSummaryRow{ItemId("1", true), {}}}) {
    EXPECT_EQ(appended(row), to_json(row).dump());
  }
}

TEST(RowAppend, ItemsWithTheirPersonasAreThoseOfTheirJson) {
  PersonaRow row{.item = {ItemId("7", true), "T \"t\"", "D\n", "S"}, .review_count = 12, .personas = {}};
  EXPECT_EQ(appended(row.item), to_json(row.item).dump());
  EXPECT_EQ(appended(row), to_json(row).dump());
  row.personas.resize(2);
  row.personas[0] = {.id = "P1", .name = "N\n", .description = "D", .preference_rationale = "R"};
  row.personas[0].support = {ReviewId("1", true), ReviewId("x")};
  row.personas[1].id = "P2";
  EXPECT_EQ(appended(row), to_json(row).dump());
  row.personas[1].affinities = {"one"};
  EXPECT_EQ(appended(row), to_json(row).dump());
}

}  // namespace
}  // namespace persona4rec
