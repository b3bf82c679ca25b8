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
  auto opts = options();
  opts.threads = 2;  // each holds some blocks of lines
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

// 2,000 reviews by 300 users, more than one block of lines: texts with what JSON escapes, values in all their forms.
class LongPrepareTest : public PrepareTest {
 protected:
  LongPrepareTest() {
    for (int i = 6; i < kReviews; ++i) {
      auto row = review(i, "u" + std::to_string(i % 300), "i" + std::to_string(i % 7), 1 + i % 5, 1000 - i % 90);
      row.review_text = std::string(300, 'x') + "\n\t\"quoted\" \\ caf\xc3\xa9 \x01" + std::to_string(i);
      row.rating.is_integer = i % 2 == 0;
      if (i % 11 == 0) row.rating = Rating::none();
      if (i % 3 == 0) row.review_title.reset();
      if (i % 4 == 0) row.raw_start = "raw &amp; \n" + std::to_string(i);
      if (i % 5 == 0) row.user_id = UserId(std::to_string(i % 300), true);
      if (i % 6 == 0)
        row.timestamp = {.ms = 0, .text = "2014-03-02 04:08:" + std::to_string(10 + i % 50), .is_string = true};
      row.extracted_aspects = {{"quality", nullptr}, {"a \"b\"", i * .1}, {"deep", {{"list", {1, -2, true, "\n"}}}}};
      reviews_.push_back(row);
    }
  }

  static std::vector<std::filesystem::path> outputs(const PrepareOptions& options) {
    return {options.history, options.history_loo, options.ground_truth, options.targets, options.persona_with_summary};
  }

  // The line is put before the row of this number, from 1 on.
  static void insert_line(const std::filesystem::path& path, std::size_t before, const std::string& line) {
    std::vector<std::string> lines;
    std::ifstream file(path);
    for (std::string read; std::getline(file, read);) lines.push_back(read);
    lines.insert(lines.begin() + static_cast<std::ptrdiff_t>(before) - 1, line);
    std::string text;
    for (const auto& each : lines) text += each + "\n";
    write_file(path, text);
  }

  static constexpr int kReviews = 2000;
};

std::string message_of(const PrepareOptions& options) {
  try {
    (void)prepare(options);
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

template <class Row>
std::string written_again(const std::filesystem::path& path) {
  std::string text;
  for (const auto& row : read_jsonl<Row>(path)) text += to_json(row).dump() + "\n";
  return text;
}

TEST_F(LongPrepareTest, SeveralThreadsWriteTheBytesOfOne) {
  auto opts = options();
  opts.threads = 1;
  (void)prepare(opts);
  std::vector<std::string> bytes;
  for (const auto& path : outputs(opts)) bytes.push_back(read_file(path) + read_file(meta_path(path)));
  EXPECT_GT(read_jsonl<TargetRow>(opts.targets).size(), 300U);
  for (const std::size_t threads : {2, 5}) {
    opts.threads = threads;
    (void)prepare(opts);
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      const auto path = outputs(opts)[i];
      EXPECT_EQ(read_file(path) + read_file(meta_path(path)), bytes[i]) << path << ", " << threads << " threads";
    }
  }
}

TEST_F(LongPrepareTest, RowsAreWrittenAsTheirValuesAre) {
  const auto opts = options();
  (void)prepare(opts);
  EXPECT_EQ(read_file(opts.history), written_again<HistoryRow>(opts.history));
  EXPECT_EQ(read_file(opts.history_loo), written_again<HistoryRow>(opts.history_loo));
  EXPECT_EQ(read_file(opts.targets), written_again<TargetRow>(opts.targets));
  EXPECT_EQ(read_file(opts.ground_truth), written_again<GroundTruthRow>(opts.ground_truth));
  EXPECT_EQ(read_file(opts.persona_with_summary), written_again<PersonaWithSummaryRow>(opts.persona_with_summary));
  std::size_t reviews = 0;
  for (const auto& user : read_jsonl<HistoryRow>(opts.history)) {
    for (const auto& review : user.reviews) {
      const auto& row = reviews_.at(std::stoul(review.review_id->text()));
      EXPECT_EQ(review.user_id, row.user_id);
      EXPECT_EQ(review.review_title, row.review_title.value_or(""));
      EXPECT_EQ(review.review_text, row.review_text);
      EXPECT_EQ(review.raw_start, row.raw_start);
      EXPECT_EQ(review.extracted, row.extracted_aspects);
      EXPECT_EQ(to_json(review.rating), to_json(row.rating));
      EXPECT_EQ(to_json(review.timestamp), to_json(row.timestamp));
      const auto number = row.item_id.text().substr(1);
      EXPECT_EQ(review.summary, number < "4" ? "summary " + number : "");
      ++reviews;
    }
  }
  EXPECT_EQ(reviews, kReviews);
}

TEST_F(LongPrepareTest, TheFirstBrokenRowIsToldWithItsLineWhateverTheThreads) {
  auto opts = options();
  insert_line(opts.aspects, 1900, R"({"review_id": 1})");
  insert_line(opts.aspects, 1500, "{broken");
  for (const std::size_t threads : {1, 5}) {
    opts.threads = threads;
    opts.max_bad_rows = 0;
    EXPECT_THAT(message_of(opts), testing::HasSubstr("1_aspects.jsonl:1500")) << threads;
    opts.max_bad_rows = 1;
    EXPECT_THAT(message_of(opts), testing::HasSubstr("1_aspects.jsonl:1901")) << threads;
    opts.max_bad_rows = 2;
    EXPECT_EQ(prepare(opts).bad_rows, 2U) << threads;
  }
}

TEST_F(LongPrepareTest, AnItemTwiceIsToldWithItsLine) {
  auto opts = options();
  const auto personas = read_file(opts.personas);
  insert_line(opts.personas, 4, personas.substr(0, personas.find('\n')));
  EXPECT_THAT(message_of(opts), testing::HasSubstr("3_personas.jsonl:4"));
  EXPECT_THAT(message_of(opts), testing::HasSubstr("the item \"i0\" has a row already"));
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
