// Candidate lists in every shape: found out by their first bytes, ordered by score, ties by the file.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <bit>
#include <random>

#include "io/lists/candidate_lists.hpp"
#include "io/lists/list_writer.hpp"
#include "io/output_file.hpp"
#include "records/row_json.hpp"
#include "support/input_error.hpp"
#include "support/temp_dir.hpp"

namespace persona4rec {
namespace {

using test::input_error_of;
using test::TempDir;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class ListShapes : public testing::Test {
 protected:
  // "user: item score, .." of each list.
  std::vector<std::string> read(const std::string& bytes, const ListOptions& options = {}) const {
    return read_path(dir_.write("lists", bytes), options);
  }
  static std::vector<std::string> read_path(const std::filesystem::path& path, const ListOptions& options = {}) {
    const auto source = open_candidate_lists(path, options);
    std::vector<std::string> all;
    for (CandidateRow list; source->next(list);) {
      std::string text = list.user_id.text() + ":";
      for (const auto& result : list.results)
        text += " " + result.item_id.text() + (result.score ? "=" + Json(*result.score).dump() : "");
      all.push_back(text);
    }
    EXPECT_EQ(source->sha256().size(), 64U);
    return all;
  }

  TempDir dir_;
};

const std::string kListRows = R"({"user_id":"u","results":[{"item_id":"a","score":2.5},{"item_id":"b","score":1.0}]})"
                              "\n"
                              R"({"user_id":"v","results":[{"item_id":"b","score":3.0}]})"
                              "\n";

TEST_F(ListShapes, AllHoldTheSameLists) {
  const std::string array = "[" + std::string(kListRows).replace(kListRows.find('\n'), 1, ",\n") + "]";
  const std::vector<std::string> files = {
      kListRows,
      array,
      "{\"user_id\":\"u\",\"item_id\":\"b\",\"score\":1}\n{\"user_id\":\"v\",\"item_id\":\"b\",\"score\":3}\n"
      "{\"user_id\":\"u\",\"item_id\":\"a\",\"score\":2.5}\n",
      "[\n  {\n    \"user\": \"u\",\n    \"item\": \"b\",\n    \"score\": 1\n  },\n  "
      "{\"user\":\"u\",\"item\":\"a\",\"score\":2.5},"
      "\n{\"user\":\"v\",\"item\":\"b\",\"score\":3}]\n",
      "user_id,item_id,score\nu,b,1\nv,b,3\nu,a,2.5\n",
      "itemId\tscore\tuserId\r\nb\t1\tu\r\nb\t3\tv\r\na\t2.5\tu\r\n",
      "user_id:token\titem_id:token\tscore:float\nu\tb\t1\nv\tb\t3\nu\ta\t2.5\n",
      "user_id,game_id,score\nu,b,1\nv,b,3\nu,a,2.5\n",
      "u,b,1\nv,b,3\nu,a,2.5\n",
      "{\"u\": {\"b\": 1, \"a\": 2.5}, \"v\": {\"b\": 3}}",
      "{\n  \"u\": {\n    \"b\": 1,\n    \"a\": 2.5\n  },\n  \"v\": {\"b\": 3}\n}\n",
      "{\"u\": [[\"b\", 1], [\"a\", 2.5]], \"v\": [[\"b\", 3]]}",
      "u Q0 b 1 1 t\nv Q0 b 1 3 t\nu Q0 a 2 2.5 t\n",
  };
  for (const auto& file : files) EXPECT_THAT(read(file), ElementsAre("u: a=2.5 b=1.0", "v: b=3.0")) << file;
}

TEST_F(ListShapes, WithoutScoresTheOrderIsTheFiles) {
  EXPECT_THAT(read("user,item\nu,b\nv,c\nu,a\n"), ElementsAre("u: b a", "v: c"));
  EXPECT_THAT(read("{\"user_id\":1,\"item_id\":\"b\"}\n{\"user_id\":1,\"item_id\":\"a\"}\n"), ElementsAre("1: b a"));
  EXPECT_THAT(read("{\"u\": [\"b\", 7]}"), ElementsAre("u: b 7"));
}

TEST_F(ListShapes, TiesStayInTheOrderOfTheFileAndOfATrecRunAsTrecEvalHasThem) {
  EXPECT_THAT(read("user,item,score\nu,a,1\nu,c,2\nu,b,1\n"), ElementsAre("u: c=2.0 a=1.0 b=1.0"));
  EXPECT_THAT(read("{\"u\": {\"a\": 1, \"c\": 2, \"b\": 1}}"), ElementsAre("u: c=2.0 a=1.0 b=1.0"));
  EXPECT_THAT(read("u Q0 a 1 1 t\nu Q0 c 2 2 t\nu Q0 b 3 1 t\n"), ElementsAre("u: c=2.0 b=1.0 a=1.0"));
}

TEST_F(ListShapes, InfiniteScoresOrderAndMissingOnesAmongOthersAreRefused) {
  EXPECT_THAT(read("user,item,score\nu,a,-inf\nu,b,2\n"), ElementsAre("u: b=2.0 a=null"));
  EXPECT_THAT(input_error_of([&] { read("user,item,score\nu,a,\nu,b,2\n"); }),
              HasSubstr("lists:2: field \"score\": expected one in each row of the user \"u\" or in none"));
  EXPECT_THAT(input_error_of([&] { read("user,item,score\nu,a,high\n"); }),
              HasSubstr("lists:2: field \"score\": expected a number, got \"high\""));
}

TEST_F(ListShapes, AStreamGivesAListWhenTheNextUserBegins) {
  EXPECT_THAT(read("user,item,score\nu,a,1\nu,b,2\nv,c,3\nu,d,4\n", {.streaming = true}),
              ElementsAre("u: b=2.0 a=1.0", "v: c=3.0", "u: d=4.0"));
}

TEST_F(ListShapes, ABrokenFirstLineOfAStreamIsAnsweredThoughNothingFollows) {
  int ends[2] = {};
  ASSERT_EQ(pipe(ends), 0);
  const std::string line = "{\"user_id\": \"u\", \n";
  ASSERT_EQ(write(ends[1], line.data(), line.size()), static_cast<ssize_t>(line.size()));
  std::string answer;
  const auto source =
      open_candidate_lists("/dev/fd/" + std::to_string(ends[0]),
                           {.max_bad_rows = 1, .streaming = true, .on_bad_row = [&](const Error& error) {
                              answer = error.what();
                              close(ends[1]);  // who waits for it ends
                            }});
  CandidateRow list;
  EXPECT_FALSE(source->next(list));
  EXPECT_THAT(answer, HasSubstr(":1: expected one whole JSON object"));
  close(ends[0]);
}

TEST_F(ListShapes, AWrongShapeIsAnsweredWithTheKnownOnes) {
  for (const std::string bytes : {"hello\n", "customer,product,value\n1,2,x\n", "{\"user_id\":\"u\",\"items\":3}\n",
                                  "[{\"user_id\":\"u\",\"items\":[]}]", "one two three\n"}) {
    const auto message = input_error_of([&] { read(bytes); });
    EXPECT_THAT(message, HasSubstr("lists:1: ")) << bytes;
    EXPECT_THAT(message, HasSubstr("known shapes:\n  JSON Lines")) << bytes;
    EXPECT_THAT(message, HasSubstr("u Q0 i 1 1.5 tag")) << bytes;
  }
  EXPECT_THAT(input_error_of([&] { read("a,b\n1,2\n", {.format = ListFormat::kCsv}); }),
              HasSubstr("lists:1: field \"user_id\": expected a column of this name, got the header a, b"));
  EXPECT_THAT(input_error_of([&] { read("{\"u\": {\"a\": \"x\"}}"); }),
              HasSubstr("lists:1: field \"u\": expected a number as score, got a string"));
}

TEST_F(ListShapes, BadRowsAreSkippedAndCounted) {
  const auto source =
      open_candidate_lists(dir_.write("lists", "user,item,score\nu,a,1\nu,b,x\nu,c,0\n"), {.max_bad_rows = 1});
  CandidateRow list;
  ASSERT_TRUE(source->next(list));
  EXPECT_EQ(list.results.size(), 2U);
  EXPECT_EQ(source->bad_rows(), 1U);
}

TEST_F(ListShapes, WhatIsWrittenIsReadAgainFromEveryFormatPackedOrNot) {
  const PersonaId persona("a_P1");
  const std::string name_of_it = "Quiet, calm";
  const RerankedItems row{.user = "u, \"1\"",
                          .items = {{.candidate = {.id = "a\tb"},
                                     .score = 2.5,
                                     .base_rank = 2,
                                     .persona_id = &persona,
                                     .persona_name = &name_of_it,
                                     .persona_score = 0.5},
                                    {.candidate = {.id = "c", .score = 3.0}, .score = 1.25, .base_rank = 1}}};
  for (const std::string name : {"r.jsonl", "r.csv", "r.tsv", "r.jsonl.gz", "r.csv.gz", "r.tsv.gz"}) {
    const auto format = output_format(name, ListOutput::kByName, ListOutput::kJsonl);
    OutputFile file(dir_ / name);
    std::string text(reranked_header(format));
    append_reranked(text, row, format);
    file.write(text);
    file.commit();
    EXPECT_EQ(test::read_file(dir_ / name).starts_with("\x1F\x8B"), name.ends_with(".gz")) << name;
    EXPECT_THAT(read_path(dir_ / name), ElementsAre("u, \"1\": a\tb=2.5 c=1.25")) << name;
  }
}

// What is written without a Json in between has the bytes of one.
TEST(ListText, IsWhatTheRowsJsonDumps) {
  const PersonaId persona("7_P1");
  const std::string persona_name = "a \"b\\ \n\t\x01\x1F\x7F \xC3\xB6 \xF0\x9F\x98\x80";
  RerankedItems items{.user = "12", .user_is_integer = true, .items = {}};
  RerankedRow row{.user_id = UserId("12", true), .results = {}};
  CandidateRow list{
      .user_id = UserId("u\r"), .topk = 3, .filter_scope = "x\by\f", .results = {}, .context = {{"a", 0.1}}};
  std::mt19937_64 random(3);
  for (int i = 0; i < 3000; ++i) {
    const double number = std::bit_cast<double>(random());
    const double small = static_cast<double>(i - 1500) / 128;
    const std::string id = "i" + std::to_string(i);
    const bool speaks = i % 3 != 0;
    const auto base = i % 5 == 0 ? std::nullopt : std::optional(small);
    row.results.push_back({.item_id = ItemId(std::to_string(i), true), .score = number});
    items.items.push_back({.candidate = {.id = {}, .id_is_integer = true, .score = base}, .score = number});
    row.results.back().base_score = base;
    row.results.back().base_rank = items.items.back().base_rank = static_cast<std::uint64_t>(i) * 977;
    list.results.push_back({.item_id = ItemId(id), .score = i % 2 == 0 ? std::optional(number) : std::nullopt});
    if (!speaks) continue;
    row.results.back().persona_id = persona;
    row.results.back().persona_name = persona_name;
    row.results.back().persona_score = small;
    items.items.back().persona_id = &persona;
    items.items.back().persona_name = &persona_name;
    items.items.back().persona_score = small;
  }
  for (std::size_t i = 0; i < items.items.size(); ++i) items.items[i].candidate.id = row.results[i].item_id.text();
  std::string text;
  append_reranked(text, items, ListOutput::kJsonl);
  EXPECT_EQ(text, to_json(row).dump() + "\n");
  text.clear();
  append_list(text, list, ListOutput::kJsonl, "");
  EXPECT_EQ(text, to_json(list).dump() + "\n");
}

TEST(OutputFormat, GoesByTheNameUnlessItIsAsked) {
  const auto of = [](const char* name) { return output_format(name, ListOutput::kByName, ListOutput::kJsonl); };
  EXPECT_EQ(of("x/run.trec.gz"), ListOutput::kTrec);
  EXPECT_EQ(of("x.run"), ListOutput::kTrec);
  EXPECT_EQ(of("x.csv.gz"), ListOutput::kCsv);
  EXPECT_EQ(of("x.tsv"), ListOutput::kTsv);
  EXPECT_EQ(of("-"), ListOutput::kJsonl);
  EXPECT_EQ(output_format("run", ListOutput::kByName, ListOutput::kTrec), ListOutput::kTrec);
  EXPECT_EQ(output_format("x.csv", ListOutput::kTrec, ListOutput::kJsonl), ListOutput::kTrec);
}

TEST(PackedOutput, HasTheHashOfTheBytesInItAndIsTheSameEachTime) {
  const TempDir dir;
  std::string packed[2];
  for (auto& bytes : packed) {
    OutputFile file(dir / "x.gz");
    for (int i = 0; i < 100000; ++i) file.write("line " + std::to_string(i) + "\n");
    file.flush();
    file.write("end\n");
    const auto sha256 = file.commit();
    EXPECT_EQ(sha256, sha256_of(InputFile(dir / "x.gz")));
    bytes = test::read_file(dir / "x.gz");
  }
  EXPECT_EQ(packed[0], packed[1]);
  EXPECT_LT(packed[0].size(), 600000U);
}

}  // namespace
}  // namespace persona4rec
