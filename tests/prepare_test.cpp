// prepare: what it writes, and the leak test of the artifacts it makes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <fstream>

#include "io/artifacts.hpp"
#include "io/jsonl_reader.hpp"
#include "io/output_file.hpp"
#include "io/provenance.hpp"
#include "persona4rec/error.hpp"
#include "persona4rec/prepare.hpp"
#include "support/rows.hpp"
#include "support/temp_dir.hpp"

namespace persona4rec {
namespace {

using test::read_file;
using test::TempDir;

AspectRow review(int id, const std::string& user, const std::string& item, double rating, std::int64_t ms) {
  return {.review_id = ReviewId(std::to_string(id), true),
          .item_id = ItemId(item),
          .user_id = UserId(user),
          .rating = {.value = rating},
          .timestamp = {.ms = ms, .text = std::to_string(ms)},
          .review_title = "t" + std::to_string(id),
          .review_text = "text " + std::to_string(id),
          .extracted_aspects = {{"quality_criteria", "q"}},
          .status = AspectStatus::kOk};
}

// The most that this process held so far.
std::size_t resident_bytes() {
  rusage usage = {};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<std::size_t>(usage.ru_maxrss) * 1024;
}

class PrepareTest : public testing::Test {
 protected:
  PrepareTest() {
    for (int i = 0; i < 5; ++i) reviews_.push_back(review(i, "a", "i" + std::to_string(i), 5, 10 * (5 - i)));
    reviews_.push_back(review(5, "b", "i0", 4, 7));
  }

  PrepareOptions options() {
    const Workspace files{dir_.path()};
    test::write_rows(files.aspects(), reviews_);
    std::vector<SummaryRow> summaries;
    std::vector<PersonaRow> personas;
    for (int i = 0; i < 4; ++i) {  // i4 has neither
      const SummaryRow item{ItemId("i" + std::to_string(i)), "title", "description", "summary " + std::to_string(i)};
      summaries.push_back(item);
      personas.push_back({.item = item, .review_count = 1, .personas = {{"P1", "N", "D", "R", {ReviewId("0", true)}}}});
    }
    test::write_rows(files.summary(), summaries);
    test::write_rows(files.personas(), personas);
    return {.aspects = files.aspects(),
            .summary = files.summary(),
            .personas = files.personas(),
            .history = files.history(),
            .history_loo = files.history_loo(),
            .ground_truth = files.ground_truth(),
            .targets = files.targets(),
            .persona_with_summary = files.persona_with_summary(),
            .split = {},
            .time = {},
            .progress = {}};
  }

  TempDir dir_;
  std::vector<AspectRow> reviews_;
};

TEST_F(PrepareTest, WritesHistoriesOldestFirstAndCutsThemBeforeTheTarget) {
  const auto opts = options();
  const auto report = prepare(opts);
  const auto history = read_jsonl<HistoryRow>(opts.history);
  ASSERT_EQ(history.size(), 2U);
  EXPECT_EQ(history[0].reviews.front().item_id.text(), "i4");
  EXPECT_EQ(history[0].reviews.back().item_id.text(), "i0");
  EXPECT_EQ(history[0].reviews.back().summary, "summary 0");
  EXPECT_EQ(*history[0].reviews.back().review_text, "text 0");
  const auto loo = read_jsonl<HistoryRow>(opts.history_loo);
  ASSERT_EQ(loo.size(), 1U);
  EXPECT_EQ(loo[0].reviews.size(), 4U);
  const auto gt = read_jsonl<GroundTruthRow>(opts.ground_truth);
  ASSERT_EQ(gt.size(), 1U);
  EXPECT_EQ(gt[0].item_id.text(), "i0");
  const auto targets = read_jsonl<TargetRow>(opts.targets);
  ASSERT_EQ(targets.size(), 4U);
  EXPECT_EQ(targets[2].split, TargetSplit::kValid);
  EXPECT_EQ(report.reviews_without_summary, 1U);
  EXPECT_EQ(report.split.test_targets, 1U);
}

TEST_F(PrepareTest, PersonasGetUniqueIdsAndTheItemSummary) {
  const auto opts = options();
  (void)prepare(opts);
  const auto rows = read_jsonl<PersonaWithSummaryRow>(opts.persona_with_summary);
  ASSERT_EQ(rows.size(), 4U);
  EXPECT_EQ(rows[2].personas[0].unique_persona_id.text(), "i2_P1");
  EXPECT_EQ(rows[2].personas[0].item_summary, "summary 2");
  EXPECT_EQ(rows[2].personas[0].persona.support.at(0).text(), "0");
}

TEST_F(PrepareTest, TheTestTargetAndWhatFollowsReachNeitherLooNorTargets) {
  auto opts = options();
  (void)prepare(opts);
  const auto loo = read_file(opts.history_loo);
  const auto targets = read_file(opts.targets);
  reviews_[0].review_text = reviews_[0].review_title.emplace("SENTINEL");
  opts = options();
  (void)prepare(opts);
  EXPECT_EQ(read_file(opts.history_loo), loo);
  EXPECT_EQ(read_file(opts.targets), targets);
  EXPECT_THAT(read_file(opts.history), testing::HasSubstr("SENTINEL")) << "the complete history is complete";
}

TEST_F(PrepareTest, EqualRunsGiveEqualBytes) {
  const auto opts = options();
  (void)prepare(opts);
  const auto meta = read_file(meta_path(opts.history));
  const auto bytes = read_file(opts.history);
  (void)prepare(opts);
  EXPECT_EQ(read_file(meta_path(opts.history)), meta);
  EXPECT_EQ(read_file(opts.history), bytes);
}

TEST_F(PrepareTest, RatingsThatNeverReachLikedAreAnErrorThatNamesTheFlag) {
  for (auto& review : reviews_) review.rating.value = review.rating.value > 4 ? 1 : 0;
  auto opts = options();
  write_file(opts.history, "of an earlier run");
  try {
    (void)prepare(opts);
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.exit_code(), 3);
    EXPECT_THAT(error.what(), testing::HasSubstr("no rating reaches --liked-from 3 (the highest is 1)"));
  }
  EXPECT_EQ(read_file(opts.history), "of an earlier run");
  opts.split.liked_from = 1;
  EXPECT_EQ(prepare(opts).split.test_targets, 1U);
  EXPECT_EQ(read_meta(opts.history).at("settings").at("liked_from"), 1);
}

TEST_F(PrepareTest, NoTargetIsAWarning) {
  reviews_.resize(1);
  const auto opts = options();
  testing::internal::CaptureStderr();
  (void)prepare(opts);
  const auto said = testing::internal::GetCapturedStderr();
  EXPECT_THAT(said, testing::HasSubstr("no review can be a target"));
  EXPECT_THAT(said, testing::HasSubstr("no user is tested under --split leave-one-out"));
}

TEST_F(PrepareTest, HoldsNoTexts) {
  const auto opts = options();
  std::ofstream file(opts.aspects, std::ios::app);
  for (int i = 6; i < 500; ++i) {
    auto row = review(i, "u" + std::to_string(i), "i0", 4, i);
    row.review_text = std::string(100'000, 'x');
    file << to_json(row).dump() << "\n";
  }
  file.close();
  const auto before = resident_bytes();
  (void)prepare(opts);
  EXPECT_LT(resident_bytes(), before + 20'000'000) << "49 MB of texts are in the file";
}

TEST_F(PrepareTest, ADuplicateItemRowIsAnError) {
  const auto opts = options();
  const auto row = read_file(opts.summary).substr(0, read_file(opts.summary).find('\n') + 1);
  (void)dir_.write("2_summary.jsonl", row + row);
  EXPECT_THROW((void)prepare(opts), Error);
  EXPECT_FALSE(std::filesystem::exists(opts.history));
}

}  // namespace
}  // namespace persona4rec
