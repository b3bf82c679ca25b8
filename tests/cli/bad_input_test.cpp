// Bad input, as a table: every input file of every command against everything that can be wrong with a file. The
// message names the place, the exit code is 3, and no output appears.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <sstream>

#include "support/pipeline.hpp"

namespace persona4rec::test {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

struct Field {
  std::string name;   // a needed field of each row, not nested
  std::string wrong;  // JSON of a type it must not have
  std::string expected;
};

// One input file of one command.
struct Input {
  std::string stage;  // of pipeline.hpp
  std::string file;   // in the workspace, or "reviews", "meta" for the raw files
  std::vector<Field> fields;
  std::string number_field{};  // takes NaN
  bool one_row_a_user = false;
  bool may_be_empty = false;
};

std::vector<std::string> lines_of(const std::string& bytes) {
  std::vector<std::string> lines;
  std::istringstream in(bytes);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

std::string joined(const std::vector<std::string>& lines) {
  std::string bytes;
  for (const std::string& line : lines) bytes += line + "\n";
  return bytes;
}

// The value of a field's first mention in a row, as text; [begin, end) of it in the line.
std::pair<std::size_t, std::size_t> value_at(const std::string& line, const std::string& field) {
  const std::size_t key = line.find("\"" + field + "\":");
  if (key == std::string::npos) ADD_FAILURE() << "no field " << field << " in " << line.substr(0, 200);
  std::size_t begin = line.find(':', key) + 1;
  while (line[begin] == ' ') ++begin;
  int depth = 0;
  bool quoted = false;
  std::size_t end = begin;
  for (; end < line.size(); ++end) {
    const char c = line[end];
    if (c == '"' && line[end - 1] != '\\') quoted = !quoted;
    if (quoted) continue;
    if (depth == 0 && (c == ',' || c == '}')) break;
    if (c == '[' || c == '{') ++depth;
    if (c == ']' || c == '}') --depth;
  }
  return {begin, end};
}

std::string with_value(std::string line, const std::string& field, const std::string& value) {
  const auto [begin, end] = value_at(line, field);
  return line.replace(begin, end - begin, value);
}

std::string without_field(std::string line, const std::string& field) {
  const std::size_t key = line.find("\"" + field + "\":");
  return line.replace(key, field.size() + 2, "\"not_" + field + "\"");
}

class BadInput : public ::testing::Test {
 protected:
  void prepare(const Input& input) {
    input_ = input;
    ASSERT_NO_FATAL_FAILURE(run_pipeline(workspace_.path(), input.stage));
    if (input.file == "reviews" || input.file == "meta") {
      target_ = workspace_ / ("raw_" + input.file + ".jsonl");
      fs::copy_file(input.file == "meta" ? inputs_.meta : inputs_.reviews, target_);
      (input.file == "meta" ? inputs_.meta : inputs_.reviews) = target_;
    } else {
      target_ = workspace_ / input.file;
      fs::remove(target_.string() + ".meta.json");  // the file alone is wrong, not what is known about it
    }
    good_ = read_file(target_);
    before_ = reproducible_files(workspace_.path());
  }

  // The program's answer to the file with these bytes.
  RunResult answer_to(const std::string& bytes) {
    (void)workspace_.write(fs::relative(target_, workspace_.path()).string(), bytes);
    return answer();
  }
  RunResult answer() { return run_program(pipeline_stage(input_.stage, workspace_.path(), inputs_).words); }

  void expect_refused(const std::string& what, const RunResult& result, const std::string& message) {
    SCOPED_TRACE(input_.stage + " reads " + input_.file + ": " + what);
    EXPECT_EQ(result.exit_code, 3) << result.err;
    EXPECT_THAT(result.err, HasSubstr("error: " + target_.string() + message));
    fs::remove_all(target_);
    (void)workspace_.write(fs::relative(target_, workspace_.path()).string(), good_);
    EXPECT_THAT(differing(before_, reproducible_files(workspace_.path())), IsEmpty()) << "an output appeared";
  }

  // Line 2 replaced by what `change` makes of it.
  void expect_bad_line(const std::string& what, const std::function<std::string(std::string)>& change,
                       const std::string& message) {
    std::vector<std::string> lines = lines_of(good_);
    ASSERT_GE(lines.size(), 3U);
    lines[1] = change(lines[1]);
    expect_refused(what, answer_to(joined(lines)), ":2: " + message);
  }

  void expect_all_bad_lines() {
    expect_bad_line(
        "truncated", [](const std::string& line) { return line.substr(0, line.size() / 2); },
        "expected one whole JSON object");
    expect_bad_line("no object", [](const std::string&) { return "[1, 2]"; }, "expected");
    expect_bad_line(
        "bad UTF-8", [](std::string line) { return line.insert(line.find(':') + 3, "\xff"); },
        "expected UTF-8, got a bad byte at column");
    for (const Field& field : input_.fields) {
      const std::string start = "field \"" + field.name + "\": expected ";
      expect_bad_line(
          "missing " + field.name, [&](const std::string& line) { return without_field(line, field.name); },
          start + field.expected + ", got no such field");
      expect_bad_line(
          "wrong type of " + field.name,
          [&](const std::string& line) { return with_value(line, field.name, field.wrong); },
          start + field.expected + ", got ");
    }
    if (!input_.number_field.empty()) {
      expect_bad_line(
          "NaN", [&](const std::string& line) { return with_value(line, input_.number_field, "NaN"); },
          "expected JSON, got a number that JSON does not have (NaN or Infinity)");
    }
    if (input_.one_row_a_user) {
      const std::string first = lines_of(good_).front();
      expect_bad_line("a user twice", [&](const std::string& line) { return first + "\n" + line; }, "");
    }
  }

  void expect_all_bad_files() {
    if (!input_.may_be_empty) expect_refused("empty", answer_to(""), ": expected JSON Lines, got an empty file");
    expect_refused(
        "LFS pointer",
        answer_to("version https://git-lfs.github.com/spec/v1\noid sha256:" + std::string(64, 'a') + "\nsize 1234\n"),
        ":1: is a Git LFS pointer");
    fs::remove(target_);
    expect_refused("missing", answer(), ": cannot be opened: No such file or directory");
    fs::remove(target_);
    fs::create_directory(target_);
    expect_refused("directory", answer(), ": is a directory");
  }

  void expect_all_refused(const Input& input) {
    ASSERT_NO_FATAL_FAILURE(prepare(input));
    expect_all_bad_lines();
    expect_all_bad_files();
  }

  TempDir workspace_;
  PipelineInputs inputs_;
  Input input_;
  fs::path target_;
  std::string good_;
  std::map<std::string, std::string> before_;
};

const std::string kText = "a string";
const std::string kNumber = "a number";
const std::string kId = "a string or an integer";
const std::string kArray = "an array";

TEST_F(BadInput, ExtractAspectsReviews) {
  expect_all_refused({.stage = "extract-aspects",
                      .file = "reviews",
                      .fields = {{"game_id", "1.5", kId}, {"user_id", "[]", kId}, {"stars", "\"five\"", kNumber}},
                      .number_field = "stars"});
}
TEST_F(BadInput, SummarizeReviews) {
  expect_all_refused({.stage = "summarize", .file = "reviews", .fields = {{"game_id", "1.5", kId}}});
}
TEST_F(BadInput, SummarizeMeta) {
  expect_all_refused({.stage = "summarize", .file = "meta", .fields = {{"game_id", "true", kId}}});
}
TEST_F(BadInput, PersonasAspects) {
  expect_all_refused({.stage = "personas",
                      .file = "1_aspects.jsonl",
                      .fields = {{"item_id", "{}", kId}, {"review_text", "3", kText}},
                      .number_field = "rating"});
}
TEST_F(BadInput, PersonasSummary) {
  expect_all_refused({.stage = "personas", .file = "2_summary.jsonl", .fields = {{"item_id", "[]", kId}}});
}
TEST_F(BadInput, PreparePersonas) {
  expect_all_refused({.stage = "prepare", .file = "3_personas.jsonl", .fields = {{"personas", "{}", kArray}}});
}
TEST_F(BadInput, SelectHistory) {
  expect_all_refused({.stage = "select",
                      .file = "3.5_history.jsonl",
                      .fields = {{"reviews", "\"none\"", kArray}},
                      .number_field = "rating",
                      .one_row_a_user = true});
}
TEST_F(BadInput, SelectTargets) {
  expect_all_refused(
      {.stage = "select", .file = "3.5_targets.jsonl", .fields = {{"split", "3", kText}}, .may_be_empty = true});
}
TEST_F(BadInput, CandidatesAspects) {
  expect_all_refused({.stage = "candidates test",
                      .file = "1_aspects.jsonl",
                      .fields = {{"user_id", "null", kId}},
                      .number_field = "rating"});
}
TEST_F(BadInput, TrainSelections) {
  expect_all_refused(
      {.stage = "train", .file = "4_selected_personas.jsonl", .fields = {{"selected_persona_id", "1", kText}}});
}
TEST_F(BadInput, CacheHistory) {
  expect_all_refused({.stage = "cache",
                      .file = "3.5_history.jsonl",
                      .fields = {{"reviews", "3", kArray}},
                      .number_field = "rating",
                      .one_row_a_user = true});
}
TEST_F(BadInput, CachePersonas) {
  expect_all_refused(
      {.stage = "cache", .file = "3.5_persona_with_summary.jsonl", .fields = {{"personas", "3", kArray}}});
}
TEST_F(BadInput, RerankCandidates) {
  expect_all_refused({.stage = "rerank",
                      .file = "candidate.test.jsonl",
                      .fields = {{"results", "3", kArray}},
                      .number_field = "score",
                      .one_row_a_user = true});
}
TEST_F(BadInput, EvalLists) {
  expect_all_refused({.stage = "eval",
                      .file = "reranked.jsonl",
                      .fields = {{"results", "{}", kArray}},
                      .number_field = "score",
                      .one_row_a_user = true});
}
TEST_F(BadInput, EvalGroundTruth) {
  expect_all_refused(
      {.stage = "eval", .file = "3.5_gt.jsonl", .fields = {{"user_id", "1.5", kId}, {"item_id", "null", kId}}});
}

}  // namespace
}  // namespace persona4rec::test
