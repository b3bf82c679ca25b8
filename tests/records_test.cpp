// records/: rows <-> JSON, raw datasets, times, uids, encoder texts.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/hash.hpp"
#include "records/profile_text.hpp"
#include "records/python_literal.hpp"
#include "records/raw_dataset.hpp"
#include "records/review_uid.hpp"
#include "records/row_json.hpp"
#include "records/selected_text.hpp"
#include "records/time.hpp"
#include "support/temp_dir.hpp"

namespace persona4rec {
namespace {

using test::TempDir;
using testing::HasSubstr;

// Parses one JSON text into a row by `read`.
template <class Read>
auto with_view(const std::string& text, Read read) {
  static const Place kPlace{.file = "rows.jsonl", .line = 7};
  simdjson::dom::parser parser;
  return read(RowView(parser.parse(text), kPlace));
}

template <class Row>
Row parse(const std::string& text) {
  return with_view(text, [](const RowView& view) { return read_row<Row>(view); });
}

template <class Row>
std::string error_of(const std::string& text) {
  try {
    (void)parse<Row>(text);
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kInput);
    return error.what();
  }
  return "no error";
}

TEST(RowJson, AspectRowRoundTripsWithEveryForm) {
  const std::string text =
      R"({"review_id":1,"item_id":"B07","user_id":"A1","rating":4.0,"timestamp":1606780947726,"review_title":"T",)"
      R"("review_text":"x \"y\"","extracted_aspects":{"quality_criteria":null,"a":"b"},"status":"rejected"})";
  EXPECT_EQ(to_json(parse<AspectRow>(text)).dump(), text);
}

TEST(RowJson, AspectsThatNobodyReadsAreCheckedAndLeftOut) {
  const auto lean = [](const std::string& aspects) {
    const auto text = R"({"review_id":1,"item_id":"B07","user_id":"A1","rating":4.0,"timestamp":1,"review_text":"x",)"
                      R"("extracted_aspects":)" +
                      aspects + "}";
    return with_view(text, [](const RowView& view) { return read_row<AspectRow>(view, {.aspects = false}); });
  };
  EXPECT_EQ(lean(R"({"a":"b"})").extracted_aspects, Json::object());
  EXPECT_EQ(lean("{}").review_text, "x");
  EXPECT_THROW(lean("[]"), Error);
}

TEST(RowJson, ASelectedRowTakesItsPersonaOverAsItStands) {
  SelectedPersonaRow row{
      .user_id = UserId("7", true),
      .target_item_id = ItemId("i\"1"),
      .selected_persona_id = "P1",
      .selected_persona_name = "Name \"ü\"",
      .selected_persona = {.persona = {"P1", "Name \"ü\"", "Says\n", "Why", {ReviewId("r1")}, {"other"}},
                           .item_summary = "sum",
                           .unique_persona_id = PersonaId("i_P1")},
      .selection_reasoning = "because\t\x01",
      .split = TargetSplit::kReference};
  const TargetRow target{.user_id = row.user_id, .item_id = row.target_item_id, .split = *row.split};
  std::string text;
  append_selected(text, {.target = target,
                         .persona = row.selected_persona.persona,
                         .entry = to_json(row.selected_persona).dump(),
                         .reasoning = row.selection_reasoning});
  EXPECT_EQ(text, to_json(row).dump());
}

TEST(RowJson, PublishedRowsLackOurFields) {
  const auto row = parse<AspectRow>(
      R"({"review_id":"r","item_id":3,"user_id":4,"rating":5,"timestamp":"2017-10-09 04:08:23","review_text":"t",)"
      R"("extracted_aspects":{}})");
  EXPECT_EQ(row.status, AspectStatus::kOk);
  EXPECT_FALSE(row.review_title);
  EXPECT_TRUE(row.item_id.is_integer());
  EXPECT_EQ(row.timestamp.ms, 1507522103000);
  EXPECT_EQ(to_json(row)["timestamp"], "2017-10-09 04:08:23");
  EXPECT_EQ(to_json(row)["rating"].dump(), "5");
}

TEST(RowJson, ErrorsNamePlaceFieldExpectedAndGot) {
  EXPECT_EQ(error_of<GroundTruthRow>(R"({"user_id":"u"})"),
            "rows.jsonl:7: field \"item_id\": expected a string or an integer, got no such field");
  EXPECT_EQ(error_of<GroundTruthRow>(R"({"user_id":"u","item_id":1.5})"),
            "rows.jsonl:7: field \"item_id\": expected a string or an integer, got a number");
  EXPECT_THAT(
      error_of<AspectRow>(R"({"review_id":1,"item_id":"i","user_id":"u","rating":"x","timestamp":1,"review_text":""})"),
      HasSubstr("field \"rating\": expected a number, got a string"));
  EXPECT_THAT(
      error_of<CandidateRow>(R"({"user_id":"u","results":[{"item_id":"a","score":1},{"item_id":"b","score":"1"}]})"),
      HasSubstr("field \"results[1].score\": expected a number, got a string"));
  EXPECT_THAT(error_of<TargetRow>(R"({"user_id":"u","item_id":"i","review_id":1,"timestamp":1,"split":"dev"})"),
              HasSubstr("expected one of train, valid, test, reference, got \"dev\""));
}

TEST(RowJson, CandidatesSkipEmptyIdsAndKeepPadAndContext) {
  const auto row = parse<CandidateRow>(
      R"({"user_id":"u","topk":3,"filter_scope":"f","results":[{"item_id":"","score":1},{"item_id":"[PAD]","score":0.5},)"
      R"({"item_id":null},{"item_id":7}],"context":{"k":1}})");
  ASSERT_EQ(row.results.size(), 2U);
  EXPECT_TRUE(row.results[0].is_pad());
  EXPECT_FALSE(row.results[1].score);
  EXPECT_EQ(to_json(row).dump(),
            R"({"user_id":"u","topk":3,"filter_scope":"f","results":[{"item_id":"[PAD]","score":0.5},)"
            R"({"item_id":7}],"context":{"k":1}})");
}

TEST(RowJson, OfAKeyGivenTwiceTheFirstCounts) {
  EXPECT_EQ(parse<GroundTruthRow>(R"({"user_id":"a","user_id":"b","item_id":"i"})").user_id.text(), "a");
}

TEST(Ids, EqualByText) {
  EXPECT_EQ(ItemId("42", true), ItemId("42", false));
}

TEST(RawTime, UnitsFormatsAndRanges) {
  const TimeFormat seconds{.unit = TimeUnit::kSeconds, .format = {}};
  EXPECT_EQ(parse_time_number("1158019200", seconds)->ms, 1158019200000);
  EXPECT_EQ(parse_time_string("09 13, 2006", {.unit = TimeUnit::kFormat, .format = "%m %d, %Y"})->ms, 1158105600000);
  EXPECT_EQ(parse_time_string("2006-09-12", {})->ms, 1158019200000);
  EXPECT_EQ(parse_time_string("1158019200", seconds)->ms, 1158019200000);
  EXPECT_FALSE(parse_time_string("yesterday", {}));
  EXPECT_FALSE(parse_time_number("1e99", {}));
}

TEST(ReviewUid, IsThePublishedHash) {
  HistoryReview review;
  review.user_id = UserId("A1");
  review.item_id = ItemId("B07");
  review.timestamp = {.ms = 1606780947726, .text = "1606780947726"};
  review.rating = {.value = 5.0};
  review.review_text = "caf\xC3\xA9 with a long story";
  // hashlib.sha1("A1|B07|1606780947726|5.0".encode()).hexdigest()[:16]
  EXPECT_EQ(review_uid(review, false), sha1_hex("A1|B07|1606780947726|5.0").substr(0, 16));
  EXPECT_EQ(review_uid(review, true), sha1_hex("A1|B07|1606780947726|5.0|caf\xC3\xA9 with a long").substr(0, 16));
  review.raw_start = "caf&eacute; with";
  EXPECT_EQ(review_uid(review, true), sha1_hex("A1|B07|1606780947726|5.0|caf&eacute; with").substr(0, 16));
}

TEST(Rating, PrintsAsPythonDoes) {
  EXPECT_EQ(python_str(Rating{.value = 5}), "5.0");
  EXPECT_EQ(python_str(Rating{.value = 5, .is_integer = true}), "5");
  EXPECT_EQ(python_str(Rating{.value = 3.5}), "3.5");
}

TEST(PythonLiteral, AsYelpWritesThem) {
  EXPECT_EQ(parse_python_literal("u'free'"), Json("free"));
  EXPECT_EQ(parse_python_literal("True"), Json(true));
  EXPECT_EQ(parse_python_literal("None"), Json(nullptr));
  EXPECT_EQ(parse_python_literal("{'garage': True, 'lot': False, 'n': [1, 2.5]}").dump(),
            R"({"garage":true,"lot":false,"n":[1,2.5]})");
  EXPECT_EQ(parse_python_literal("no literal"), Json("no literal"));
  EXPECT_EQ(parse_python_literal("{'open': "), Json("{'open': "));
  EXPECT_EQ(snake_case("BusinessAcceptsCreditCards"), "business_accepts_credit_cards");
  EXPECT_EQ(snake_case("HasTV"), "has_tv");
  EXPECT_EQ(snake_case("WiFi"), "wi_fi");
}

TEST(PythonLiteral, EscapesAreDecoded) {
  EXPECT_EQ(parse_python_literal(R"(u'caf\xe9')"), Json("caf\xC3\xA9"));
  EXPECT_EQ(parse_python_literal(R"('caf\xe9')"), Json("caf\xC3\xA9"));
  EXPECT_EQ(parse_python_literal(R"('caf\xc3\xa9')"), Json("caf\xC3\xA9")) << "a byte string of Python 2";
  EXPECT_EQ(parse_python_literal(R"(u'caf\xc3\xa9')"), Json("caf\xC3\x83\xC2\xA9")) << "two characters";
  EXPECT_EQ(parse_python_literal(R"('a\tb\nc\\d\'e\"f\101\q')"), Json("a\tb\nc\\d'e\"fA\\q"));
  EXPECT_EQ(parse_python_literal(R"(u'\u20ac \ud83d\ude00 \U0001f600')"), Json("\xE2\x82\xAC 😀 😀"));
  EXPECT_EQ(parse_python_literal(R"(u'\ud83d!')"), Json("\xEF\xBF\xBD!")) << "half a pair";
}

TEST(PythonLiteral, DeepNestingAndManyKeysAreBounded) {
  const std::string deep(100000, '[');
  EXPECT_FALSE(read_python_literal(deep));
  EXPECT_FALSE(read_python_literal(std::string(100000, '{')));
  std::string wide = "{";
  for (int i = 0; i < 100000; ++i) wide += "'k" + std::to_string(i) + "': 1, ";
  EXPECT_EQ(read_python_literal(wide + "}")->size(), 100000U);
  EXPECT_FALSE(read_python_literal("1e999"));
  EXPECT_FALSE(read_python_literal("nan"));
}

TEST(RowJson, RatingsBeyondTwoToThe53AreRefused) {
  const auto row = [](const std::string& rating) {
    return R"({"review_id":1,"item_id":"i","user_id":"u","rating":)" + rating +
           R"(,"timestamp":1,"review_text":"","extracted_aspects":{}})";
  };
  for (const char* rating : {"9223372036854775808", "18446744073709551615", "-1e300", "\"1e300\""}) {
    EXPECT_THAT(error_of<AspectRow>(row(rating)),
                HasSubstr("rows.jsonl:7: field \"rating\": expected a rating of at most 2^53"));
  }
  EXPECT_EQ(to_json(parse<AspectRow>(row("9007199254740992")))["rating"].dump(), "9007199254740992");
}

TEST(RowJson, ObjectsWithManyKeysAreReadInLinearTime) {
  std::string text = R"({"review_id":1,"item_id":"i","user_id":"u","rating":1,"timestamp":1,"review_text":"",)"
                     R"("extracted_aspects":{"first":"1")";
  for (int i = 0; i < 100000; ++i) text += ",\"k" + std::to_string(i) + "\":null";
  const auto row = parse<AspectRow>(text + R"(,"first":"2"}})");
  EXPECT_EQ(row.extracted_aspects.size(), 100001U);
  EXPECT_EQ(row.extracted_aspects.front(), "1") << "of a key given twice the first counts";
}

TEST(RawDataset, ScriptsInPlaceOfTitlesAreDropped) {
  const ItemSchema schema{.item = "asin", .title = "title", .description = {"description"}, .attributes = {}};
  const auto item = with_view(
      R"({"asin":"1","title":"\n  var aPageStart = (new Date()).getTime();\n var ue_t0=ue_t0||+new Date();","description":["Loud."]})",
      [&](const RowView& view) { return read_raw_item(view, schema); });
  EXPECT_EQ(item.title, "");
  EXPECT_TRUE(item.script_title);
  EXPECT_EQ(item.description, "Loud.");
}

TEST(RawDataset, YelpMetadata) {
  const ItemSchema schema{
      .item = "business_id", .title = "name", .description = {"categories", "city"}, .attributes = "attributes"};
  const auto item = with_view(
      R"({"business_id":"b","name":"Cafe","categories":"Coffee, Tea","city":"Reno","attributes":{"WiFi":"u'free'",)"
      R"("BusinessParking":"{'garage': False, 'street': True}","DogsAllowed":"False","Alcohol":"None"}})",
      [&](const RowView& view) { return read_raw_item(view, schema); });
  EXPECT_EQ(item.title, "Cafe");
  EXPECT_EQ(item.description, "Coffee, Tea\nReno\nwi_fi: free; business_parking: street");
}

TEST(RawDataset, DescriptionFieldsAndTheirEntriesStayApart) {
  const ItemSchema schema{.item = "i", .title = "t", .description = {"categories", "features"}, .attributes = {}};
  const auto item = with_view(
      R"({"i":"a","t":"T","categories":["Jazz","Cool Jazz"],"features":["It plays for twelve hours on one charge, they say.","Blue."]})",
      [&](const RowView& view) { return read_raw_item(view, schema); });
  EXPECT_EQ(item.description, "Jazz, Cool Jazz\nIt plays for twelve hours on one charge, they say.\nBlue.");
}

TEST(RawDataset, ReviewIdIsTheRowIndexWhereTheFileHasNone) {
  ReviewSchema schema{
      .item = "i", .user = "u", .rating = "r", .timestamp = "t", .title = "", .text = "x", .id = "", .time = {}};
  const auto review = with_view(R"({"i":"a","u":"b","r":4,"t":5})",
                                [&](const RowView& view) { return read_raw_review(view, schema, 41); });
  EXPECT_EQ(to_json(review.review_id), Json(41));
  EXPECT_FALSE(review.title);
  EXPECT_EQ(review.text, "");
}

TEST(RawDataset, HtmlEntitiesAreDecodedOnceAndTheUidKeepsTheRawBytes) {
  const ReviewSchema schema{
      .item = "i", .user = "u", .rating = "r", .timestamp = "t", .title = "h", .text = "x", .id = "", .time = {}};
  const auto read = [&](const std::string& text) {
    return with_view(R"({"i":"a&amp;b","u":"u","r":4,"t":5,"h":"Say &quot;yes&quot;","x":")" + text + "\"}",
                     [&](const RowView& view) { return read_raw_review(view, schema, 0); });
  };
  const auto review = read("&#34;Fine&#x22; &amp;quot; caf&eacute;");
  EXPECT_EQ(review.item_id.text(), "a&amp;b") << "ids are no texts";
  EXPECT_EQ(*review.title, "Say \"yes\"");
  EXPECT_EQ(review.text, "\"Fine\" &quot; caf\xC3\xA9");
  EXPECT_EQ(review.raw_start, "&#34;Fine&#x22; ");
  EXPECT_TRUE(review.decoded);
  const auto late = read("Sixteen letters before &amp; none in them");
  EXPECT_EQ(late.text, "Sixteen letters before & none in them");
  EXPECT_FALSE(late.raw_start);
  EXPECT_EQ(read("AT&T; R&D &nosuch;").text, "AT&T; R&D &nosuch;");

  AspectRow row{.review_id = ReviewId("r"), .item_id = ItemId("i"), .user_id = UserId("u")};
  row.timestamp.text = "5";
  row.extracted_aspects = Json::object();
  row.raw_start = review.raw_start;
  EXPECT_EQ(to_json(row).at("raw_start"), "&#34;Fine&#x22; ");
  EXPECT_EQ(with_view(to_json(row).dump(), [](const RowView& view) { return read_row<AspectRow>(view); }).raw_start,
            "&#34;Fine&#x22; ");
}

TEST(RawDataset, FieldsThatKnowTheFutureAreRefused) {
  EXPECT_THROW(check_schema({.item = "i", .title = "t", .description = {"average_rating"}, .attributes = {}}), Error);
}

HistoryReview some_review() {
  HistoryReview review;
  review.item_id = ItemId("i1");
  review.review_title = "Title";
  review.review_text = "Text";
  review.summary = "Summary";
  review.extracted = {{"purchase_purpose", "gift"}, {"usage_context", nullptr}};
  return review;
}

class ProfileTextTest : public testing::Test {
 protected:
  ProfileText make(InteractionText mode, const std::string& fields) {
    (void)dir_.write("interaction.txt",
                     "{{#mode_review}}\n{{review_title}}\n{{review_text}}\n{{/mode_review}}\n{{#mode_aspects}}\n"
                     "{{#aspects}}\n{{name}}: {{value}}\n{{/aspects}}\n{{/mode_aspects}}\n"
                     "{{#mode_summary}}\n{{summary}}\n{{/mode_summary}}\n");
    (void)dir_.write(
        "persona.txt",
        "{{#name}}\nName: {{name}}\n{{/name}}\n{{#item_summary}}\nItem: {{item_summary}}\n{{/item_summary}}\n"
        "{{#affinities}}\nLikes: {{affinities}}\n{{/affinities}}\n");
    return ProfileText({.prompts = dir_.path(),
                        .interaction = mode,
                        .persona_fields = fields,
                        .query_prefix = "q: ",
                        .document_prefix = {}});
  }
  TempDir dir_;
};

TEST_F(ProfileTextTest, AnInteractionWhoseAspectsAreMostlyNullHasNoText) {
  auto review = some_review();
  review.extracted = {{"a", "one"}, {"b", nullptr}, {"c", nullptr}, {"d", nullptr}};
  auto options = make(InteractionText::kAspects, "N").options();
  const std::string all = ProfileText(options).fingerprint();
  options.max_null_aspects = 0.75;
  EXPECT_EQ(ProfileText(options).interaction(review), "q: A: one");  // just as much as may be
  EXPECT_NE(ProfileText(options).fingerprint(), all);
  review.extracted["e"] = nullptr;
  EXPECT_EQ(ProfileText(options).interaction(review), "q: ");
  options.interaction = InteractionText::kReview;
  EXPECT_EQ(ProfileText(options).interaction(review), "q: Title\nText");
}

TEST_F(ProfileTextTest, RendersEachModeAndChosenFields) {
  const PersonaEntry entry{
      .persona = {.id = "P1", .name = "N", .description = "D", .preference_rationale = "R", .support = {}},
      .item_summary = "S",
      .unique_persona_id = PersonaId("i1_P1")};
  EXPECT_EQ(make(InteractionText::kReview, "N").interaction(some_review()), "q: Title\nText");
  EXPECT_EQ(make(InteractionText::kAspects, "N").interaction(some_review()), "q: Purchase purpose: gift");
  EXPECT_EQ(make(InteractionText::kSummary, "N").interaction(some_review()), "q: Summary");
  EXPECT_EQ(make(InteractionText::kSummaryAspects, "N").interaction(some_review()),
            "q: Purchase purpose: gift\nSummary");
  EXPECT_EQ(make(InteractionText::kReview, "N").persona(entry), "Name: N");
  EXPECT_EQ(make(InteractionText::kReview, "N,I").persona(entry), "Name: N\nItem: S");
  PersonaEntry likes = entry;
  likes.persona.affinities = {"Shepherd Moons", "Clannad"};
  EXPECT_EQ(make(InteractionText::kReview, "N,A").persona(likes), "Name: N\nLikes: Shepherd Moons, Clannad");
  EXPECT_EQ(make(InteractionText::kReview, "N").persona(likes), "Name: N");
  EXPECT_EQ(make(InteractionText::kReview, "N,A").persona(entry), "Name: N");
  EXPECT_NE(make(InteractionText::kReview, "N").fingerprint(), make(InteractionText::kReview, "N,I").fingerprint());
  EXPECT_THROW(make(InteractionText::kReview, "N,X"), Error);
}

}  // namespace
}  // namespace persona4rec
