// `persona4rec eval --report` as people call it: what it reads of a workspace, what it says where that is not there,
// and that nothing which a review, a title or an id holds does anything.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <regex>
#include <string>

#include "support/paths.hpp"
#include "support/pipeline.hpp"

namespace persona4rec::test {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr const char* kBad = "</style><script>document.title='x'</script>\\\"'&";

class EvalReport : public ::testing::Test {
 protected:
  // A workspace of an earlier version: artifacts, a cache, reranked lists; no stage that asked.
  void fill() const {
    fs::copy(source_dir() / "tests/golden/workspace-0.1.0", dir_.path(),
             fs::copy_options::recursive | fs::copy_options::overwrite_existing);
  }

  [[nodiscard]] RunResult eval(std::vector<std::string> words) const {
    words.insert(words.begin(), {"eval", "--workspace", dir_.path().string()});
    return run_program(words);
  }
  [[nodiscard]] std::string report(std::vector<std::string> words = {}) const {
    words.insert(words.end(), {"--report", dir_ / "report.html", "--quiet"});
    const RunResult result = eval(words);
    EXPECT_EQ(result.exit_code, 0) << result.err;
    return read_file(dir_ / "report.html");
  }
  // Lists and ground truth of elsewhere, of one user, with ids as they should not be.
  void write_foreign_lists(const std::string& id) const {
    (void)dir_.write("lists.jsonl",
                     R"({"user_id":")" + id + R"(","results":[{"item_id":"x"},{"item_id":")" + id + "\"}]}\n");
    (void)dir_.write("gt.jsonl", R"({"user_id":")" + id + R"(","item_id":")" + id + "\"}\n");
  }
  [[nodiscard]] std::vector<std::string> foreign() const {
    return {dir_ / "lists.jsonl", "--ground-truth", dir_ / "gt.jsonl"};
  }

  TempDir dir_;
};

// A page is too long for a matcher to print.
bool has(const std::string& html, const std::string& word) {
  return html.find(word) != std::string::npos;
}

std::size_t count(const std::string& text, const std::string& word) {
  std::size_t found = 0;
  for (auto at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) ++found;
  return found;
}

TEST_F(EvalReport, ComparesTheRerankedListsWithTheirCandidates) {
  fill();
  const std::string html = report();
  EXPECT_TRUE(html.starts_with("<!DOCTYPE html>\n"));
  EXPECT_TRUE(has(html, "reranked against candidate.test: NDCG@10"));
  EXPECT_TRUE(has(html, "<figcaption>NDCG@k</figcaption>"));
  EXPECT_TRUE(has(html, "<figcaption>Places the first true item moved</figcaption>"));
  EXPECT_TRUE(has(html, "<td class=\"n\">0.75</td>"));
  EXPECT_TRUE(fs::exists(dir_ / "report.html.meta.json"));
}

TEST_F(EvalReport, ExplainsRecommendationsOfUsersAsTheyCome) {
  fill();
  const std::string html = report();
  EXPECT_EQ(count(html, "class=\"outcome"), 10U);
  EXPECT_EQ(count(html, "Reviews behind that persona"), 10U);
}

TEST_F(EvalReport, ShowsTitlesOfItems) {
  fill();
  std::string summaries;
  for (int item = 1; item <= 40; ++item) {
    const std::string id = (item < 10 ? "g0" : "g") + std::to_string(item);
    summaries += R"({"item_id":")" + id + R"(","item_title":"Title of )" + id + "\"}\n";
  }
  (void)dir_.write("2_summary.jsonl", summaries);
  const std::string html = report();
  EXPECT_EQ(count(html, "<h3><bdi>Title of g"), 10U);
}

TEST_F(EvalReport, SaysInALineWhatWasNotAskedForOrIsNotThere) {
  fill();
  const std::string html = report();
  EXPECT_TRUE(has(html, "Not asked for: --scenarios or --review adds"));
  EXPECT_TRUE(has(html, "No reviews to look at: 1_aspects.jsonl is not there."));
}

TEST_F(EvalReport, TakesForeignListsWithoutAWorkspace) {
  write_foreign_lists("a");
  const std::string html = report(foreign());
  EXPECT_TRUE(has(html, "One file: there is no order to compare its places with."));
  EXPECT_THAT(
      html, HasSubstr("No examples: none of the judged files was reranked with this workspace&#39;s cache as it is."));
  EXPECT_TRUE(has(html, "No training in this workspace"));
  EXPECT_TRUE(has(html, "No stage that asks a language model has run in this workspace."));
  EXPECT_TRUE(has(html, "No weights:"));
  EXPECT_TRUE(has(html, "No workspace: none of its meta files is there."));
  EXPECT_TRUE(has(html, "No cache in this workspace"));
}

TEST_F(EvalReport, IsInertWhateverIdsTitlesAndReviewsHold) {
  fill();
  std::string summaries;
  for (int item = 1; item <= 40; ++item) {
    const std::string id = (item < 10 ? "g0" : "g") + std::to_string(item);
    summaries += R"({"item_id":")" + id + R"(","item_title":")" + kBad + "\"}\n";
  }
  (void)dir_.write("2_summary.jsonl", summaries);
  std::string history = read_file(dir_ / "3.5_history.jsonl");
  history = std::regex_replace(history, std::regex(R"("review_text":")"), std::string(R"("review_text":")") + kBad);
  std::ofstream(dir_ / "3.5_history.jsonl") << history;
  const std::string html = report({"--names", "<script>,\"'>"});
  EXPECT_FALSE(has(html, "<script"));
  EXPECT_EQ(count(html, "</style>"), 1U);
  EXPECT_TRUE(has(html, "&lt;/style&gt;&lt;script&gt;document.title=&#39;x&#39;&lt;/script&gt;&quot;&#39;&amp;"));
}

TEST_F(EvalReport, ShowsIdsThatTurnTextRoundByTheirNumber) {
  fill();
  std::string lists = read_file(dir_ / "candidate.test.jsonl");
  write_foreign_lists("u\\u202Egnp");
  std::vector<std::string> words = foreign();
  words.insert(words.end(), {"--names", "a\u202Eb"});
  const std::string html = report(words);
  EXPECT_FALSE(has(html, "\u202E"));
  EXPECT_TRUE(has(html, "a[U+202E]b"));
}

TEST_F(EvalReport, ShowsGatesAndIsWrittenWhereOneFails) {
  fill();
  const RunResult result = eval({"--report", dir_ / "report.html", "--gate", "NDCG@10 >= .99", "--gate", "users >= 5"});
  EXPECT_EQ(result.exit_code, 5) << result.err;
  const std::string html = read_file(dir_ / "report.html");
  EXPECT_TRUE(has(html, "<th scope=\"row\">NDCG@10 &gt;= .99</th><td>FAIL</td>"));
  EXPECT_TRUE(has(html, "<th scope=\"row\">users &gt;= 5</th><td>PASS</td><td class=\"n\">10</td>"));
}

TEST_F(EvalReport, ComparesWithABaselineOfValuesAlone) {
  fill();
  ASSERT_EQ(eval({dir_ / "candidate.test.jsonl", "--per-user", dir_ / "before.jsonl", "--quiet"}).exit_code, 0);
  const std::string html = report({"--baseline", dir_ / "before.jsonl"});
  EXPECT_TRUE(has(html, "<figcaption>Places the first true item moved</figcaption>"));
}

TEST_F(EvalReport, WritesTheSameBytesAgain) {
  fill();
  const std::string first = report({"--threads", "1"});
  EXPECT_EQ(first, report({"--threads", "2"}));
}

TEST_F(EvalReport, GoesToStdoutInsteadOfTheTable) {
  write_foreign_lists("a");
  auto words = foreign();
  words.insert(words.end(), {"--report", "-", "--quiet"});
  const RunResult result = eval(words);
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_TRUE(result.out.starts_with("<!DOCTYPE html>"));
  EXPECT_TRUE(result.out.ends_with("</html>\n"));
  EXPECT_THAT(result.err, IsEmpty());
  words.insert(words.end(), {"--json", "-"});
  const RunResult both = eval(words);
  EXPECT_EQ(both.exit_code, 2);
  EXPECT_THAT(both.err, HasSubstr("--report and --json cannot both be stdout"));
}

TEST_F(EvalReport, AppearsWholeOrNotAtAll) {
  write_foreign_lists("a");
  (void)dir_.write("report.html", "before");
  (void)dir_.write("encoder/train_log.jsonl", "{broken\n");
  auto words = foreign();
  words.insert(words.end(), {"--report", dir_ / "report.html"});
  const RunResult result = eval(words);
  EXPECT_EQ(result.exit_code, 3);
  EXPECT_THAT(result.err, HasSubstr("train_log.jsonl:1"));
  EXPECT_EQ(read_file(dir_ / "report.html"), "before");
  words.back() = dir_ / "gt.jsonl" / "report.html";
  EXPECT_EQ(eval(words).exit_code, 1);
}

TEST_F(EvalReport, DoesNotReadAPipeTwice) {
  write_foreign_lists("a");
  const RunResult result = run_program({"eval", "-", "--ground-truth", dir_ / "gt.jsonl", "--workspace",
                                        dir_.path().string(), "--report", dir_ / "report.html", "--quiet"},
                                       {.input = read_file(dir_ / "lists.jsonl")});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_TRUE(has(read_file(dir_ / "report.html"), "came through a pipe: its ids are not compared."));
}

}  // namespace
}  // namespace persona4rec::test
