#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <utility>

#include "asking/bounded_request.hpp"
#include "asking/shard.hpp"
#include "io/artifacts.hpp"
#include "io/jsonl_reader.hpp"
#include "lexical/fact_words.hpp"
#include "persona4rec/personas.hpp"
#include "personas/persona_prompt.hpp"
#include "support/fake_chat_client.hpp"
#include "support/filled_pipe.hpp"
#include "support/paths.hpp"
#include "support/rows.hpp"
#include "support/temp_dir.hpp"

namespace persona4rec {
namespace {

using test::answered;
using test::FakeChatClient;
using test::read_file;
using testing::HasSubstr;
using testing::Not;

AspectRow review(int id, const std::string& user, const std::string& item, std::int64_t ms, const std::string& text) {
  return {.review_id = ReviewId(std::to_string(id), true),
          .item_id = ItemId(item),
          .user_id = UserId(user),
          .rating = {.value = 4, .is_integer = true},
          .timestamp = {.ms = ms, .text = std::to_string(ms)},
          .review_title = "Title " + std::to_string(id),
          .review_text = text,
          .extracted_aspects = {{"quality_criteria_reason", "because"},
                                {"quality_criteria", "point " + std::to_string(id)},
                                {"usage_context", nullptr}},
          .status = AspectStatus::kOk};
}

Json persona(const std::string& name, const std::string& description, const std::vector<std::string>& support) {
  return {{"Name", name},
          {"Description", description},
          {"Preference_Rationale", "Because."},
          {"Affinities", Json::array()},
          {"support", support}};
}

Json prospective(const std::string& name) {
  Json made = persona(name, "what " + name + " looks for", {});
  made.erase("support");
  return made;
}

// As many personas as the schema asks for at least, each on its own review; one where there is none.
ChatOutcome respond(const ChatRequest& request) {
  if (request.stage == "prospective") return answered({{"personas", {prospective("Fan")}}});
  const Json& reviews = request.facts["reviews"];
  Json personas = Json::array();
  const auto least = request.facts["min_personas"].get<std::size_t>();
  for (std::size_t i = 0; i < least; ++i) {
    const auto id = reviews[i]["id"].get<std::string>();
    personas.push_back(persona("Name " + id, "alpha" + id + " beta" + id + " gamma" + id, {id}));
  }
  return answered({{"personas", personas}});
}

class PersonasTest : public testing::Test {
 protected:
  // User "e" is evaluated (4 positives): reviews 0 and 1 are item side, 2 (valid) and 3 (test) are not.
  PersonasTest() {
    reviews_ = {review(0, "e", "i0", 1, "Plays with zest."),  review(1, "e", "i1", 2, "Fine melodies."),
                review(2, "e", "i0x", 3, "SENTINEL valid"),   review(3, "e", "i1", 4, "SENTINEL test"),
                review(4, "t", "i0", 5, "Grey and dull."),    review(5, "t2", "i2", 6, "Only one here."),
                review(6, "t3", "i0", 7, "Plays with zest."), review(7, "t4", "i3", 8, "  ")};
    reviews_[6].review_title = reviews_[0].review_title;
    reviews_[7].review_title = "";
    reviews_[3].item_id = ItemId("i1y");
    write();
  }

  void write() {
    test::write_rows(options_.aspects, reviews_);
    std::vector<SummaryRow> summaries;
    for (const auto* item : {"i0", "i1", "i2", "i3", "i0x"}) {
      summaries.push_back(
          {ItemId(item), std::string("Title of ") + item, "described", std::string("Summary of ") + item});
    }
    test::write_rows(options_.summary, summaries);
  }

  std::map<std::string, PersonaRow> rows() {
    std::map<std::string, PersonaRow> by_item;
    for (auto& row : read_jsonl<PersonaRow>(options_.personas)) by_item.emplace(row.item.item_id.text(), row);
    return by_item;
  }

  test::TempDir dir_;
  std::vector<AspectRow> reviews_;
  FakeChatClient client_{respond};
  PersonasOptions options_{.aspects = dir_ / "1_aspects.jsonl",
                           .summary = dir_ / "2_summary.jsonl",
                           .grouped = dir_ / "2.5_grouped.jsonl",
                           .personas = dir_ / "3_personas.jsonl",
                           .prompts = test::source_dir() / "prompts/amazon",
                           .split = {},
                           .time = {},
                           .words = {.min_documents = 1, .max_document_share = 1},
                           .progress = {}};
};

TEST_F(PersonasTest, AspectsFromAPipeGiveTheSamePersonas) {
  static_cast<void>(make_personas(options_, client_));
  const auto from_file = read_file(options_.personas);
  const test::FilledPipe pipe(read_file(options_.aspects));
  options_.aspects = pipe.path();
  static_cast<void>(make_personas(options_, client_));
  EXPECT_EQ(read_file(options_.personas), from_file);
}

TEST_F(PersonasTest, AClientThatReadsNoPromptsGetsTheSameFactsWithoutThem) {
  options_.prompt_tokens = 0;
  static_cast<void>(make_personas(options_, client_));
  client_.reads = false;
  client_.requests.clear();
  static_cast<void>(make_personas(options_, client_));
  EXPECT_EQ(client_.labelled("item i0").user, "");
  EXPECT_FALSE(client_.labelled("item i0").facts.at("reviews").empty());
  options_.prompt_tokens = 6000;
  client_.requests.clear();
  static_cast<void>(make_personas(options_, client_));
  EXPECT_THAT(client_.labelled("item i0").user, HasSubstr("Plays with zest")) << "a bound counts what is rendered";
}

TEST_F(PersonasTest, AClientThatAnswersAtOnceChangesNoByte) {
  options_.knowledge = Knowledge::kOpen;
  static_cast<void>(make_personas(options_, client_));
  const auto one_by_one = read_file(options_.personas) + read_file(options_.grouped);
  client_.at_once = true;
  static_cast<void>(make_personas(options_, client_));
  EXPECT_EQ(read_file(options_.personas) + read_file(options_.grouped), one_by_one);
}

TEST_F(PersonasTest, OnlyItemSideReviewsAreGroupedAndAsked) {
  const auto report = make_personas(options_, client_);
  const auto grouped = read_jsonl<GroupedRow>(options_.grouped);
  ASSERT_EQ(grouped.size(), 6U) << "every item with a review";
  const std::vector<std::string> order{"i0", "i1", "i0x", "i1y", "i2", "i3"};
  for (std::size_t i = 0; i < order.size(); ++i) EXPECT_EQ(grouped[i].item.item_id.text(), order[i]);
  EXPECT_EQ(grouped[0].aspects.size(), 3U);
  EXPECT_EQ(grouped[2].aspects.size(), 0U);
  EXPECT_THAT(read_file(options_.grouped) + read_file(options_.personas), Not(HasSubstr("SENTINEL")));
  for (const auto& request : client_.requests) EXPECT_THAT(request.facts.dump(), Not(HasSubstr("SENTINEL")));
  EXPECT_EQ(report.items, 6U);
  EXPECT_EQ(report.without_reviews, 2U);
  EXPECT_EQ(report.without_text, 1U);
  EXPECT_EQ(report.without_summary, 1U);
  EXPECT_EQ(report.item_side_reviews, 6U);
  EXPECT_EQ(report.reviews_without_text, 1U);
}

TEST_F(PersonasTest, CountsFollowTheReviews) {
  static_cast<void>(make_personas(options_, client_));
  const auto written = rows();
  EXPECT_EQ(written.at("i0").personas.size(), 2U);
  EXPECT_EQ(written.at("i0").review_count, 3U);
  EXPECT_EQ(written.at("i2").personas.size(), 1U) << "one review, one persona";
  EXPECT_EQ(written.at("i0x").personas.size(), 1U) << "no item-side review, but metadata";
  EXPECT_EQ(written.at("i3").personas.size(), 1U) << "no words, but metadata";
  EXPECT_EQ(written.at("i1y").personas.size(), 0U) << "neither reviews nor metadata";
  EXPECT_EQ(written.at("i0").personas[1].id, "P2");
  const Json& bounds = client_.labelled("item i0").schema->at("properties").at("personas");
  EXPECT_EQ(bounds.at("minItems"), 2);
  EXPECT_EQ(bounds.at("maxItems"), 2) << "no more than different reviews";
}

TEST_F(PersonasTest, NoMorePersonasThanToldAreAskedFor) {
  for (int id = 10; id < 15; ++id)
    reviews_.push_back(review(id, "u" + std::to_string(id), "i0", id, "Another view, number " + std::to_string(id)));
  write();
  const auto bounds_of = [&](const std::string& item) {
    const Json& bounds = client_.labelled("item " + item).schema->at("properties").at("personas");
    return std::pair(bounds.at("minItems").get<std::uint64_t>(), bounds.at("maxItems").get<std::uint64_t>());
  };
  const std::map<std::uint64_t, std::uint64_t> least = {{7, 2}, {4, 2}, {2, 2}, {1, 1}};
  for (const auto& [most, fewest] : least) {
    SCOPED_TRACE(most);
    client_.requests.clear();
    options_.max_personas = most;
    static_cast<void>(make_personas(options_, client_));
    EXPECT_EQ(bounds_of("i0"), std::pair(fewest, most)) << "seven reviews";
    EXPECT_EQ(bounds_of("i2"), (std::pair<std::uint64_t, std::uint64_t>(1, 1))) << "one review";
    EXPECT_EQ(bounds_of("i0x"), (std::pair<std::uint64_t, std::uint64_t>(1, std::min(most, kMaxProspective))));
    EXPECT_THAT(client_.labelled("item i0").system + client_.labelled("item i0").user,
                HasSubstr("between " + std::to_string(fewest) + " and " + std::to_string(most) + " personas"));
    const Json meta = Json::parse(read_file(meta_path(options_.personas)));
    EXPECT_EQ(meta.at("options").value("max_personas", kMaxPersonas), most);
  }
}

TEST_F(PersonasTest, ARepeatedReviewIsShownOnceAndSupportsWhatItsTwinDoes) {
  const auto report = make_personas(options_, client_);
  EXPECT_EQ(report.repeated_reviews, 1U);
  const auto& asked = client_.labelled("item i0");
  EXPECT_EQ(asked.facts["reviews"].size(), 2U);
  const auto support = rows().at("i0").personas[0].support;
  ASSERT_EQ(support.size(), 2U);
  EXPECT_EQ(support[0].text(), "0");
  EXPECT_EQ(support[1].text(), "6");
  EXPECT_TRUE(support[1].is_integer()) << "ids are written back as they came";
}

TEST_F(PersonasTest, TheSchemaNamesTheReviewIds) {
  static_cast<void>(make_personas(options_, client_));
  const auto& schema = *client_.labelled("item i0").schema;
  EXPECT_EQ(schema["properties"]["personas"]["items"]["properties"]["support"]["items"]["enum"], Json({"0", "4"}));
  const auto& user = client_.labelled("item i0").user;
  EXPECT_THAT(user, HasSubstr("[id 4] 4 stars | Title 4"));
  EXPECT_THAT(user, HasSubstr("quality criteria: point 4"));
  EXPECT_THAT(user, Not(HasSubstr("because")));
  EXPECT_THAT(client_.labelled("item i2").system, HasSubstr("exactly one persona"));
}

TEST_F(PersonasTest, WordsWeighByTheItemSideAlone) {
  std::size_t asked = 0;
  FakeChatClient client([&](const ChatRequest& request) {
    if (request.label == "item i0") {
      ++asked;
      const auto& words = request.words->vocabulary;
      const auto dull = words.find("dull");
      const auto zest = words.find("zest");
      EXPECT_TRUE(dull && zest && words.idf(*dull) > words.idf(*zest)) << "zest is in two reviews";
      EXPECT_FALSE(words.find("sentinel"));
    }
    return respond(request);
  });
  static_cast<void>(make_personas(options_, client));
  EXPECT_EQ(asked, 1U);
}

TEST_F(PersonasTest, APromptNeverOutgrowsItsBound) {
  std::string text;
  for (int i = 0; i < 60; ++i) text += "sentence number " + std::to_string(i) + " of many. ";
  reviews_.clear();
  for (int i = 0; i < 120; ++i) {
    reviews_.push_back(review(i, "u" + std::to_string(i), "i0", i, "Wording " + std::to_string(i) + ". " + text));
  }
  reviews_[57].rating = {.value = 1, .is_integer = true};
  write();
  options_.prompt_tokens = 3000;
  const auto report = make_personas(options_, client_);
  const auto& asked = client_.labelled("item i0");
  EXPECT_LE(prompt_tokens(asked), 3000U);
  EXPECT_GT(prompt_tokens(asked), 2400U) << "room was wasted";
  EXPECT_EQ(report.bounded_items, 1U);
  EXPECT_EQ(report.excerpted_items, 1U);
  EXPECT_EQ(report.reviews_left_out, 120 - asked.facts["reviews"].size());
  EXPECT_THAT(asked.user, HasSubstr("of 120 reviews"));
  EXPECT_THAT(asked.user, HasSubstr("[id 57]")) << "the only critical review must be among those shown";
  options_.prompt_tokens = 300;
  EXPECT_THROW(make_personas(options_, client_), Error) << "no room for a review";
  options_.prompt_tokens = 0;
  client_.requests.clear();
  EXPECT_EQ(make_personas(options_, client_).bounded_items, 0U);
  EXPECT_EQ(client_.labelled("item i0").facts["reviews"].size(), 120U);
}

TEST_F(PersonasTest, AnAnswerThatFailsTheCheckLeavesTheItemWithoutPersonas) {
  FakeChatClient same([](const ChatRequest& request) {
    if (request.stage == "prospective") return respond(request);
    const auto id = request.facts["reviews"][0]["id"].get<std::string>();
    return answered(
        {{"personas", {persona("A", "loves the quiet harp", {id}), persona("B", "loves the quiet harp", {id})}}});
  });
  options_.answers.max_rejects = 10;
  const auto report = make_personas(options_, same);
  EXPECT_EQ(rows().at("i0").personas.size(), 0U);
  EXPECT_EQ(report.answers.rejected, 3U);
  EXPECT_THAT(read_file(dir_ / "3_personas.rejects.jsonl"), HasSubstr("nearly the same person"));
}

TEST_F(PersonasTest, ShardsMergeToTheBytesOfOneRun) {
  static_cast<void>(make_personas(options_, client_));
  const std::vector<std::filesystem::path> outputs{options_.grouped, options_.personas};
  std::vector<std::string> bytes;
  for (const auto& path : outputs) bytes.push_back(read_file(path) + read_file(meta_path(path)));
  for (std::uint64_t i = 1; i <= 3; ++i) {
    options_.answers.shard = {i, 3};
    FakeChatClient client{respond};
    static_cast<void>(make_personas(options_, client));
  }
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    static_cast<void>(merge_shards(outputs[i], 3));
    EXPECT_EQ(read_file(outputs[i]) + read_file(meta_path(outputs[i])), bytes[i]);
  }
}

TEST_F(PersonasTest, TextsOfEvaluatedUsersFromTheValidTargetOnChangeNoByte) {
  static_cast<void>(make_personas(options_, client_));
  const auto before = read_file(options_.grouped) + read_file(options_.personas);
  for (const std::size_t i : {2UL, 3UL}) {
    reviews_[i].review_text = "another sentinel";
    reviews_[i].extracted_aspects = {{"quality_criteria", "another"}};
  }
  write();
  FakeChatClient again{respond};
  static_cast<void>(make_personas(options_, again));
  EXPECT_EQ(read_file(options_.grouped) + read_file(options_.personas), before);
}

TEST_F(PersonasTest, APromptWithoutSupportIsRefused) {
  const auto folder = dir_ / "prompts";
  std::filesystem::create_directories(folder);
  std::filesystem::copy_file(options_.prompts / "personas.txt", folder / "personas.txt");
  std::ofstream(folder / "personas.schema.json")
      << R"({"type":"object","properties":{"personas":{"type":"array","items":{"type":"object","properties":{"Name":{"type":"string"}},)"
         R"("required":["Name"],"additionalProperties":false}}},"required":["personas"],"additionalProperties":false})";
  options_.prompts = folder;
  EXPECT_THROW(make_personas(options_, client_), Error);
}

TEST_F(PersonasTest, AnItemWithoutReviewsGetsProspectivePersonasFromMetadata) {
  const auto report = make_personas(options_, client_);
  const auto& asked = client_.labelled("item i0x");
  EXPECT_EQ(asked.stage, "prospective");
  EXPECT_THAT(asked.user, HasSubstr("Summary of i0x"));
  EXPECT_EQ((*asked.schema)["properties"]["personas"]["maxItems"], 3);
  const auto row = rows().at("i0x");
  EXPECT_EQ(row.review_count, 0U);
  ASSERT_EQ(row.personas.size(), 1U);
  EXPECT_TRUE(row.personas[0].support.empty());
  EXPECT_EQ(report.prospective, 2U) << "i0x, and i3 whose review has no words";
  EXPECT_EQ(report.without_facts, 1U) << "i1y";
}

TEST_F(PersonasTest, ItemsThatNoReviewNamesComeLastAndChangeNoOtherRequest) {
  static_cast<void>(make_personas(options_, client_));
  const auto before = client_.requests;
  auto summaries = read_jsonl<SummaryRow>(options_.summary);
  summaries.push_back({ItemId("new"), "A new thing", "just out", "It is new."});
  test::write_rows(options_.summary, summaries);
  FakeChatClient again{respond};
  const auto report = make_personas(options_, again);
  const auto written = read_jsonl<PersonaRow>(options_.personas);
  EXPECT_EQ(report.items, 7U);
  EXPECT_EQ(written.back().item.item_id.text(), "new");
  EXPECT_EQ(written.back().personas.size(), 1U);
  EXPECT_EQ(read_jsonl<GroupedRow>(options_.grouped).back().aspects.size(), 0U);
  for (const auto& request : before) {
    EXPECT_EQ(again.labelled(request.label).user, request.user) << "what is known is not paid for again";
  }
}

TEST_F(PersonasTest, KnowledgeFromMetadataShowsNoReview) {
  options_.knowledge = Knowledge::kMetadata;
  const auto report = make_personas(options_, client_);
  for (const auto& request : client_.requests) {
    EXPECT_EQ(request.stage, "prospective");
    EXPECT_THAT(request.user, Not(HasSubstr("zest")));
  }
  EXPECT_EQ(rows().at("i0").review_count, 3U);
  EXPECT_EQ(report.prospective, 5U) << "all but i1y, of which nothing is known";
}

TEST_F(PersonasTest, PromptsSayWhatAPersonaMayKnow) {
  static_cast<void>(make_personas(options_, client_));
  EXPECT_THAT(client_.labelled("item i0").system, HasSubstr("from what you know"));
  EXPECT_THAT(client_.labelled("item i0").system, HasSubstr("religion"));
  EXPECT_THAT(client_.labelled("item i0x").system, HasSubstr("from what you know"));
  options_.knowledge = Knowledge::kReviews;
  FakeChatClient reviews{respond};
  static_cast<void>(make_personas(options_, reviews));
  EXPECT_THAT(reviews.labelled("item i0").system, Not(HasSubstr("from what you know")));
  EXPECT_THAT(reviews.labelled("item i0").system, HasSubstr("only names that these reviews mention"));
  EXPECT_THAT(reviews.labelled("item i0x").system, HasSubstr("only names that the catalogue text mentions"));
}

TEST_F(PersonasTest, NamesOfTheAnswerAreKeptOnceEach) {
  FakeChatClient names([](const ChatRequest& request) {
    auto outcome = respond(request);
    outcome.answer["personas"][0]["Affinities"] = {"Enya", " Clannad ", "enya", ""};
    return outcome;
  });
  static_cast<void>(make_personas(options_, names));
  EXPECT_THAT(rows().at("i0").personas[0].affinities, testing::ElementsAre("Enya", "Clannad"));
  EXPECT_TRUE(rows().at("i0").personas[0].affinity_counts.empty());
}

}  // namespace
}  // namespace persona4rec
