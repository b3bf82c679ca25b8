// Inputs of cache that are pipes, and ids that its files cannot carry.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <thread>

#include "io/jsonl_reader.hpp"
#include "persona4rec/cache.hpp"
#include "persona4rec/error.hpp"
#include "support/cache_workspace.hpp"

namespace persona4rec {
namespace {

using test::CacheWorkspace;

// A FIFO that gives `path`'s bytes once.
class Fifo {
 public:
  Fifo(std::filesystem::path fifo, const std::filesystem::path& path) : fifo_(std::move(fifo)) {
    EXPECT_EQ(mkfifo(fifo_.c_str(), 0600), 0);
    writer_ = std::thread([this, bytes = test::read_file(path)] { std::ofstream(fifo_, std::ios::binary) << bytes; });
  }
  Fifo(const Fifo&) = delete;
  Fifo& operator=(const Fifo&) = delete;
  ~Fifo() { writer_.join(); }
  [[nodiscard]] const std::filesystem::path& path() const { return fifo_; }

 private:
  std::filesystem::path fifo_;
  std::thread writer_;
};

TEST(CacheInput, PipesGiveTheBytesThatFilesGive) {
  CacheWorkspace workspace;
  workspace.options().words_from = WordsFrom::kPersonas;  // reads the personas once more
  (void)workspace.build();
  const auto of_files = workspace.bytes();
  auto& options = workspace.options();
  const Fifo history(workspace.dir() / "history", options.history);
  const Fifo targets(workspace.dir() / "targets", options.targets);
  const Fifo personas(workspace.dir() / "personas", options.persona_with_summary);
  options.history = history.path();
  options.targets = targets.path();
  options.persona_with_summary = personas.path();
  (void)workspace.build();
  EXPECT_EQ(workspace.bytes(), of_files);
}

TEST(CacheInput, AUserWithTwoLinesIsAnErrorAtTheSecond) {
  CacheWorkspace workspace;
  auto rows = read_jsonl<HistoryRow>(workspace.options().history);
  rows.push_back(rows.front());
  test::write_rows(workspace.options().history, rows);
  try {
    (void)workspace.build();
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kInput);
    EXPECT_THAT(error.what(), testing::HasSubstr("3.5_history.jsonl:5: field \"user_id\": the user \"a\""));
  }
}

// Many lines, so that several blocks of them are worked on at once.
TEST(CacheInput, BadLinesAreCountedAndLeftOutByAnyNumberOfThreads) {
  CacheWorkspace workspace;
  std::string bytes = test::read_file(workspace.options().history);
  const std::string line = R"({"user_id":"x%","reviews":[{"user_id":"x%","item_id":"i1","rating":5,"timestamp":%,)"
                           R"("review_text":"harp % and voices"}]})";
  for (int i = 0; i < 9000; ++i) {
    std::string made = line;
    for (auto at = made.find('%'); at != std::string::npos; at = made.find('%')) made.replace(at, 1, std::to_string(i));
    bytes += (i % 4000 == 7 ? made.substr(1) : made) + (i % 5 == 0 ? "\r\n\n" : "\n");
  }
  std::ofstream(workspace.options().history, std::ios::binary) << bytes;
  auto& options = workspace.options();
  options.targets.clear();
  options.threads = 1;
  options.max_bad_rows = 3;
  const auto report = workspace.build();
  EXPECT_EQ(report.bad_rows, 3U);
  EXPECT_EQ(report.interactions, 13U + 8997U);
  const auto one_thread = workspace.bytes();
  options.threads = 4;
  (void)workspace.build();
  EXPECT_TRUE(workspace.bytes() == one_thread);
  options.max_bad_rows = 2;
  try {
    (void)workspace.build();
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("3.5_history.jsonl:9614: expected one whole JSON object"));
  }
}

TEST(CacheInput, ALineEndInsideAnIdIsRefusedBeforeAnythingIsEncoded) {
  CacheWorkspace workspace;
  const auto& path = workspace.options().persona_with_summary;
  auto rows = read_jsonl<PersonaWithSummaryRow>(path);
  rows.front().personas.front().unique_persona_id = PersonaId("B1\nC2_P1");
  test::write_rows(path, rows);
  try {
    (void)workspace.build();
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.exit_code(), 3);
    EXPECT_THAT(error.what(), testing::HasSubstr("holds a line end, and uids.txt has one id a line"));
    EXPECT_THAT(error.what(), testing::HasSubstr(R"("B1\nC2_P1")"));
  }
  EXPECT_FALSE(std::filesystem::exists(workspace.options().cache / "user_item"));
}

}  // namespace
}  // namespace persona4rec
