// Data as people have it, through the real program: raw files in every shape give the artifacts that JSON Lines give,
// without metadata, ratings or times the stages go through all the same, and lists of every shape are reranked, judged
// and written.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/json_lines.hpp"
#include "support/pipeline.hpp"

namespace persona4rec::test {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

std::string cell(const Json& value, char delimiter) {
  if (value.is_null()) return "";
  const std::string text = value.is_string() ? value.get<std::string>() : value.dump();
  if (text.find_first_of(std::string("\"\r\n") + delimiter) == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? "\"\"" : std::string(1, c);
  return quoted + "\"";
}

// Rows with the keys of the first, or some of them, as CSV or TSV; RecBole's types behind the names where `typed`.
std::string table(const std::vector<Json>& rows, char delimiter, bool typed = false) {
  std::string out;
  for (const auto& [key, value] : rows.front().items())
    out +=
        (out.empty() ? "" : std::string(1, delimiter)) + key + (typed ? value.is_number() ? ":float" : ":token" : "");
  out += delimiter == '\t' ? "\r\n" : "\n";
  for (const Json& row : rows) {
    std::string line;
    const char* between = "";
    const std::string delimiter_text(1, delimiter);
    for (const auto& [key, value] : rows.front().items()) {
      line += between + (row.contains(key) ? cell(row[key], delimiter) : "");
      between = delimiter_text.c_str();
    }
    out += line + (delimiter == '\t' ? "\r\n" : "\n");
  }
  return out;
}

// One array, an element over several lines.
std::string array(const std::vector<Json>& rows) {
  return Json(rows).dump(1);
}

struct Shape {
  std::string name;
  std::string reviews;
  std::string meta;
};

std::vector<Json> rows_of(const char* file) {
  return json_lines(read_file(kSource / "data/tiny" / file));
}

std::vector<Shape> shapes() {
  const auto reviews = rows_of("reviews.jsonl");
  const auto meta = rows_of("meta.jsonl");
  return {{"csv", table(reviews, ','), table(meta, ',')},
          {"tsv", table(reviews, '\t', true), table(meta, '\t', true)},
          {"array", array(reviews), array(meta)}};
}

void run_stages(const fs::path& workspace, const std::vector<std::string>& names, const PipelineInputs& inputs) {
  for (const auto& name : names) {
    const RunResult result = run_program(pipeline_stage(name, workspace, inputs).words);
    ASSERT_EQ(result.exit_code, 0) << name << ": " << result.err;
  }
}

class OwnData : public testing::Test {
 protected:
  // The tiny config with some lines replaced.
  fs::path config(std::vector<std::pair<std::string, std::string>> changes) const {
    std::string text = read_file(kSource / "configs/tiny.toml");
    changes.emplace_back("../prompts", (kSource / "prompts").string());
    for (const auto& [from, to] : changes) {
      const auto at = text.find(from);
      if (at == std::string::npos) ADD_FAILURE() << "no " << from;
      text.replace(at, from.size(), to);
    }
    return dir_.write("own.toml", text);
  }

  TempDir dir_;
};

TEST_F(OwnData, EveryShapeOfRawFilesGivesTheArtifactsThatJsonLinesGive) {
  const std::vector<std::string> stages = {"extract-aspects", "summarize", "personas", "prepare"};
  run_stages(dir_ / "jsonl", stages, {});
  for (const auto& shape : shapes()) {
    PipelineInputs inputs;
    inputs.reviews = dir_.write("reviews." + shape.name, shape.reviews);
    inputs.meta = dir_.write("meta." + shape.name, shape.meta);
    run_stages(dir_ / shape.name, stages, inputs);
    for (const std::string name : {"1_aspects", "2_summary", "3_personas", "3.5_history", "3.5_targets", "3.5_gt"})
      EXPECT_EQ(read_file(dir_ / shape.name / (name + ".jsonl")), read_file(dir_ / "jsonl" / (name + ".jsonl")))
          << shape.name << " " << name;
  }
}

TEST_F(OwnData, ACsvGoesThroughToTheSameMetrics) {
  PipelineInputs inputs;
  inputs.reviews = dir_.write("reviews.csv", shapes()[0].reviews);
  inputs.meta = dir_.write("meta.csv", shapes()[0].meta);
  run_pipeline(dir_ / "csv", "", inputs);
  run_pipeline(dir_ / "jsonl");
  for (const std::string name : {"4_selected_personas.jsonl", "candidate.test.jsonl", "reranked.jsonl"})
    EXPECT_EQ(read_file(dir_ / "csv" / name), read_file(dir_ / "jsonl" / name)) << name;
}

TEST_F(OwnData, NestedFieldsAreNamedByTheirPath) {
  std::string nested;
  for (Json row : rows_of("reviews.jsonl")) {
    row["author"] = {{"id", row["user_id"]}};
    row["rated"] = {{"stars", {{"value", row["stars"]}}}};
    row.erase("user_id");
    row.erase("stars");
    nested += row.dump() + "\n";
  }
  PipelineInputs inputs;
  inputs.config = config({{"user = \"user_id\"", "user = \"author.id\""}, {"\"stars\"", "\"rated.stars.value\""}});
  inputs.reviews = dir_.write("nested.jsonl", nested);
  run_stages(dir_ / "nested", {"extract-aspects"}, inputs);
  run_stages(dir_ / "jsonl", {"extract-aspects"}, {});
  EXPECT_EQ(read_file(dir_ / "nested/1_aspects.jsonl"), read_file(dir_ / "jsonl/1_aspects.jsonl"));
}

TEST_F(OwnData, ReviewsAloneWithoutRatingsTimesAndMetadataGoThrough) {
  std::vector<Json> bare;
  for (const Json& row : rows_of("reviews.jsonl"))
    bare.push_back({{"game_id", row["game_id"]}, {"user_id", row["user_id"]}, {"body", row["body"]}});
  const auto reviews = dir_.write("bare.csv", table(bare, ','));
  const auto bare_config = config({{"raw-meta = \"../data/tiny/meta.jsonl\"\n", ""},
                                   {"rating = \"stars\"\n", ""},
                                   {"timestamp = \"created\"\ntimestamp-unit = \"s\"\n", ""},
                                   {"title = \"headline\"\n", ""},
                                   {"id = \"review_id\"\n", ""}});
  const auto workspace = dir_ / "w";
  for (const Stage& stage : pipeline_stages(workspace)) {
    std::vector<std::string> words = stage.words;
    std::ranges::replace(words, (kSource / "configs/tiny.toml").string(), bare_config.string());
    std::ranges::replace(words, (kSource / "data/tiny/reviews.jsonl").string(), reviews.string());
    if (const auto meta = std::ranges::find(words, "--raw-meta"); meta != words.end()) words.erase(meta, meta + 2);
    const RunResult result = run_program(words);
    ASSERT_EQ(result.exit_code, 0) << stage.name << ": " << result.err;
    if (stage.name == "extract-aspects") {
      EXPECT_THAT(result.err, HasSubstr("names no rating: every review counts as liked"));
      EXPECT_THAT(result.err, HasSubstr("names no timestamp: a user's reviews are put in order by a hash"));
      const Json first = json_lines(read_file(workspace / "1_aspects.jsonl"))[0];
      EXPECT_TRUE(first["rating"].is_null()) << first;
      EXPECT_EQ(Json::parse(read_file(workspace / "1_aspects.jsonl.meta.json"))["options"]["order"], "hash");
    } else {
      EXPECT_THAT(result.err, Not(HasSubstr("names no"))) << "said once";
    }
    if (stage.name == "summarize") {
      EXPECT_THAT(result.err, HasSubstr("no metadata (--raw-meta)"));
    }
  }
  EXPECT_EQ(json_lines(read_file(workspace / "3.5_gt.jsonl")).size(), 56U);

  const RunResult temporal = run_program(
      {"prepare", "--config", bare_config, "--workspace", workspace, "--split", "temporal", "--cutoff", "2022-05-01"});
  EXPECT_EQ(temporal.exit_code, 2);
  EXPECT_THAT(temporal.err,
              HasSubstr("--split temporal needs times, and [schema.review] of the config names no timestamp"));
  const RunResult by_file = run_program({"extract-aspects", "--config", bare_config, "--raw-reviews", reviews,
                                         "--workspace", dir_ / "f", "--order", "file"});
  EXPECT_EQ(by_file.exit_code, 0) << by_file.err;
  EXPECT_THAT(by_file.err, HasSubstr("tells with it what was taken last"));
  EXPECT_EQ(json_lines(read_file(dir_ / "f/1_aspects.jsonl"))[7]["timestamp"], 7);
  const RunResult ordered = run_program(
      {"extract-aspects", "--config", kSource / "configs/tiny.toml", "--workspace", dir_ / "x", "--order", "file"},
      {.environment = {}, .input = {}, .input_file = {}, .directory = kSource, .program = {}});
  EXPECT_EQ(ordered.exit_code, 2) << "which has times";
}

// One cache for what follows.
class OwnLists : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    dir_ = std::make_unique<TempDir>();
    run_pipeline(dir_->path(), "rerank");
    ASSERT_EQ(
        rerank({"--candidates", *dir_ / "candidate.test.jsonl", "--reranked", *dir_ / "expected.jsonl"}).exit_code, 0);
  }
  static void TearDownTestSuite() { dir_.reset(); }

  static RunResult rerank(std::vector<std::string> words) {
    words.insert(words.begin(), {"rerank", "--workspace", dir_->path()});
    return run_program(words);
  }
  static std::string expected() { return read_file(*dir_ / "expected.jsonl"); }

  // The test lists in other shapes, by file name.
  static std::map<std::string, std::string> shapes() {
    std::map<std::string, std::string> out;
    std::vector<Json> flat;
    Json map = Json::object();
    std::string lines;
    for (const Json& list : json_lines(read_file(*dir_ / "candidate.test.jsonl"))) {
      for (const Json& result : list["results"]) {
        flat.push_back({{"user_id", list["user_id"]}, {"item_id", result["item_id"]}, {"score", result["score"]}});
        map[list["user_id"].get<std::string>()][result["item_id"].get<std::string>()] = result["score"];
        lines += flat.back().dump() + "\n";
      }
    }
    return {{"lists.csv", table(flat, ',')},
            {"lists.tsv", table(flat, '\t', true)},
            {"flat.jsonl", lines},
            {"flat.json", array(flat)},
            {"ranx.json", map.dump()}};
  }

  static std::unique_ptr<TempDir> dir_;
};
std::unique_ptr<TempDir> OwnLists::dir_;

TEST_F(OwnLists, EveryShapeIsRerankedToTheSameLists) {
  for (const auto& [name, bytes] : shapes()) {
    const auto result =
        rerank({"--candidates", dir_->write(name, bytes), "--made-by", "ease", "--reranked", *dir_ / "out.jsonl"});
    ASSERT_EQ(result.exit_code, 0) << name << ": " << result.err;
    EXPECT_EQ(read_file(*dir_ / "out.jsonl"), expected()) << name;
  }
}

TEST_F(OwnLists, EveryOutputIsReadAgainToTheSameMetrics) {
  const auto metrics = [&](const fs::path& lists) {
    const auto result = run_program({"eval", lists, "--workspace", dir_->path(), "--names", "x", "--quiet"});
    EXPECT_EQ(result.exit_code, 0) << lists << result.err;
    return result.out;
  };
  const auto wanted = metrics(*dir_ / "expected.jsonl");
  for (const std::string name : {"r.csv", "r.tsv.gz", "r.jsonl.gz"}) {
    const auto result = rerank({"--candidates", *dir_ / "candidate.test.jsonl", "--reranked", *dir_ / name});
    ASSERT_EQ(result.exit_code, 0) << name << ": " << result.err;
    EXPECT_EQ(metrics(*dir_ / name), wanted) << name;
    const auto copied = *dir_ / ("copy." + name);
    const auto copy = run_program({"eval", *dir_ / name, "--workspace", dir_->path(), "--trec", copied, "--quiet"});
    ASSERT_EQ(copy.exit_code, 0) << copy.err;
    EXPECT_EQ(metrics(copied), wanted) << copied;
  }
  const auto trec =
      rerank({"--candidates", *dir_ / "candidate.test.jsonl", "--reranked", "-", "--output-format", "trec", "--quiet"});
  ASSERT_EQ(trec.exit_code, 0) << trec.err;
  EXPECT_THAT(trec.out, HasSubstr(" Q0 "));
  EXPECT_EQ(metrics(dir_->write("r.run", trec.out)), wanted);
}

TEST_F(OwnLists, GroundTruthMayBeATableOrAMapToo) {
  std::vector<Json> rows;
  Json map = Json::object();
  for (const Json& row : json_lines(read_file(*dir_ / "3.5_gt.jsonl"))) {
    rows.push_back({{"user_id", row["user_id"]}, {"item_id", row["item_id"]}});
    map[row["user_id"].get<std::string>()] = {{row["item_id"].get<std::string>(), 1}, {"never", 0}};
  }
  const auto metrics = [&](const fs::path& truth) {
    const auto result = run_program({"eval", *dir_ / "expected.jsonl", "--ground-truth", truth, "--quiet"});
    EXPECT_EQ(result.exit_code, 0) << truth << result.err;
    return result.out.substr(result.out.find('\n'));
  };
  const auto wanted = metrics(*dir_ / "3.5_gt.jsonl");
  EXPECT_EQ(metrics(dir_->write("gt.csv", table(rows, ','))), wanted);
  EXPECT_EQ(metrics(dir_->write("gt.json", map.dump())), wanted);
}

TEST_F(OwnLists, AWrongShapeIsAnsweredWithTheKnownOnes) {
  const auto result =
      rerank({"--candidates", dir_->write("odd.csv", "customer;product\n1;2\n"), "--reranked", *dir_ / "no"});
  EXPECT_EQ(result.exit_code, 3);
  EXPECT_THAT(result.err, HasSubstr("odd.csv:1: expected the 6 fields of a TREC run"));
  EXPECT_THAT(result.err, HasSubstr("CSV, TSV    user_id,item_id,score, with a header"));
  EXPECT_FALSE(fs::exists(*dir_ / "no"));
}

TEST_F(OwnLists, BadLinesOfAStreamAreAnsweredInJsonAlone) {
  const auto result = rerank({"--candidates", "-", "--max-bad-rows", "1", "--output-format", "csv"});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.err, HasSubstr("--output-format must be jsonl"));
}

}  // namespace
}  // namespace persona4rec::test
