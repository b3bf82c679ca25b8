// What is refused in an answer about an item's personas, and that the offline provider does not say it.
#include "personas/persona_problem.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "io/jsonl_reader.hpp"
#include "offline/answers.hpp"
#include "persona4rec/records.hpp"
#include "support/shared_data.hpp"

namespace persona4rec {
namespace {

using testing::HasSubstr;

Json made_persona(const std::string& name, const std::string& description, const std::vector<std::string>& support) {
  return {{"Name", name},
          {"Description", description},
          {"Preference_Rationale", "Because."},
          {"Affinities", Json::array()},
          {"support", support}};
}

TEST(PersonaProblem, FindsSensitiveTraits) {
  const auto problem = persona_problem({{"personas", {made_persona("Hymns", "A devout Catholic who sings", {"1"})}}});
  EXPECT_THAT(problem, HasSubstr("personas[0].Description"));
  EXPECT_THAT(problem, HasSubstr("devout catholic"));
  EXPECT_EQ(persona_problem({{"personas", {made_persona("Hymns", "Follows gospel and Christian rock", {"1"})}}}), "");
}

TEST(PersonaProblem, FindsRepetitions) {
  const auto problem = [](const Json& a, const Json& b) { return persona_problem({{"personas", {a, b}}}); };
  const auto quiet = made_persona("Quiet", "Looks for silence, harps and slow evenings", {"1"});
  EXPECT_EQ(problem(quiet, made_persona("Loud", "Wants drums, sweat and speed", {"1"})), "")
      << "one review may support two";
  EXPECT_THAT(problem(quiet, made_persona("quiet ", "Wants drums, sweat and speed", {"2"})), HasSubstr("same Name"));
  EXPECT_THAT(problem(quiet, made_persona("Still", "Looks for silence, harps and slow mornings", {"2"})),
              HasSubstr("personas[0] and personas[1]"));
  EXPECT_THAT(problem(quiet, made_persona("Twice", "Wants drums", {"2", "2"})), HasSubstr("given twice"));
  EXPECT_THAT(problem(quiet, made_persona("Blank", " ", {"2"})), HasSubstr("Description: is empty"));
}

// The threshold of "nearly the same" must not refuse what people published as different.
TEST(PersonaProblem, PublishedPersonasPass) {
  P4R_NEED_SHARED("reference-sample");
  std::size_t items = 0;
  std::vector<std::string> refused;
  for (const auto* domain : {"amazon", "yelp"}) {
    for (const auto& row :
         read_jsonl<PersonaRow>(test::shared_data() / "reference-sample" / domain / "3_personas.jsonl")) {
      Json personas = Json::array();
      for (const auto& each : row.personas) {
        personas.push_back({{"Name", each.name},
                            {"Description", each.description},
                            {"Preference_Rationale", each.preference_rationale},
                            {"support", Json::array()}});
      }
      if (!persona_problem({{"personas", personas}}).empty()) refused.push_back(row.item.item_id.text());
      ++items;
    }
  }
  EXPECT_EQ(items, 62U);
  EXPECT_LE(refused.size(), 1U) << "one amazon item has two personas that differ in name only";
}

// Three reviews, of which none may be repeated, make the least number of personas all the same.
TEST(PersonaProblem, OfflinePersonasThatMayQuoteNothingAreToldApart) {
  Json facts = {{"reviews", Json::array()}, {"min_personas", 3}, {"max_personas", 7}};
  for (const auto* text : {"I am a devout Catholic.", "He is a devout Muslim.", "She suffers from depression."}) {
    const auto id = "r" + std::to_string(facts["reviews"].size());
    facts["reviews"].push_back({{"id", id}, {"rating", 5}, {"title", ""}, {"text", text}});
  }
  const auto answer = offline_personas(facts, Vocabulary(), 3, [](const Json& made) { return persona_problem(made); });
  EXPECT_EQ(persona_problem(answer), "");
  ASSERT_EQ(answer["personas"].size(), 3U);
  EXPECT_EQ(answer["personas"][0]["Description"], "Says nothing more.");
  EXPECT_EQ(answer["personas"][1]["Description"], "Says nothing more. The 2nd view.");
}

// A review of a single tag has words in the file, and none that can be read.
TEST(PersonaProblem, OfflinePersonasOfReviewsWithoutAWordHaveNoBlankField) {
  for (const auto* text : {"<br>", "~", "\xE2\x80\xA6", "D."}) {
    Json facts = {{"reviews", Json::array()}, {"min_personas", 2}, {"max_personas", 7}};
    for (const int rating : {5, 1}) {
      facts["reviews"].push_back({{"id", std::to_string(rating)}, {"rating", rating}, {"title", ""}, {"text", text}});
    }
    const auto answer =
        offline_personas(facts, Vocabulary(), 2, [](const Json& made) { return persona_problem(made); });
    EXPECT_EQ(persona_problem(answer), "") << text;
    EXPECT_EQ(answer["personas"].size(), 2U) << text;
  }
}

// Of short reviews that say the same, one in praise and one in blame: the least number of personas, and no fewer.
TEST(PersonaProblem, OfflinePersonasOfAlikeShortReviewsAreToldApart) {
  Json facts = {{"reviews", Json::array()}, {"min_personas", 2}, {"max_personas", 7}};
  for (const int rating : {5, 1}) {
    const auto* text = rating == 5 ? "Ian Anderson's first solo album" : "Ian Anderson's first solo album, well";
    facts["reviews"].push_back({{"id", std::to_string(rating)}, {"rating", rating}, {"title", ""}, {"text", text}});
  }
  const auto answer = offline_personas(facts, Vocabulary(), 2, [](const Json& made) { return persona_problem(made); });
  EXPECT_EQ(persona_problem(answer), "");
  ASSERT_EQ(answer["personas"].size(), 2U);
  EXPECT_EQ(answer["personas"][1]["Description"], "Says nothing more. The 2nd view.");
  EXPECT_THAT(answer["personas"][1]["Preference_Rationale"].get<std::string>(), testing::HasSubstr("well"));
}

}  // namespace
}  // namespace persona4rec
