// data/tiny: what its script writes, and fit for its purpose.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "io/jsonl_reader.hpp"
#include "io/raw_review_reader.hpp"
#include "persona4rec/split.hpp"
#include "records/raw_dataset.hpp"
#include "support/paths.hpp"
#include "support/temp_dir.hpp"

namespace persona4rec {
namespace {

const std::filesystem::path kSource = test::source_dir();

ReviewSchema tiny_reviews() {
  return {.item = "game_id",
          .user = "user_id",
          .rating = "stars",
          .timestamp = "created",
          .title = "headline",
          .text = "body",
          .id = "review_id",
          .time = {.unit = TimeUnit::kSeconds}};
}

std::vector<RawReview> read_reviews() {
  RawReviewReader reader(kSource / "data/tiny/reviews.jsonl", tiny_reviews(), {}, 0);
  std::vector<RawReview> reviews;
  for (RawReview review; reader.next(review); review = {}) reviews.push_back(std::move(review));
  return reviews;
}

TEST(TinyData, IsWhatItsScriptWrites) {
  const test::TempDir folder;
  const std::string command =
      "python3 '" + (kSource / "scripts/make_tiny_data.py").string() + "' '" + folder.path().string() + "'";
  ASSERT_EQ(std::system(command.c_str()), 0) << command;
  for (const char* name : {"reviews.jsonl", "meta.jsonl", "candidate.jsonl"}) {
    EXPECT_EQ(test::read_file(folder / name), test::read_file(kSource / "data/tiny" / name)) << name;
  }
}

TEST(TinyData, HasWhatTheStagesMustCopeWith) {
  const auto reviews = read_reviews();
  std::map<std::string, int> users;
  std::map<std::string, std::set<double>> ratings_of;
  std::map<std::pair<std::string, std::int64_t>, int> times;
  int empty = 0;
  int non_ascii = 0;
  for (const auto& review : reviews) {
    ++users[review.user_id.text()];
    ratings_of[review.item_id.text()].insert(review.rating.value);
    ++times[{review.user_id.text(), review.timestamp.ms}];
    empty += review.text.empty();
    non_ascii += std::any_of(review.text.begin(), review.text.end(), [](char c) { return c < 0; });
  }
  const auto tied = [](const auto& entry) { return entry.second > 1; };
  const auto divided = [](const auto& entry) { return *entry.second.begin() <= 2 && *entry.second.rbegin() >= 4; };
  EXPECT_EQ(reviews.size(), 600U);
  EXPECT_EQ(users.size(), 60U);
  EXPECT_EQ(ratings_of.size(), 40U);
  EXPECT_GT(empty, 3);
  EXPECT_GT(non_ascii, 20);
  EXPECT_GT(std::count_if(times.begin(), times.end(), tied), 20);
  EXPECT_GT(std::count_if(ratings_of.begin(), ratings_of.end(), divided), 20);  // minority opinions
}

TEST(TinyData, CandidatesHoldNothingThatTheUserKnew) {
  Interactions data;
  for (const auto& review : read_reviews()) {
    data.add(review.user_id, review.item_id, review.review_id, review.rating, review.timestamp);
  }
  const Split split = decide_split(data, {});
  int lists = 0;
  for (const auto& row : read_jsonl<CandidateRow>(kSource / "data/tiny/candidate.jsonl")) {
    const auto user = data.find_user(row.user_id);
    ASSERT_TRUE(user) << row.user_id.text();
    const auto target = std::find_if(split.targets().begin(), split.targets().end(), [&](const Target& one) {
      return one.split == TargetSplit::kTest && data[one.interaction].user == *user;
    });
    if (target == split.targets().end()) continue;
    ++lists;
    std::set<std::string> known;
    for (const auto at : split.history(*user, World::kTest)) known.insert(data.items()[data[at].item].text());
    for (const auto& result : row.results) {
      EXPECT_FALSE(known.contains(result.item_id.text())) << row.user_id.text() << " " << result.item_id.text();
    }
  }
  EXPECT_GT(lists, 50);
}

}  // namespace
}  // namespace persona4rec
