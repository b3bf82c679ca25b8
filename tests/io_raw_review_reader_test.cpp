// Raw reviews as a dataset's schema names their fields, and the selection of a run.
#include "io/raw_review_reader.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "support/temp_dir.hpp"

namespace persona4rec {
namespace {

using test::TempDir;

class RawReviewsTest : public testing::Test {
 protected:
  std::vector<std::string> read(const ReviewSelection& selection) {
    RawReviewReader reader(file_, schema_, selection, 0);
    std::vector<std::string> ids;
    for (RawReview review; reader.next(review);) ids.push_back(review.review_id.text());
    left_out_ = reader.left_out();
    EXPECT_EQ(reader.sha256().size(), 64U);
    return ids;
  }

  static std::string row(const std::string& user) {
    return R"({"item":"i","user":")" + user + R"(","rating":5,"timestamp":1,"text":"t"})" + "\n";
  }

  TempDir dir_;
  std::filesystem::path file_ = dir_.write("r.jsonl", row("a") + row("b") + row("a") + row("c") + row("b"));
  ReviewSchema schema_{.item = "item",
                       .user = "user",
                       .rating = "rating",
                       .timestamp = "timestamp",
                       .title = {},
                       .text = "text",
                       .id = {},
                       .time = {}};
  std::uint64_t left_out_ = 0;
};

TEST_F(RawReviewsTest, TakesFirstUsersAndFirstReviewsWithTheRowNumberAsId) {
  using Ids = std::vector<std::string>;
  EXPECT_EQ(read({}), (Ids{"0", "1", "2", "3", "4"}));
  EXPECT_EQ(read({.users = 2}), (Ids{"0", "1", "2", "4"}));
  EXPECT_EQ(left_out_, 1U);
  EXPECT_EQ(read({.users = 2, .sample = 3}), (Ids{"0", "1", "2"}));
  EXPECT_EQ(read({.sample = 1}), (Ids{"0"}));
  EXPECT_EQ(left_out_, 4U);
}

}  // namespace
}  // namespace persona4rec
