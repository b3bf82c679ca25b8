// Inputs as Unix has them: pipes, descriptors, gzip from any of them, kinds of files that are no text, lines without
// end.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <functional>
#include <thread>

#include "io/input_file.hpp"
#include "io/jsonl_reader.hpp"
#include "io/line_source.hpp"
#include "support/input_error.hpp"
#include "support/temp_dir.hpp"

namespace persona4rec {
namespace {

using test::input_error_of;
using test::read_file;
using test::TempDir;
using testing::ElementsAre;
using testing::HasSubstr;

std::string gzip(const std::string& bytes) {
  std::string packed(compressBound(bytes.size()) + 64, '\0');
  z_stream zlib = {};
  deflateInit2(&zlib, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
  zlib.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  zlib.avail_in = static_cast<uInt>(bytes.size());
  zlib.next_out = reinterpret_cast<Bytef*>(packed.data());
  zlib.avail_out = static_cast<uInt>(packed.size());
  deflate(&zlib, Z_FINISH);
  packed.resize(zlib.total_out);
  deflateEnd(&zlib);
  return packed;
}

// A pipe that another thread fills, `step` bytes at a time: what <(command) is.
class Pipe {
 public:
  explicit Pipe(std::string bytes, std::size_t step = 4096) {
    EXPECT_EQ(pipe2(ends_, O_CLOEXEC), 0);
    writer_ = std::thread([this, bytes = std::move(bytes), step] {
      for (std::size_t at = 0; at < bytes.size(); at += step) {
        const auto part = std::string_view(bytes).substr(at, step);
        if (write(ends_[1], part.data(), part.size()) < 0) break;
      }
      close(ends_[1]);
    });
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  ~Pipe() {
    close(ends_[0]);
    writer_.join();
  }
  [[nodiscard]] std::filesystem::path path() const { return "/dev/fd/" + std::to_string(ends_[0]); }

 private:
  int ends_[2] = {};
  std::thread writer_;
};

std::vector<std::string> lines_of(const InputFile& input) {
  LineSource source(input);
  std::vector<std::string> lines;
  for (std::string line; source.next(line);) lines.push_back(line);
  return lines;
}

TEST(InputFile, APipeIsReadAgainAndAgain) {
  const TempDir dir;
  const Pipe pipe("a\nb\n");
  const auto input = InputFile::repeatable(pipe.path(), dir.path());
  EXPECT_TRUE(std::filesystem::is_empty(dir.path())) << "the copy has no name";
  for (int pass = 0; pass < 3; ++pass) EXPECT_THAT(lines_of(input), ElementsAre("a", "b"));
  EXPECT_EQ(input.name(), pipe.path()) << "errors name what the user gave";
}

TEST(InputFile, ARegularFileStaysWhereItIs) {
  const TempDir dir;
  const auto path = dir.write("rows", "a\n");
  const auto input = InputFile::repeatable(path, dir / "never-made");
  EXPECT_THAT(lines_of(input), ElementsAre("a"));
  EXPECT_FALSE(std::filesystem::exists(dir / "never-made"));
  EXPECT_THAT(input_error_of([&] { (void)InputFile::repeatable(dir / "absent", dir.path()); }),
              HasSubstr("cannot be opened: No such file"));
}

TEST(LineSource, UnpacksGzipFromAPipe) {
  const std::string packed = gzip("a\nb\n") + gzip("c\n") + std::string(3, '\0');
  for (const std::size_t step : {std::size_t{1}, std::size_t{4096}}) {
    const Pipe pipe(packed, step);
    EXPECT_THAT(lines_of(pipe.path()), ElementsAre("a", "b", "c")) << step;
  }
  const Pipe cut(packed.substr(0, 20));
  EXPECT_THAT(input_error_of([&] { (void)lines_of(cut.path()); }), HasSubstr("gzip data ends too early"));
  const TempDir dir;
  const Pipe again(packed);
  const auto input = InputFile::repeatable(again.path(), dir.path());
  for (int pass = 0; pass < 2; ++pass) EXPECT_EQ(lines_of(input).size(), 3U);
}

TEST(LineSource, PeekLeavesTheLinesWhereTheyAre) {
  const Pipe pipe("\xEF\xBB\xBF\n \n{\"a\":1}\nb\n", 1);
  LineSource source(pipe.path());
  EXPECT_EQ(source.peek(), '{');
  std::string line;
  EXPECT_TRUE(source.next(line));
  EXPECT_EQ(line, "");
  EXPECT_EQ(source.line(), 1U);
  EXPECT_EQ(source.peek(), '{');
  while (source.next(line)) {
  }
  EXPECT_EQ(line, "b");
  EXPECT_EQ(source.peek(), std::nullopt);
}

TEST(LineSource, RefusesALineWithoutEnd) {
  const TempDir dir;
  const std::string line(kMaxLineBytes + (std::size_t{2} << 20U), 'a');
  const auto path = dir.write("bomb.gz", gzip("first\n" + line));
  EXPECT_LT(std::filesystem::file_size(path), 1U << 20U);
  LineSource source(path);
  std::string text;
  EXPECT_TRUE(source.next(text));
  EXPECT_THAT(input_error_of([&] { source.next(text); }), HasSubstr("bomb.gz:2: expected a line of at most 64 MiB"));
}

TEST(LineSource, CallsOtherKindsOfFilesByTheirName) {
  const TempDir dir;
  const auto error = [&](const std::string& bytes) {
    return input_error_of([&] { (void)lines_of(dir.write("rows.jsonl", bytes)); });
  };
  using namespace std::string_literals;
  EXPECT_THAT(error("\xFF\xFE{\0\"\0"s), HasSubstr("rows.jsonl:1: is UTF-16"));
  EXPECT_THAT(error("\xFE\xFF\0{\0\""s), HasSubstr("UTF-16"));
  EXPECT_THAT(error("{\0\"\0a\0"s), HasSubstr("UTF-16"));
  EXPECT_THAT(error("PK\x03\x04more"), HasSubstr("zip archive"));
  EXPECT_THAT(error("\xFD"
                    "7zXZ\0more"s),
              HasSubstr("xz data"));
  EXPECT_THAT(error("BZh91AY&SY"), HasSubstr("bzip2 data"));
  EXPECT_THAT(error("\x28\xB5\x2F\xFDmore"), HasSubstr("Zstandard data"));
  EXPECT_THAT(error("BZh9 Q0 item 1 2 tag\n"), HasSubstr("no error"));
  EXPECT_THAT(error("PAR1 Q0 item 1 2 tag\n"), HasSubstr("no error"));
}

constexpr const char* kRow = R"({"user_id":"u1","item_id":"i1"})";

std::string jsonl_error(const std::string& bytes) {
  const TempDir dir;
  return input_error_of([&] { (void)read_jsonl<GroundTruthRow>(dir.write("gt.jsonl", bytes)); });
}

TEST(JsonlReader, BlankLinesBetweenRowsAreSkipped) {
  const TempDir dir;
  JsonlReader reader(dir.write("gt.jsonl", std::string("\n") + kRow + "\n\n \t\r\n" + kRow + "\nbroken\n"));
  GroundTruthRow row;
  EXPECT_TRUE(reader.next(row));
  EXPECT_TRUE(reader.next(row));
  EXPECT_EQ(reader.place().line, 5U) << "blank lines count as lines";
  EXPECT_EQ(reader.row_index(), 1U) << "and as no rows";
  EXPECT_THAT(input_error_of([&] { reader.next(row); }), HasSubstr("gt.jsonl:6: "));
}

TEST(JsonlReader, NamesAJsonArray) {
  EXPECT_THAT(jsonl_error("[{\"user_id\":\"u\"}]\n"),
              HasSubstr("gt.jsonl:1: expected one JSON object a line, got a JSON array"));
  EXPECT_THAT(jsonl_error("[\n{\"user_id\":\"u\"},\n"), HasSubstr("got a JSON array"));
  EXPECT_THAT(jsonl_error("{\n  \"user_id\":\"u\"\n}\n"), HasSubstr("an object over several lines"));
}

TEST(JsonlReader, NamesALoneSurrogate) {
  EXPECT_THAT(jsonl_error(R"({"user_id":"\\ \ud83d\ude00 \ud83d!","item_id":"i"})"),
              HasSubstr(R"(a lone surrogate (\ud83d))"));
  EXPECT_THAT(jsonl_error(R"({"user_id":"\udc00","item_id":"i"})"), HasSubstr(R"(a lone surrogate (\udc00))"));
  EXPECT_THAT(jsonl_error(R"({"user_id":"\\ud83d","item_id":"i})"), HasSubstr("broken JSON")) << "an escaped backslash";
}

TEST(JsonlReader, NamesAnIntegerBeyond64Bits) {
  EXPECT_THAT(jsonl_error(R"({"user_id":"99999999999999999999","item_id":18446744073709551616})"),
              HasSubstr("an integer beyond 64 bits (18446744073709551616)"));
  EXPECT_THAT(jsonl_error(R"({"user_id":1,"item_id":-9223372036854775809})"), HasSubstr("an integer beyond 64 bits"));
}

}  // namespace
}  // namespace persona4rec
