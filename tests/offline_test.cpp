#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "asking/answer_schema.hpp"
#include "asking/prompt.hpp"
#include "base/clock.hpp"
#include "base/rng.hpp"
#include "lexical/term_vector.hpp"
#include "offline/answers.hpp"
#include "offline/clusters.hpp"
#include "offline/cues.hpp"
#include "offline/offline_client.hpp"
#include "offline/text.hpp"
#include "support/paths.hpp"

namespace persona4rec {
namespace {

std::optional<std::string_view> clause_of(std::string_view sentence, Cue cue) {
  return cue_clause(sentence, words_in(sentence), cue);
}

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

Prompt prompt(const std::string& domain, const std::string& stage) {
  return Prompt::load(test::source_dir() / "prompts" / domain, stage);
}

TEST(OfflineText, SplitsSentences) {
  EXPECT_THAT(sentences_of("It is good. Is it? Yes!"), ElementsAre("It is good.", "Is it?", "Yes!"));
  EXPECT_THAT(sentences_of("Over time.It held up."), ElementsAre("Over time.", "It held up."));
  EXPECT_THAT(sentences_of("Dr. King met Sgt. Pepper and J. Cash at 3.5 p.m. there."),
              ElementsAre("Dr. King met Sgt. Pepper and J. Cash at 3.5 p.m. there."));
  EXPECT_THAT(sentences_of("So do I. Now listen."), ElementsAre("So do I.", "Now listen."));
  EXPECT_THAT(sentences_of("First line\nsecond ... line"), ElementsAre("First line", "second ... line"));
  EXPECT_THAT(sentences_of("He said \"stop!\" Then left. ***"), ElementsAre("He said \"stop!\"", "Then left."));
  EXPECT_THAT(sentences_of(" \n "), ElementsAre());
}

// Quadratic once: minutes for a review of 70,000 stops.
TEST(OfflineText, SentencesOfStopsWithoutEndAreLinear) {
  std::string dotted;
  for (int i = 0; i < 70000; ++i) dotted += "a.A";
  EXPECT_EQ(sentences_of(dotted).size(), 70000U);
  const std::string pauses = std::string(1000000, '.') + "x";
  EXPECT_EQ(sentences_of(pauses).size(), 1U);
}

TEST(OfflineText, FindsNamesAndPhrasesThatComeBack) {
  const auto best = [](std::vector<std::string_view> sentences) { return key_phrases(sentences, 3); };
  const auto phrases =
      best({"I played Songs in the Key of Life.", "The bass line is warm.", "A bass line for Brian Wilson."});
  EXPECT_THAT(phrases, testing::UnorderedElementsAre("Songs in the Key of Life", "Brian Wilson", "bass line"));
  EXPECT_THAT(best({"THE BEST ALBUM OF ALL TIME EVER"}), Not(Contains("THE BEST ALBUM OF ALL TIME EVER")));
  EXPECT_TRUE(best({}).empty());
  EXPECT_THAT(best({"We had ÖDE Ängste.", "The öde ängste!", "It was KÄSE."}), ElementsAre("ÖDE Ängste", "KÄSE"));
}

TEST(OfflineText, EndsSentences) {
  EXPECT_EQ(as_sentence("a list, "), "a list.");
  EXPECT_EQ(as_sentence("ended!"), "ended!");
  EXPECT_EQ(as_sentence(""), "");
}

TEST(OfflineCues, FindJudgementsPurposesAndCircumstances) {
  const std::string_view sentence = "A great album, but the sound is really boring.";
  EXPECT_THAT(judging_phrases(sentence, words_in(sentence)), ElementsAre("great album", "sound is really boring"));
  EXPECT_EQ(clause_of("It arrived and I bought this for my brother, who sings.", Cue::kPurpose),
            "bought this for my brother");
  EXPECT_EQ(clause_of("Nice when I drive at night.", Cue::kContext), "when I drive at night");
  EXPECT_EQ(clause_of("It was as dear as diamonds.", Cue::kContext), std::nullopt);
}

TEST(OfflineAspects, AnswerWhatTheReviewSaysAndNothingElse) {
  const Json facts = {
      {"title", "Harps for the night"},
      {"text", "I bought this for my sister. The Celtic Harp Trio play a lovely melody. We hear it when we cook."},
      {"rating", 5}};
  const auto aspects = prompt("amazon", "extract_aspects");
  const auto answer = offline_aspects(facts, *aspects.schema());
  EXPECT_EQ(check_schema(answer, *aspects.schema()), "");
  EXPECT_THAT(answer["category_preference"].get<std::string>(), HasSubstr("Celtic Harp Trio"));
  EXPECT_EQ(answer["purchase_purpose"], "bought this for my sister");
  EXPECT_EQ(answer["purchase_purpose_reason"], "I bought this for my sister.");
  EXPECT_EQ(answer["quality_criteria"], "lovely melody");
  EXPECT_EQ(answer["usage_context"], "when we cook");

  const auto nothing = offline_aspects({{"title", ""}, {"text", "Ok."}, {"rating", 3}}, *aspects.schema());
  EXPECT_TRUE(nothing["purchase_purpose"].is_null());
  EXPECT_TRUE(nothing["purchase_purpose_reason"].is_null());
}

TEST(OfflineAspects, EveryDomainsSchemaIsFilled) {
  const Json facts = {{"title", "Bean There"},
                      {"text", "Stopped by for a quick lunch with friends. Great ramen, rude staff."},
                      {"rating", 4}};
  for (const auto* domain : {"amazon", "yelp", "generic"}) {
    const auto aspects = prompt(domain, "extract_aspects");
    EXPECT_EQ(check_schema(offline_aspects(facts, *aspects.schema()), *aspects.schema()), "") << domain;
  }
  const auto yelp = offline_aspects(facts, *prompt("yelp", "extract_aspects").schema());
  EXPECT_THAT(yelp["quality_criteria"].get<std::string>(), HasSubstr("rude staff"));
  EXPECT_EQ(yelp["visit_purpose"], "Stopped by for a quick lunch with friends");
}

TEST(OfflineSummary, KeepsTitleCategoriesAndTheLeadingSentences) {
  const auto summary = [](const std::string& title, const std::string& description) {
    return offline_summary({{"title", title}, {"description", description}})["item_summary"].get<std::string>();
  };
  EXPECT_EQ(summary("Harp & Hum", "The trio plays old Celtic songs on three harps. Ok.\nFolk, Celtic, New Age"),
            "Harp & Hum. Folk, Celtic, New Age. The trio plays old Celtic songs on three harps.");
  EXPECT_EQ(summary("Only a title", ""), "Only a title.");
  EXPECT_EQ(summary("", "Coffee, Tea\nReno"), "Coffee, Tea. Reno.");
  std::string wordy;
  for (int i = 0; i < 100; ++i)
    wordy += "Sentence number " + std::to_string(i) + " has plenty of telling content words. ";
  EXPECT_LT(summary("T", wordy).size(), 600U);
}

// Reviews of one item as the personas stage hands them over.
Json persona_facts(const std::vector<std::pair<double, std::string>>& reviews) {
  Json facts = {{"reviews", Json::array()}, {"min_personas", reviews.size() == 1 ? 1 : 2}, {"max_personas", 7}};
  for (const auto& [rating, text] : reviews) {
    const auto id = "r" + std::to_string(facts["reviews"].size());
    facts["reviews"].push_back({{"id", id}, {"rating", rating}, {"title", ""}, {"text", text}});
  }
  return facts;
}

Vocabulary words_of(const Json& facts) {
  VocabularyBuilder words{WordTokenizer(StopWords::resolve("english"))};
  for (const auto& review : facts.at("reviews")) words.add(review.at("text").get_ref<const std::string&>());
  return words.build({.min_documents = 1, .max_document_share = 1});
}

const std::vector<std::pair<double, std::string>> kTwoTastes{
    {5, "Brian Wilson writes harmonies like nobody else. The harmonies lift every chorus."},
    {4, "These harmonies are a choir of angels for Brian Wilson fans."},
    {5, "Brian Wilson stacks harmonies until the chorus glows with them."},
    {5, "The mono remaster has a cleaner bass than my old vinyl. A proper remaster."},
    {4, "This remaster in mono gives the bass room, the vinyl never did."},
    {4, "Vinyl lovers get a mono remaster with deep bass at last."},
    {1, "Childish lyrics and a dull voice, I gave this away the next day."}};

TEST(OfflinePersonas, SeparateTastesAndKeepCriticsApart) {
  const auto facts = persona_facts(kTwoTastes);
  EXPECT_EQ(offline_persona_count(facts), 3U) << "ceil(7 / 3)";
  const auto answer = offline_personas(facts, words_of(facts), 3);
  std::set<std::set<std::string>> supports;
  for (const auto& persona : answer["personas"]) supports.insert(persona["support"].get<std::set<std::string>>());
  EXPECT_EQ(supports, (std::set<std::set<std::string>>{{"r0", "r1", "r2"}, {"r3", "r4", "r5"}, {"r6"}}));
  for (const auto& persona : answer["personas"]) {
    const auto first = persona["support"][0].get<std::string>();
    const auto* expected = first == "r0" ? "Brian Wilson" : (first == "r3" ? "emaster" : "Not for me");
    EXPECT_THAT(persona["Name"].get<std::string>(), HasSubstr(expected));
  }
}

TEST(OfflinePersonas, AreNoMoreThanTheFactsAllow) {
  auto facts = persona_facts(kTwoTastes);
  for (const std::size_t most : {3U, 2U, 1U}) {
    facts["max_personas"] = most;
    facts["min_personas"] = std::min<std::size_t>(2, most);
    ASSERT_EQ(offline_persona_count(facts), most);
    const auto answer = offline_personas(facts, words_of(facts), most);
    std::set<std::string> supporting;
    for (const auto& persona : answer["personas"]) {
      for (const auto& id : persona["support"]) supporting.insert(id.get<std::string>());
    }
    EXPECT_EQ(answer["personas"].size(), most);
    EXPECT_EQ(supporting.size(), kTwoTastes.size()) << "every review still supports one";
  }
}

TEST(OfflinePersonas, DescribeByTheReviewsOwnWords) {
  const auto facts = persona_facts(kTwoTastes);
  const auto answer = offline_personas(facts, words_of(facts), 3);
  std::string all;
  for (const auto& [rating, text] : kTwoTastes) all += text + "\n";
  std::set<std::string> quoted;
  for (const auto& persona : answer["personas"]) {
    const auto description = persona["Description"].get<std::string>();
    for (const auto sentence : sentences_of(description)) {
      EXPECT_THAT(all, HasSubstr(std::string(sentence)));
      EXPECT_TRUE(quoted.emplace(sentence).second) << "quoted twice: " << sentence;
    }
    EXPECT_FALSE(persona["Preference_Rationale"].get<std::string>().empty());
  }
}

TEST(OfflinePersonas, CountFollowsTheRule) {
  std::vector<std::pair<double, std::string>> reviews;
  for (const std::size_t expected : {1U, 2U, 2U, 2U, 2U, 2U, 3U}) {
    reviews.emplace_back(5, "Wording number " + std::to_string(reviews.size()));
    EXPECT_EQ(offline_persona_count(persona_facts(reviews)), expected) << reviews.size();
  }
  while (reviews.size() < 60) reviews.emplace_back(5, "More wording " + std::to_string(reviews.size()));
  EXPECT_EQ(offline_persona_count(persona_facts(reviews)), 7U);
}

// However few or odd the reviews are, an answer has what the schema asks for.
TEST(OfflinePersonas, OddReviewsStillMakeFullAnswers) {
  const std::vector<std::vector<std::pair<double, std::string>>> cases{
      {{5, "Ok"}},
      {{1, "!!!"}, {1, "bad"}},
      {{5, "ALL CAPS GREAT"}, {2, "meh"}, {3, "日本語のレビュー"}},
      {{1, "All critics here agree on it."},
       {2, "Critics, all of us, agree."},
       {1, "Agreed by critics."},
       {2, "Yes."}}};
  for (const auto& reviews : cases) {
    const auto facts = persona_facts(reviews);
    const auto answer = offline_personas(facts, words_of(facts), offline_persona_count(facts));
    EXPECT_EQ(check_schema(answer, *prompt("generic", "personas").schema()), "") << answer.dump();
    std::size_t supported = 0;
    for (const auto& persona : answer["personas"]) {
      supported += persona["support"].size();
      EXPECT_NE(persona["Name"], "");
      EXPECT_NE(persona["Description"], "");
    }
    EXPECT_EQ(supported, reviews.size());
  }
}

TEST(OfflineClusters, FillEveryClusterAndAreDeterministic) {
  std::vector<SparseVector> points(5);  // no words at all
  points.push_back({{0}, {1.0F}});
  const auto clusters = cluster_points(points, 3, 1);
  EXPECT_EQ(std::set<std::uint32_t>(clusters.begin(), clusters.end()).size(), 3U);
  EXPECT_EQ(clusters, cluster_points(points, 3, 1));
}

// At the end every point is with the centre that is nearest, where each is the mean of its members as they are then.
TEST(OfflineClusters, CentresThatStandStillAreStandingRight) {
  constexpr std::uint32_t kTerms = 4;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    Rng rng(seed);
    std::vector<SparseVector> points;
    for (int i = 0; i < 60; ++i) {
      SparseVector point;
      for (std::uint32_t term = 0; term < kTerms; ++term) {
        point.terms.push_back(term);
        point.weights.push_back(static_cast<float>(rng.uniform()));
      }
      points.push_back(unit(point));
    }
    const auto clusters = cluster_points(points, 5, kTerms);
    std::vector<SparseSum> sums(5, SparseSum(kTerms));
    for (std::size_t i = 0; i < points.size(); ++i) sums[clusters[i]].add(points[i]);
    std::vector<SparseVector> centres;
    for (auto& sum : sums) centres.push_back(unit(sum.take()));
    for (std::size_t i = 0; i < points.size(); ++i) {
      for (const auto& centre : centres) {
        EXPECT_LE(dot(centre, points[i]), dot(centres[clusters[i]], points[i])) << seed << " " << i;
      }
    }
  }
}

TEST(OfflineClusters, MoreThanEightStandApart) {
  std::vector<SparseVector> points;
  for (std::uint32_t i = 0; i < 33; ++i) points.push_back({{i % 11, 11}, {0.9F, 0.1F}});
  const auto clusters = cluster_points(points, 11, 12);
  EXPECT_EQ(std::set<std::uint32_t>(clusters.begin(), clusters.end()).size(), 11U);
  for (std::size_t i = 11; i < points.size(); ++i) EXPECT_EQ(clusters[i], clusters[i - 11]) << i;
  EXPECT_EQ(cluster_points(points, 1, 12), std::vector<std::uint32_t>(33, 0));
}

// Of personas "P2" and "P1", shown in this order, the one for reviews {liked, text}, oldest first.
Json selected(const std::vector<std::pair<bool, std::string>>& reviews) {
  const std::vector<std::string> personas{"Drums: wants loud drums and speed", "Harps: looks for harps and silence"};
  VocabularyBuilder words{WordTokenizer(StopWords::resolve("english"))};
  for (const auto& persona : personas) words.add(persona);
  const auto vocabulary = words.build({.min_documents = 1, .max_document_share = 1});
  const auto vector_of = [&](const std::string& text) {
    return std::make_shared<const SparseVector>(term_vector(vocabulary, text));
  };
  Json facts = {{"reviews", Json::array()}, {"personas", {{{"id", "P2"}}, {{"id", "P1"}}}}};
  FactWords vectors(vocabulary);
  for (const auto& [liked, text] : reviews) {
    facts["reviews"].push_back({{"liked", liked}});
    vectors.reviews.push_back(vector_of(text));
  }
  for (const auto& persona : personas) vectors.personas.push_back(vector_of(persona));
  return offline_selection(facts, vectors);
}

TEST(OfflineSelect, TakesThePersonaNearestToWhatWasLiked) {
  const auto liked = selected({{true, "More harps, more silence"}, {false, "loud drums"}});
  EXPECT_EQ(liked["selected_persona_id"], "P1");
  EXPECT_THAT(liked["selection_reasoning"].get<std::string>(), HasSubstr("harps"));
  EXPECT_EQ(selected({{false, "harps and silence"}})["selected_persona_id"], "P2")
      << "nothing liked: what is least like the disliked";
  EXPECT_EQ(selected({{true, "drums"}, {true, "harps"}})["selected_persona_id"], "P1") << "newer reviews count more";
  EXPECT_EQ(selected({{true, "harps"}, {true, "drums"}})["selected_persona_id"], "P2");
  const auto blind = selected({{true, "zither"}});
  EXPECT_EQ(blind["selected_persona_id"], "P2") << "the first of the shuffled order";
  EXPECT_THAT(blind["selection_reasoning"].get<std::string>(), HasSubstr("no telling word"));
}

// REQUIRES: `words` outlive the request.
ChatRequest personas_request(const Json& facts, const Vocabulary& words) {
  auto request = prompt("amazon", "personas").request(facts, "item x", {}, nullptr);
  request.words = std::make_shared<const FactWords>(words);
  return request;
}

TEST(OfflineClient, AnswersPassSchemaAndCheckOrAreSetAside) {
  OfflineClient client;
  const auto facts = persona_facts(kTwoTastes);
  const auto words = words_of(facts);
  auto request = personas_request(facts, words);
  const auto good = client.outcome(request);
  EXPECT_EQ(good.status, ChatStatus::kOk);
  EXPECT_EQ(good.answer, client.outcome(request).answer);
  request.check = [](const Json&) { return std::string("never right"); };
  const auto bad = client.outcome(request);
  EXPECT_EQ(bad.status, ChatStatus::kRejected);
  EXPECT_EQ(bad.reason, "never right");
  EXPECT_THAT(bad.raw, HasSubstr("Brian Wilson"));
  EXPECT_EQ(client.totals().rejects, 1U);
  EXPECT_EQ(client.totals().requests, 0U) << "nothing is ever sent";
}

TEST(OfflineClient, MakesFewerPersonasWhereTwoWouldSayTheSame) {
  OfflineClient client;
  const auto facts = persona_facts(kTwoTastes);
  const auto words = words_of(facts);
  auto request = personas_request(facts, words);
  request.check = [](const Json& answer) { return std::string(answer["personas"].size() > 2 ? "too many" : ""); };
  const auto outcome = client.outcome(request);
  ASSERT_EQ(outcome.status, ChatStatus::kOk);
  EXPECT_EQ(outcome.answer["personas"].size(), 2U);
}

// A crowd's reviews of one item, with a long word, a run of stops and open tags among them. The costs of old, by what
// grew with the square: an enum of all ids searched for each of them, every term looked up in every review.
TEST(OfflineClient, IsLinearInTheReviewsOfAnItem) {
  const auto seconds_for = [](std::size_t reviews) {
    std::vector<std::pair<double, std::string>> rows;
    for (std::size_t i = 0; i < reviews; ++i) {
      rows.emplace_back(
          static_cast<double>(1 + i % 5),
          "Plays tune" + std::to_string(i) + " with great warmth and zest" + std::to_string(i % 97) + ".");
    }
    rows.front().second = std::string(reviews * 4, '.') + "a ";
    for (std::size_t i = 0; i < reviews; ++i) rows.front().second += "a.A";
    for (std::size_t i = 0; i < reviews; ++i) rows.front().second += "<a&";
    const auto personas = prompt("amazon", "personas");
    Json schema = *personas.schema();
    auto& ids = schema["properties"]["personas"]["items"]["properties"]["support"]["items"]["enum"];
    for (std::size_t i = 0; i < reviews; ++i) ids.push_back("r" + std::to_string(i));
    const auto facts = persona_facts(rows);
    const auto words = words_of(facts);
    auto request = personas.bare_request(facts, "item x", {}, std::make_shared<const Json>(std::move(schema)));
    request.words = std::make_shared<const FactWords>(words);
    OfflineClient client;
    const auto start = steady_seconds();
    EXPECT_EQ(client.outcome(request).status, ChatStatus::kOk);
    return steady_seconds() - start;
  };
  static_cast<void>(seconds_for(500));
  const double small = seconds_for(2000);
  const double large = seconds_for(16000);
  EXPECT_LT(large, 30 * small + 1) << small << " s for 2,000 reviews, " << large << " s for 16,000";
}

TEST(OfflineClient, ReadsNoRequestsAndNoPrompts) {
  OfflineClient client;
  EXPECT_FALSE(client.reads_prompts());
  client.ask([]() -> std::optional<ChatRequest> { throw std::logic_error("read"); });
  const auto facts = persona_facts(kTwoTastes);
  const auto words = words_of(facts);
  auto request = personas_request(facts, words);
  const auto before = client.outcome(request).answer;
  request.system = request.user = "";
  EXPECT_EQ(client.outcome(request).answer, before);
}

}  // namespace
}  // namespace persona4rec
