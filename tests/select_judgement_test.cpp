// What `select` reads of judges' answers, and of files of judgements made elsewhere.
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "io/jsonl_reader.hpp"
#include "persona4rec/select.hpp"
#include "select/judgement.hpp"
#include "support/persona_rows.hpp"
#include "support/rows.hpp"
#include "support/shared_data.hpp"
#include "support/temp_dir.hpp"

namespace persona4rec {
namespace {

TEST(JudgedPersona, ReadsTheFormsThatJudgesWrite) {
  const ItemId item("B08TVYZQ1G");
  const std::vector<std::pair<std::string, std::optional<std::string>>> cases{
      {"They like twists.\n\n**Selection:** 3. B08TVYZQ1G_P3", "P3"},
      {"Selection: P3", "P3"},
      {"text  Selection: 7. B08TVYZQ1G_P7", "P7"},
      {"**Selection**: P2", "P2"},
      {"selection: p4.", "P4"},
      {"Selection: [P5]", "P5"},
      {"Selection: \"P12\"", "P12"},
      {"Selection: 3", "P3"},
      {"Selection: 3. The Thrill Seeker", "P3"},
      {"Selection:\nP6", "P6"},
      {"First thought: Selection: P1. On reflection:\nSelection: P2", "P2"},
      {"The selection of books was wide.", std::nullopt},
      {"", std::nullopt},
      {"Selection: none of them", std::nullopt},
      {"Selection: 3rd", std::nullopt},
      {"P3 fits best.", std::nullopt}};
  for (const auto& [text, expected] : cases) EXPECT_EQ(judged_persona(text, item), expected) << text;
  EXPECT_EQ(judged_persona("Selection: 2. X_P1_P2", ItemId("X_P1")), "P2") << "an id that looks like a persona's";
  EXPECT_EQ(judged_persona("Selection: 2. P1_P2", ItemId("P1")), "P2");
}

// The labels of the published amazon sample that its parser lost, read off by hand.
TEST(ImportJudgements, RepairsThePublishedAmazonLabels) {
  P4R_NEED_SHARED("reference-sample");
  const std::vector<int> by_hand{2, 3, 6, 3, 7, 3, 3, 1, 3, 4, 7, 3, 1, 1, 3, 4, 4, 7, 1, 3, 5, 2, 3, 6, 5};
  test::TempDir dir;
  const auto output = dir / "4_selected_personas.jsonl";
  const auto report =
      import_judgements({.judgements = test::shared_data() / "reference-sample/amazon/4_selected_personas.jsonl",
                         .persona_with_summary = {},
                         .output = output});
  const auto written = read_jsonl<SelectedPersonaRow>(output);
  ASSERT_EQ(written.size(), by_hand.size());
  for (std::size_t i = 0; i < by_hand.size(); ++i) {
    EXPECT_EQ(written[i].selected_persona_id, "P" + std::to_string(by_hand[i])) << "row " << i + 1;
    EXPECT_EQ(written[i].selected_persona.unique_persona_id.text(),
              written[i].target_item_id.text() + "_" + written[i].selected_persona_id);
  }
  EXPECT_EQ(report.changed, 21U);
  EXPECT_EQ(report.without_verdict, 0U);
  EXPECT_EQ(report.without_persona, 21U);
}

TEST(ImportJudgements, LeavesThePublishedYelpLabels) {
  P4R_NEED_SHARED("reference-sample");
  test::TempDir dir;
  const auto report =
      import_judgements({.judgements = test::shared_data() / "reference-sample/yelp/4_selected_personas.jsonl",
                         .persona_with_summary = {},
                         .output = dir / "4.jsonl"});
  EXPECT_EQ(report.rows, 6U);
  EXPECT_EQ(report.changed, 0U);
}

TEST(ImportJudgements, TakesPersonaTextsFromTheWorkspaceAndRefusesUnknownOnes) {
  test::TempDir dir;
  test::write_rows<PersonaWithSummaryRow>(dir / "p.jsonl", {test::item_personas("i", 3)});
  const auto row = [](const std::string& reasoning) {
    return R"({"user_id":"u","target_item_id":"i","selected_persona_id":"P1","selected_persona_name":"Name P1",)"
           R"("selected_persona":{"ID":"P1","Name":"Name P1","Description":"d","Preference_Rationale":"r"},)"
           R"("selection_reasoning":")" +
           reasoning + "\"}\n";
  };
  const auto judgements = dir.write("j.jsonl", row("Selection: P3") + row("Selection: P9") + row("no verdict"));
  const auto report = import_judgements(
      {.judgements = judgements, .persona_with_summary = dir / "p.jsonl", .output = dir / "out.jsonl"});
  EXPECT_EQ(report.rows, 2U);
  EXPECT_EQ(report.changed, 1U);
  EXPECT_EQ(report.unknown_persona, 1U);
  EXPECT_EQ(report.without_verdict, 1U);
  const auto written = read_jsonl<SelectedPersonaRow>(dir / "out.jsonl");
  EXPECT_EQ(written[0].selected_persona_name, "Name P3");
  EXPECT_EQ(written[0].selected_persona.persona.description, "Description of P3");
  EXPECT_EQ(written[1].selected_persona_id, "P1");
}

}  // namespace
}  // namespace persona4rec
