// Raw files in every shape: the same rows, the same reviews.
#include "io/rows/raw_rows.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "io/jsonl_reader.hpp"
#include "io/raw_review_reader.hpp"
#include "io/rows/json_elements.hpp"
#include "support/input_error.hpp"
#include "support/temp_dir.hpp"

namespace persona4rec {
namespace {

using test::input_error_of;
using test::TempDir;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;

class RawRowsTest : public testing::Test {
 protected:
  // "line: row" of each.
  std::vector<std::string> rows(const std::string& bytes) const {
    const auto source = open_raw_rows(LineSource(dir_.write("raw", bytes)), {});
    std::vector<std::string> all;
    while (source->read()) all.push_back(std::to_string(source->line()) + ": " + source->text());
    EXPECT_EQ(source->sha256().size(), 64U);
    return all;
  }
  std::vector<RawReview> reviews(const std::string& bytes, const ReviewSchema& schema) const {
    RawReviewReader reader(dir_.write("raw", bytes), schema, {}, 0);
    std::vector<RawReview> all;
    for (RawReview review; reader.next(review);) all.push_back(review);
    return all;
  }

  TempDir dir_;
};

TEST_F(RawRowsTest, AnArrayIsReadAnElementAtATime) {
  EXPECT_THAT(rows("\n [ {\"a\": \"]}\\\"\"},\n{\"b\":\n[1, {}]},3 ,\"x\"\n]\n \n"),
              ElementsAre(R"(2: {"a": "]}\""})", "3: {\"b\":\n[1, {}]}", "4: 3", "4: \"x\""));
  EXPECT_THAT(rows("[]"), ElementsAre());
}

TEST_F(RawRowsTest, ALongArrayInOneLineNeedsNoLongLine) {
  std::string bytes = "[";
  for (int i = 0; i < 40000; ++i)
    bytes += std::string(i == 0 ? "" : ",") + R"({"text":")" + std::string(100, 'x') + "\"}";
  EXPECT_EQ(rows(bytes + "]").size(), 40000U) << "longer than a chunk of the reader";
}

TEST_F(RawRowsTest, BrokenArraysAreRefusedWhereTheyBreak) {
  EXPECT_THAT(
      input_error_of([&] { rows("\n[{\"a\":1}\n,{\"b\":2}"); }),
      HasSubstr("raw:2: expected an element or \"]\", got the end of the file: what is opened here is not closed"));
  EXPECT_THAT(input_error_of([&] { rows("[{\"a\":1},\n{\"b\":2"); }),
              EndsWith("raw:2: this element is not closed: the file ends before"));
  EXPECT_THAT(input_error_of([&] { rows("[{\"a\":1}\n{\"b\":2}]"); }),
              HasSubstr("raw:2: expected \",\" or \"]\" behind an element, got \"{\""));
  EXPECT_THAT(input_error_of([&] { rows("[{\"a\":1},]"); }), HasSubstr("raw:1: expected a value, got \"]\""));
  EXPECT_THAT(input_error_of([&] { rows("[1]\n{\"a\":1}"); }), HasSubstr("raw:2: expected the end of the file behind"));
}

TEST_F(RawRowsTest, EveryShapeGivesTheSameReviews) {
  const ReviewSchema schema{.item = "item",
                            .user = "who.id",
                            .rating = "stars",
                            .timestamp = "at",
                            .title = "head",
                            .text = "body",
                            .id = "n",
                            .time = {}};
  const std::vector<std::string> files = {
      R"({"item":"i","who":{"id":"u"},"stars":4,"at":1500,"head":"h, \"q\"","body":"two\nlines","n":"r1"})"
      "\n",
      R"([{"item":"i","who":{"id":"u"},"stars":4,"at":1500,)"
      "\n"
      R"("head":"h, \"q\"","body":"two\nlines","n":"r1"}])",
      "item,who.id,stars,at,head,body,n\ni,u,4,1500,\"h, \"\"q\"\"\",\"two\nlines\",r1\n",
      "n\titem:token\twho.id:token\tstars:float\tat:float\thead:token_seq\tbody:token_seq\r\nr1\ti\tu\t4\t1500\t\"h, "
      "\"\"q\"\"\"\t\"two\nlines\"\r\n",
      "item;who.id;stars;at;head;body;n\ni;u;4;1500;\"h, \"\"q\"\"\";\"two\nlines\";r1\n"};
  for (const auto& file : files) {
    const auto read = reviews(file, schema);
    ASSERT_EQ(read.size(), 1U) << file;
    EXPECT_EQ(read[0].user_id.text() + read[0].item_id.text() + read[0].review_id.text(), "uir1") << file;
    EXPECT_EQ(to_json(read[0].rating).dump() + to_json(read[0].timestamp).dump(), "41500") << file;
    EXPECT_EQ(*read[0].title + "|" + read[0].text, "h, \"q\"|two\nlines") << file;
  }
}

TEST_F(RawRowsTest, ErrorsOfATableNameLineFieldExpectedAndGot) {
  const ReviewSchema schema{.item = "item",
                            .user = "user",
                            .rating = "stars",
                            .timestamp = "at",
                            .title = {},
                            .text = "body",
                            .id = {},
                            .time = {}};
  EXPECT_THAT(input_error_of([&] { reviews("item,user,stars,at,body\ni,u,4,1,x\ni,u,good,1,x\n", schema); }),
              EndsWith("raw:3: field \"stars\": expected a number, got a string"));
  EXPECT_THAT(input_error_of([&] { reviews("item,user,stars,at,body\ni,,4,1,x\n", schema); }),
              EndsWith("raw:2: field \"user\": expected a string or an integer, got no such field"));
  EXPECT_THAT(input_error_of([&] { reviews("item,user,stars,body\ni,u,4,x\n", schema); }),
              HasSubstr("raw:1: field \"at\": expected a column of this name, got the header item, user, stars, body"));
}

TEST_F(RawRowsTest, ReviewsWithoutRatingAndTimeAreLikedAndInAnOrderThatTheFileDoesNotTell) {
  const ReviewSchema schema{.item = "item",
                            .user = "user",
                            .rating = {},
                            .timestamp = {},
                            .title = {},
                            .text = "body",
                            .id = {},
                            .time = {.unit = TimeUnit::kNone, .format = {}}};
  const auto read = reviews("item,user,body\na,u,x\nb,u,y\n", schema);
  const auto turned = reviews("item,user,body\nb,u,y\na,u,x\n", schema);
  EXPECT_GE(read[0].rating.value, 1e300);
  EXPECT_EQ(to_json(read[0].rating).dump(), "null");
  EXPECT_EQ(read[0].timestamp.ms, turned[1].timestamp.ms);
  EXPECT_EQ(read[1].timestamp.ms, turned[0].timestamp.ms);
  EXPECT_NE(read[0].timestamp.ms, read[1].timestamp.ms);
  auto by_file = schema;
  by_file.order = ReviewOrder::kFile;
  EXPECT_EQ(reviews("item,user,body\nb,u,y\na,u,x\n", by_file)[1].timestamp.ms, 1);
}

}  // namespace
}  // namespace persona4rec
