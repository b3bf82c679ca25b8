// offline/noun_phrases.hpp, the names made of them, and personas from metadata alone.
#include "offline/noun_phrases.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "asking/answer_schema.hpp"
#include "asking/prompt.hpp"
#include "asking/sensitive_traits.hpp"
#include "offline/answers.hpp"
#include "offline/cues.hpp"
#include "support/paths.hpp"

namespace persona4rec {
namespace {

std::optional<std::string_view> spoken_clause(std::string_view sentence, Cue cue) {
  return cue_clause(sentence, words_in(sentence), cue);
}

using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

std::vector<std::string> keys(std::string_view sentence) {
  std::vector<std::string> out;
  const auto words = words_in(sentence);
  for (const auto& phrase : noun_phrases(sentence, words)) out.emplace_back(phrase.key);
  return out;
}

TEST(NounPhrases, AreNamesAndWhatADeterminerOpens) {
  EXPECT_THAT(keys("I adore the spoilage rule, and Brian Wilson sings."),
              AllOf(Contains("spoilage rule"), Contains("rule"), Contains("brian wilson")));
  EXPECT_THAT(keys("It has a cheap plastic box."), Contains("plastic box"));
  const auto words = words_in("It is by Brian Wilson.");
  EXPECT_EQ(noun_phrases("It is by Brian Wilson.", words)[0].text, "Brian Wilson");
}

TEST(NounPhrases, VerbsAdverbsNumbersAndEmptyWordsAreNone) {
  EXPECT_THAT(keys("Sold it, maintaining settings quickly."), IsEmpty());
  EXPECT_THAT(keys("For the first time in a year, it was a lot."), IsEmpty());
  EXPECT_THAT(keys("I paid the 8x for it."), IsEmpty());
  EXPECT_THAT(keys("That was the best and the worst."), IsEmpty());
  EXPECT_THAT(keys("THE BEST ALBUM OF ALL"), Not(Contains("the best album")));
}

Json two_views() {
  Json facts = {{"reviews", Json::array()}, {"disliked_to", 2}, {"min_personas", 2}, {"max_personas", 7}};
  const std::vector<std::pair<double, std::string>> reviews{
      {5, "We love the brine market. Running the brine market with others never gets old."},
      {5, "What makes it shine is the brine market, and my friends agree with me."},
      {4, "A joy because of the brine market, honestly, every single evening we had."},
      {1, "I hated the spoilage rule. It is unfair and boring to everybody who tries."},
      {2, "The game is ruined by the spoilage rule, which is awful for a beginner."},
      {1, "Nobody here could bear the spoilage rule, so it is a terrible purchase."}};
  for (const auto& [rating, text] : reviews) {
    facts["reviews"].push_back(
        {{"id", "r" + std::to_string(facts["reviews"].size())}, {"rating", rating}, {"title", ""}, {"text", text}});
  }
  return facts;
}

Vocabulary telling_words() {
  VocabularyBuilder words{WordTokenizer()};
  words.add("brine market spoilage rule friends joy unfair ruined black man");
  return words.build({.min_documents = 1, .max_document_share = 1});
}

// "Black Man" is a song; as a name it would say of people what no persona may.
TEST(OfflinePersonas, AreNotCalledByATitleThatReadsAsATraitOfPeople) {
  Json facts = two_views();
  for (Json& review : facts["reviews"]) {
    auto text = review.at("text").get<std::string>();
    for (auto at = text.find("brine market"); at != std::string::npos; at = text.find("brine market")) {
      text.replace(at, 12, "Black Man");
    }
    review["text"] = text;
  }
  ASSERT_NE(sensitive_trait("Black Man"), "");
  for (const auto& persona : offline_personas(facts, telling_words(), 2).at("personas")) {
    for (const auto* field : {"Name", "Description", "Preference_Rationale"}) {
      EXPECT_EQ(sensitive_trait(persona.at(field).get<std::string>()), "") << persona;
    }
  }
}

TEST(OfflinePersonas, AreCalledByWhatTheirReviewsSpeakOfAndTheOthersDoNot) {
  const auto personas = offline_personas(two_views(), telling_words(), 2).at("personas");
  ASSERT_EQ(personas.size(), 2U);
  std::vector<std::string> names;
  for (const auto& persona : personas) names.push_back(persona.at("Name"));
  EXPECT_THAT(names, Contains("Brine market"));
  EXPECT_THAT(names, Contains("Not for me: spoilage rule"));
}

TEST(OfflinePersonas, QuoteTheView) {
  for (const auto& persona : offline_personas(two_views(), telling_words(), 2).at("personas")) {
    EXPECT_GT(judging_words(words_in(persona.at("Preference_Rationale").get_ref<const std::string&>())), 0U)
        << persona.at("Preference_Rationale");
  }
}

TEST(OfflinePersonas, DoNotRepeatWhatNoPersonaMaySay) {
  auto facts = two_views();
  facts["reviews"][0]["text"] = "As a devout Catholic I love the brine market with joy. We love the brine market.";
  for (const auto& persona : offline_personas(facts, telling_words(), 2).at("personas")) {
    EXPECT_THAT(persona.dump(), Not(HasSubstr("Catholic")));
  }
}

TEST(OfflineProspective, SpeaksInTheMetadatasWords) {
  const auto answer = offline_prospective({{"item_title", "Memory of Trees"},
                                           {"item_summary", "Memory of Trees. New Age, Celtic New Age."},
                                           {"item_description", "New Age, Celtic New Age, Meditation"}});
  const auto schema = Prompt::load(test::source_dir() / "prompts/generic", "prospective").schema();
  EXPECT_EQ(check_schema(answer, *schema), "");
  const auto& persona = answer.at("personas").at(0);
  EXPECT_THAT(persona.at("Name").get<std::string>(), HasSubstr("New Age"));
  EXPECT_EQ(persona.at("Description"), "Memory of Trees. New Age, Celtic New Age.");
}

TEST(OfflineProspective, NeedsNoMoreThanATitle) {
  const auto persona = offline_prospective({{"item_title", "Cars"}, {"item_summary", ""}, {"item_description", ""}})
                           .at("personas")
                           .at(0);
  for (const auto* field : {"Name", "Description", "Preference_Rationale"}) {
    EXPECT_THAT(persona.at(field).get<std::string>(), HasSubstr("Cars"));
  }
}

TEST(Cues, TheFirstInTheSentenceOpensTheClause) {
  EXPECT_EQ(spoken_clause("Played it while driving, when I was home.", Cue::kContext), "while driving");
  EXPECT_EQ(spoken_clause("Meanwhile nothing.", Cue::kContext), std::nullopt) << "a cue begins where a word does";
  EXPECT_EQ(spoken_clause("It was duringly odd.", Cue::kContext), std::nullopt) << "and ends where one does";
}

}  // namespace
}  // namespace persona4rec
