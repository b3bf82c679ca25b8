// CSV and TSV records, and the JSON rows that they become.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "io/rows/delimited_rows.hpp"
#include "support/input_error.hpp"
#include "support/temp_dir.hpp"

namespace persona4rec {
namespace {

using test::input_error_of;
using test::TempDir;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using Fields = std::vector<std::string>;

struct Record {
  std::uint64_t line;
  Fields fields;
  bool operator==(const Record&) const = default;
};

class DelimitedTest : public testing::Test {
 protected:
  std::vector<Record> records(const std::string& bytes) const {
    DelimitedReader reader(LineSource(dir_.write("r.csv", bytes)));
    std::vector<Record> all;
    while (reader.next()) all.push_back({reader.line(), reader.fields()});
    return all;
  }
  std::vector<std::string> rows(const std::string& bytes, const DelimitedOptions& options = {}) const {
    DelimitedRows source(LineSource(dir_.write("r.csv", bytes)), options);
    std::vector<std::string> all;
    while (source.read()) all.push_back(source.text());
    return all;
  }

  TempDir dir_;
};

TEST_F(DelimitedTest, RecordsMayHoldDelimitersQuotesAndLineEndsInQuotes) {
  EXPECT_EQ(records("a,b\n\"x, \"\"y\"\"\",\"two\nlines\"\n\n1,2"),
            (std::vector<Record>{{1, {"a", "b"}}, {2, {"x, \"y\"", "two\nlines"}}, {5, {"1", "2"}}}));
  EXPECT_EQ(records("\xEF\xBB\xBF"
                    "a,b\r\n\"two\r\nlines\",2\r\n"),
            (std::vector<Record>{{1, {"a", "b"}}, {2, {"two\r\nlines", "2"}}}))
      << "a mark at the file's start is none of its bytes, CRLF in quotes stays";
  EXPECT_EQ(records("a,b,\n,,\n\"\",5\" disc,x\n"),
            (std::vector<Record>{{1, {"a", "b", ""}}, {2, {"", "", ""}}, {3, {"", "5\" disc", "x"}}}))
      << "quotes within a field are characters";
}

TEST_F(DelimitedTest, TheHeaderSaysWhatStandsBetweenFields) {
  EXPECT_EQ(records("a, b\tc;d\n1\t2\n")[1].fields, (Fields{"1", "2"}));
  EXPECT_EQ(records("a;b\n1,5;2\n")[1].fields, (Fields{"1,5", "2"}));
  EXPECT_EQ(records("\"a\tb\",c\n1,2\n")[0].fields, (Fields{"a\tb", "c"})) << "a tab in quotes is none";
}

TEST_F(DelimitedTest, QuotesThatAreNeverClosedAreNamedWhereTheyWereOpened) {
  EXPECT_THAT(input_error_of([&] { records("a,b\n1,2\n\"x\ny\",\"open\nmore\n1,2\n"); }),
              EndsWith("r.csv:4: a quote is opened here and never closed"));
}

TEST_F(DelimitedTest, RowsAreObjectsOfTexts) {
  EXPECT_THAT(rows("id,user_id:token,n\n007,\"a \"\"b\"\"\\\",\n\"x\ty\",,5\n"),
              ElementsAre(R"({"id":"007","user_id":"a \"b\"\\"})", R"({"id":"x\u0009y","n":"5"})"))
      << "numbers stay texts, empty cells are left out, RecBole's types are no part of a name";
}

TEST_F(DelimitedTest, NumbersAndListsWhereAColumnIsSaidToHoldThem) {
  const DelimitedOptions options{.numbers = {"n"}, .values = {"v"}, .required = {}, .header = {}};
  EXPECT_THAT(rows("n,v\n5,\"[\"\"a\"\", true]\"\n 4.50 ,\"['a', None]\"\n05,[broken\n-inf,{'k': 1}\n", options),
              ElementsAre(R"({"n":5,"v":["a",true]})", R"({"n":4.50,"v":["a",null]})", R"({"n":"05","v":"[broken"})",
                          R"({"n":"-inf","v":{"k":1}})"));
}

TEST_F(DelimitedTest, RowsThatCannotBeReadSayWhy) {
  EXPECT_THAT(input_error_of([&] { rows("a,b\n1,2\n1,2,3\n"); }),
              EndsWith("r.csv:3: expected 2 fields as the header has, got 3"));
  EXPECT_THAT(
      input_error_of([&] { rows("a,b\n\"x\"y,2\n"); }),
      HasSubstr("r.csv:2: expected a delimiter or the line's end behind the closing quote of field 1, got \"y\""));
  EXPECT_THAT(input_error_of([&] { rows("a,b\n1,caf\xE9\n"); }),
              HasSubstr("r.csv:2: field \"b\": expected UTF-8, got a bad byte at column 4 of the cell (iconv"));
  EXPECT_THAT(input_error_of(
                  [&] { rows("a,b\n1,2\n", {.numbers = {}, .values = {}, .required = {"b", "user"}, .header = {}}); }),
              HasSubstr("r.csv:1: field \"user\": expected a column of this name, got the header a, b"));
}

}  // namespace
}  // namespace persona4rec
