// Lists of JSON Lines read in blocks: what is read, and what is refused, is what the reader of single rows has.
#include "io/lists/list_blocks.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <random>
#include <thread>

#include "base/hash.hpp"
#include "io/jsonl_reader.hpp"
#include "io/lists/candidate_lists.hpp"
#include "support/input_error.hpp"
#include "support/temp_dir.hpp"

namespace persona4rec {
namespace {

using test::TempDir;
using ::testing::ElementsAre;

constexpr const char* kPublished =
    R"({"user_id": "AHYA7", "topk": 20, "filter_scope": "train_valid", "results": [{"item_id": "1647", "score": 0.35},)"
    R"( {"item_id": "[PAD]", "score": -1.5e-05}, {"item_id": ""}], "context": {"uid_field": "u", "deep": [{}, [], 1]}})";
constexpr const char* kReranked =
    R"({"user_id":17,"results":[{"item_id":4,"score":5,"persona_id":"4_P1","persona_name":"Caf\u00e9",)"
    R"("persona_score":0.5,"base_score":null,"base_rank":2},{"item_id":"ö","persona_id":null,"base_rank":1}]})";

std::string text_of(const PlainList& list) {
  std::string text = std::string(list.user) + (list.user_is_integer ? "#" : "");
  for (const auto& item : list.items) {
    text += " | " + std::string(item.id) + (item.id_is_integer ? "#" : "");
    if (item.score) text += " " + Json(*item.score).dump();
    if (item.base_rank) text += " rank " + std::to_string(*item.base_rank) + (item.has_persona ? " persona" : "");
  }
  return text;
}

// What the reader of single rows makes of a line: the list, or the error.
std::string row_by_row(std::string line, bool is_first) {
  RowParser parser;
  const Place place{.file = "f", .line = 1};
  try {
    const auto row = read_list_row(parser.parse(line, place, is_first), is_first, true);
    PlainList list;
    view_list(row, list);
    return text_of(list);
  } catch (const Error& error) {
    return error.what();
  }
}

std::string by_block(const std::string& line, bool is_first) {
  LineBlock block{.bytes = line, .end = line.size(), .first_line = 1, .holds_first = is_first};
  std::string text;
  ListBlockReader("f", {.scores = true, .base_ranks = true})
      .read(block, {.take = [&](const PlainList& list, std::uint64_t) { text = text_of(list); },
                    .refuse =
                        [&](const Error& error) {
                          text = error.what();
                          return true;
                        }});
  return text;
}

TEST(ListBlocks, ReadWhatTheReaderOfRowsReads) {
  for (const std::string line :
       {kPublished, kReranked, R"({"user_id":"u","results":[]})", R"({"results":[],"user_id":-3})",
        R"({"user_id":"u","results":[{"item_id":"a","score":-0}]})",
        R"({"user_id":"u","results":[{"item_id":"a","score":123456789012345678}]})",
        R"({"user_id":"u","results":[{"item_id":"a","item_id":"b"}],"results":[]})",
        R"({"user_id":"u","topk":null,"filter_scope":null,"results":[{"item_id":18446744073709551615}]})"}) {
    EXPECT_EQ(by_block(line, false), row_by_row(line, false)) << line;
  }
}

// Every change of a byte, and some more, is either no matter or the same error.
TEST(ListBlocks, RefuseWhatTheReaderOfRowsRefuses) {
  std::mt19937 random(5);
  constexpr std::string_view kBytes = "\"\\{}[]:,.-+eE0123456789 \t\r\x01\x7F\x80\xC3\xFFntfu";
  int refused = 0;
  for (const std::string line : {kPublished, kReranked}) {
    for (int round = 0; round < 20'000; ++round) {
      std::string changed = line;
      for (int change = 0; change <= round % 3; ++change) {
        const std::size_t at = random() % changed.size();
        const char byte = kBytes[random() % kBytes.size()];
        if (random() % 3 == 0) {
          changed.erase(at, 1);
        } else if (random() % 2 == 0) {
          changed.insert(at, 1, byte);
        } else {
          changed[at] = byte;
        }
      }
      if (changed.ends_with('\r') || changed.find_first_not_of(" \t\r") == std::string::npos) continue;
      const auto expected = row_by_row(changed, round % 2 == 0);
      refused += expected.find("expected") != std::string::npos ? 1 : 0;
      ASSERT_EQ(by_block(changed, round % 2 == 0), expected) << changed;
    }
  }
  EXPECT_GT(refused, 1000);
}

// Ids of any length, at any distance from the end of the memory, with what is behind the row in sight or not.
TEST(ListBlocks, ARowTakesItsLineAndNoByteMore) {
  for (std::size_t length = 1; length < 100; ++length) {
    const std::string id(length, 'x');
    for (const std::string tail : {"", "\u00e9", "\u65e5\u672c"}) {
      const std::string row = R"({"user_id": ")" + tail + id + R"(","results":[{"item_id": ")" + id + tail +
                              R"(", "score": 0.25}, {"item_id":"b","score":12.5}]})";
      for (const std::string end : {"", "\n", "\r\n", " \r", "\n{", "\n\n"}) {
        const std::string text = row + end;
        const auto line = std::min(text.size(), text.find('\n', row.size()) + 1);
        const std::vector<char> exact(text.begin(), text.end());  // nothing behind it
        PlainList list;
        ASSERT_EQ(scan_plain_list({exact.data(), exact.size()}, {.scores = true}, list),
                  text.find('\n') == std::string::npos ? text.size() : line)
            << text;
        EXPECT_EQ(text_of(list), tail + id + " | " + id + tail + " 0.25 | b 12.5");
      }
      PlainList list;
      EXPECT_EQ(scan_plain_list(row + "x\n", {}, list), 0U);
      EXPECT_EQ(scan_plain_list(row + "\r\r\n", {}, list), 0U) << "left to the parser";
      EXPECT_EQ(scan_plain_list(row.substr(0, row.size() - 1) + "\n}", {}, list), 0U) << "a row stands on one line";
    }
  }
}

TEST(ListBlocks, BrokenCharactersAreLeftToTheParser) {
  PlainList list;
  for (const std::string bad : {"\xC3", "\xFF", "\x80", "\xED\xA0\x80"}) {
    EXPECT_EQ(scan_plain_list(R"({"user_id":"u)" + bad + R"(","results":[]})", {}, list), 0U);
    PlainPair pair;
    EXPECT_EQ(scan_plain_pair(R"({"user_id":"u","item_id":")" + bad + R"("})", pair), 0U);
  }
}

// Numbers of every length, whole or not.
TEST(ListBlocks, NumbersAreReadAsTheParserReadsThem) {
  std::mt19937 random(6);
  int scanned = 0;
  for (int round = 0; round < 3000; ++round) {
    std::string number = random() % 3 == 0 ? "-" : "";
    for (auto n = 1 + random() % (round % 2 == 0 ? 3 : 22); n > 0; --n)
      number += static_cast<char>('0' + random() % 10);
    if (random() % 4 != 0) {
      number += ".";
      for (auto n = random() % 34; n > 0; --n) number += static_cast<char>('0' + random() % 10);
    }
    if (random() % 4 == 0) number += (random() % 2 == 0 ? "e-" : "E") + std::to_string(random() % 120);
    const std::string line =
        R"({"user_id":"u","results":[{"item_id": "a", "score": )" + number + R"(}], "x": "behind it"})";
    PlainList list;
    if (scan_plain_list(line, {.scores = true}, list) == 0) continue;
    ++scanned;
    ASSERT_EQ(text_of(list), row_by_row(line, false)) << line;
  }
  EXPECT_GT(scanned, 1000);
}

TEST(ListBlocks, PublishedRowsAreScannedNotParsed) {
  PlainList list;
  ASSERT_GT(scan_plain_list(kPublished, {.scores = true}, list), 0U);
  EXPECT_EQ(text_of(list), "AHYA7 | 1647 0.35 | [PAD] -1.5e-05");
  EXPECT_EQ(scan_plain_list(kReranked, {}, list), 0U) << "an escape must be left to the parser";
}

TEST(LineBlocks, HoldEachLineOnceWithItsNumber) {
  TempDir dir;
  std::string text = "\xEF\xBB\xBF";
  for (int i = 1; i <= 200'000; ++i) text += (i % 7 == 0 ? "" : std::to_string(i)) + (i % 3 == 0 ? "\r\n" : "\n");
  text += std::string(1'000'000, 'x') + "\nthe end";
  LineSource source(dir.write("lines.txt", text));
  std::string joined = "\xEF\xBB\xBF";
  std::uint64_t next_line = 1;
  int blocks = 0;
  for (LineBlock block; source.next_block(block); ++blocks) {
    EXPECT_EQ(block.first_line, next_line);
    EXPECT_EQ(block.holds_first, blocks == 0);
    joined += block.lines();
    next_line += static_cast<std::uint64_t>(std::ranges::count(block.lines(), '\n'));
    source.hash(block);
  }
  EXPECT_EQ(joined, text);
  EXPECT_EQ(source.sha256(), sha256_hex(text));
  EXPECT_GT(blocks, 3);
}

// A line that is there is not kept until more come.
TEST(LineBlocks, DoNotWaitForMoreLines) {
  int ends[2] = {};
  ASSERT_EQ(pipe(ends), 0);
  LineSource source("/dev/fd/" + std::to_string(ends[0]));
  LineBlock block;
  for (const std::string line : {"{\"a\": 1}\n", "{\"b\": 2}\n"}) {
    ASSERT_EQ(write(ends[1], line.data(), line.size()), static_cast<ssize_t>(line.size()));
    ASSERT_TRUE(source.next_block(block));
    EXPECT_EQ(block.lines(), line);
  }
  std::thread stopper([&] { source.stop(); });
  EXPECT_FALSE(source.next_block(block)) << "the writer is still there";
  stopper.join();
  close(ends[0]);
  close(ends[1]);
}

TEST(LineBlocks, FollowLinesThatWereLookedAt) {
  TempDir dir;
  const std::string text = "one\ntwo\nthree\n";
  LineSource source(dir.write("lines.txt", text));
  std::string line;
  ASSERT_TRUE(source.next(line));
  EXPECT_EQ(source.peek(), 't');
  LineBlock block;
  ASSERT_TRUE(source.next_block(block));
  EXPECT_EQ(block.lines(), "two\nthree\n");
  EXPECT_EQ(block.first_line, 2U);
  source.hash(block);
  EXPECT_FALSE(source.next_block(block));
  EXPECT_EQ(source.sha256(), sha256_hex(text));
}

TEST(LineBlocks, AnEmptyInputHasNone) {
  TempDir dir;
  LineSource source(dir.write("empty.txt", ""));
  LineBlock block;
  EXPECT_FALSE(source.next_block(block));
}

}  // namespace
}  // namespace persona4rec
