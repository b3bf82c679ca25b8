// io/: JSONL reading, all-or-nothing writing, provenance, embedding files.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <bit>

#include <fstream>

#include "base/hash.hpp"
#include "io/artifacts.hpp"
#include "io/cache/embedding_file.hpp"
#include "io/jsonl_reader.hpp"
#include "io/output_file.hpp"
#include "io/provenance.hpp"
#include "support/shared_data.hpp"
#include "support/temp_dir.hpp"

namespace persona4rec {
namespace {

using test::read_file;
using test::TempDir;
using testing::HasSubstr;

constexpr const char* kGt = R"({"user_id":"u1","item_id":"i1"})";

template <class Body>
std::string error_of(Body body, int exit_code = 3) {
  try {
    body();
  } catch (const Error& error) {
    EXPECT_EQ(error.exit_code(), exit_code) << error.what();
    return error.what();
  }
  return "no error";
}

std::size_t count_rows(const std::filesystem::path& path, JsonlOptions options = {}) {
  return read_jsonl<GroundTruthRow>(path, options).size();
}

TEST(JsonlReader, TakesBomCrlfAndAMissingLastNewline) {
  TempDir dir;
  const auto path = dir.write("gt.jsonl", std::string("\xEF\xBB\xBF") + kGt + "\r\n" + kGt + "\r\n" + kGt);
  EXPECT_EQ(count_rows(path), 3U);
}

TEST(JsonlReader, TakesGzip) {
  TempDir dir;
  const auto path = dir / "gt.jsonl.gz";
  gzFile file = gzopen(path.c_str(), "wb");
  for (int i = 0; i < 5000; ++i) gzprintf(file, "%s\n", kGt);
  gzclose(file);
  EXPECT_EQ(count_rows(path), 5000U);
  std::filesystem::resize_file(path, std::filesystem::file_size(path) / 2);
  EXPECT_THAT(error_of([&] { count_rows(path); }), HasSubstr("gzip"));
}

TEST(JsonlReader, EveryKindOfBadInputSaysWhereAndWhat) {
  TempDir dir;
  const auto error = [&](const std::string& bytes) {
    return error_of([&] { count_rows(dir.write("gt.jsonl", bytes)); });
  };
  const std::string good = std::string(kGt) + "\n";
  EXPECT_THAT(error(good + R"({"user_id":"u1","item)"), HasSubstr("gt.jsonl:2: expected one whole JSON object"));
  EXPECT_THAT(error(good + "{\"user_id\":\"\xFF\",\"item_id\":\"i\"}\n"),
              HasSubstr("gt.jsonl:2: expected UTF-8, got a bad byte at column 13"));
  EXPECT_THAT(error(good + R"({"user_id":NaN,"item_id":"i"})"), HasSubstr("NaN"));
  EXPECT_THAT(error(good + "[1]\n"), HasSubstr("gt.jsonl:2: expected an object, got an array"));
  EXPECT_THAT(error(""), HasSubstr("got an empty file"));
  EXPECT_THAT(error("version https://git-lfs.github.com/spec/v1\noid sha256:00\n"), HasSubstr("Git LFS pointer"));
  EXPECT_THAT(error_of([&] { count_rows(dir / "absent.jsonl"); }), HasSubstr("cannot be opened: No such file"));
  EXPECT_THAT(error_of([&] { count_rows(dir.path()); }), HasSubstr("is a directory"));
}

TEST(JsonlReader, MaxBadRowsSkipsAndCounts) {
  TempDir dir;
  const auto path = dir.write("gt.jsonl", std::string(kGt) + "\nbroken\n" + kGt + "\n{}\n");
  JsonlReader reader(path, {.max_bad_rows = 2});
  GroundTruthRow row;
  std::vector<std::uint64_t> indexes;
  while (reader.next(row)) indexes.push_back(reader.row_index());
  EXPECT_EQ(indexes, (std::vector<std::uint64_t>{0, 2})) << "a skipped row keeps its index";
  EXPECT_EQ(reader.bad_rows(), 2U);
  EXPECT_THAT(error_of([&] { count_rows(path, {.max_bad_rows = 1}); }), HasSubstr("gt.jsonl:4"));
}

TEST(JsonlReader, HashIsThatOfTheBytes) {
  TempDir dir;
  const auto path = dir.write("gt.jsonl", std::string(kGt) + "\n");
  JsonlReader reader(path);
  GroundTruthRow row;
  while (reader.next(row)) {
  }
  EXPECT_EQ(reader.sha256(), sha256_file(path));
}

TEST(OutputFile, AppearsWholeOrNotAtAll) {
  TempDir dir;
  const auto path = dir / "deep/out.jsonl";
  {
    OutputFile file(path);
    file.write("half");
  }
  EXPECT_FALSE(std::filesystem::exists(path));
  EXPECT_TRUE(std::filesystem::is_empty(path.parent_path())) << "the temporary goes too";
  OutputFile file(path);
  file.write_row({{"a", "\xC3\xA9"}});
  EXPECT_EQ(file.commit(), sha256_hex("{\"a\":\"\xC3\xA9\"}\n"));
  EXPECT_EQ(read_file(path), "{\"a\":\"\xC3\xA9\"}\n");
}

TEST(OutputFile, LeftoversOfKilledRunsGo) {
  TempDir dir;
  (void)dir.write("out.jsonl.tmp.999999999", "half");
  OutputFile file(dir / "out.jsonl");
  EXPECT_FALSE(std::filesystem::exists(dir / "out.jsonl.tmp.999999999"));
}

TEST(OutputFile, AFolderThatCannotBeWrittenIsKnownAtOnce) {
  TempDir dir;
  EXPECT_THAT(error_of([&] { OutputFile file(dir.path()); }, 1), HasSubstr("is a directory"));
  (void)dir.write("file", "");
  EXPECT_THAT(error_of([&] { OutputFile file(dir / "file/out.jsonl"); }, 1), HasSubstr("file"));
}

TEST(OutputFile, AFullDiskIsAnOutputError) {
  if (!std::filesystem::exists("/dev/full")) GTEST_SKIP() << "needs /dev/full";
  TempDir dir;
  OutputFile file(dir / "out");
  const int full = open("/dev/full", O_WRONLY);
  const auto temporary = std::filesystem::directory_iterator(dir.path())->path();
  const int own = open(temporary.c_str(), O_WRONLY);
  // Every descriptor of this process that stands on the temporary now stands on /dev/full.
  struct stat wanted = {};
  fstat(own, &wanted);
  for (int fd = 3; fd < 64; ++fd) {
    struct stat got = {};
    if (fstat(fd, &got) == 0 && got.st_ino == wanted.st_ino && fd != own) dup2(full, fd);
  }
  file.write(std::string(1U << 20U, 'x').substr(0, 1000));
  EXPECT_THAT(error_of([&] { file.flush(); }, 1), HasSubstr("No space left"));
  close(full);
  close(own);
}

TEST(OutputFolder, ReplacesTheOldOneWhole) {
  TempDir dir;
  (void)dir.write("cache/old", "1");
  {
    OutputFolder folder(dir / "cache");
    write_file(folder.path() / "new", "2");
    EXPECT_TRUE(std::filesystem::exists(dir / "cache/old")) << "the old one stands until commit";
    folder.commit();
  }
  EXPECT_FALSE(std::filesystem::exists(dir / "cache/old"));
  EXPECT_EQ(read_file(dir / "cache/new"), "2");
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(dir.path()), {}), 1);
}

class ProvenanceTest : public testing::Test {
 protected:
  std::filesystem::path artifact(const std::string& name, const std::string& bytes, const Provenance& provenance,
                                 const std::string& role) {
    const auto path = dir_.write(name, bytes);
    provenance.write(path, role, sha256_hex(bytes), 1);
    return path;
  }
  TempDir dir_;
};

TEST_F(ProvenanceTest, EqualRunsGiveEqualMetaBytes) {
  Provenance provenance("prepare", false);
  provenance.settings(split_settings({}));
  provenance.count("rows", 3);
  const auto path = artifact("a.jsonl", "x", provenance, "a");
  const auto first = read_file(meta_path(path));
  provenance.write(path, "a", sha256_hex("x"), 1);
  EXPECT_EQ(read_file(meta_path(path)), first);
  EXPECT_THAT(first, HasSubstr("\"split\": \"leave-one-out\""));
  EXPECT_THAT(read_file(run_path(path)), HasSubstr("wall_s"));
}

TEST_F(ProvenanceTest, RefusesInputsOfDifferentVersions) {
  const auto base = artifact("1.jsonl", "v1", Provenance("extract-aspects", false), "1_aspects");
  Provenance made("personas", false);
  made.input("1_aspects", base);
  const auto personas = artifact("3.jsonl", "p", made, "3_personas");
  (void)artifact("1.jsonl", "v2", Provenance("extract-aspects", false), "1_aspects");
  Provenance later("prepare", false);
  later.input("1_aspects", base);
  EXPECT_THAT(error_of([&] { later.input("3_personas", personas); }), HasSubstr("different versions of 1_aspects"));
  Provenance forced("prepare", true);
  forced.input("1_aspects", base);
  forced.input("3_personas", personas);
}

TEST_F(ProvenanceTest, RefusesChangedFilesAndOtherSettings) {
  Provenance made("personas", false);
  made.settings(split_settings({.seed = 1}));
  const auto path = artifact("3.jsonl", "p", made, "3_personas");
  Provenance other("select", false);
  other.input("3_personas", path);
  EXPECT_THAT(error_of([&] { other.settings(split_settings({.seed = 2})); }), HasSubstr("seed 2"));
  (void)dir_.write("3.jsonl", "edited");
  Provenance later("select", false);
  EXPECT_THAT(error_of([&] { later.input("3_personas", path); }), HasSubstr("run `persona4rec personas` again"));
}

TEST_F(ProvenanceTest, LikedFromIsASettingEvenWhereItIsTheDefault) {
  Provenance made("prepare", false);
  made.settings(split_settings({}));
  const auto path = artifact("3.5_history.jsonl", "p", made, "3.5_history");
  EXPECT_FALSE(read_meta(path).at("settings").contains("liked_from"));
  Provenance other("cache", false);
  other.input("3.5_history", path);
  EXPECT_THAT(error_of([&] { other.settings(split_settings({.liked_from = 1})); }),
              HasSubstr("this run was made with liked_from 1.0, but"));
}

TEST(Artifacts, SayWhichCommandMakesThemAndAgainOnlyWhereItRan) {
  TempDir dir;
  EXPECT_EQ(make_text(dir / "2_summary.jsonl"), "run `persona4rec summarize` first");
  (void)dir.write("2_summary.jsonl.meta.json", "{}");
  EXPECT_EQ(make_text(dir / "2_summary.jsonl"), "run `persona4rec summarize` again");
  EXPECT_EQ(maker_of("my_rows.jsonl"), "");
  EXPECT_EQ(maker_of("w/cache"), "cache");
}

std::string half_bytes(std::initializer_list<float> values) {
  std::string bytes;
  for (const float value : values) {
    const Half half = to_half(value);
    bytes.append(reinterpret_cast<const char*>(&half), sizeof(half));
  }
  return bytes;
}

TEST(EmbeddingFile, HalfRoundsToNearestEven) {
  EXPECT_EQ(to_half(1.0F), 0x3C00);
  EXPECT_EQ(to_half(65504.0F), 0x7BFF);
  EXPECT_EQ(to_half(1.0F + 0x1.0p-11F), 0x3C00) << "a tie goes to the even side";
  EXPECT_EQ(to_half(1.0F + 3 * 0x1.0p-11F), 0x3C02);
  EXPECT_FLOAT_EQ(to_float(to_half(0x1.0p-24F)), 0x1.0p-24F) << "subnormals live";
}

// Eight at a time by instructions where there are such, and each alone.
TEST(EmbeddingFile, ManyHalvesAreThoseOfEachAlone) {
  std::vector<float> values;
  for (std::uint32_t bits = 0x32000000; bits < 0x48000000; bits += 4091) values.push_back(std::bit_cast<float>(bits));
  for (const float special : {0.0F, -0.0F, 65519.0F, 65520.0F, 1e30F, -1e30F, 0x1.0p-25F, 3 * 0x1.0p-26F}) {
    values.push_back(special);
  }
  for (std::size_t i = 0; i < values.size(); i += 3) values[i] = -values[i];
  std::vector<Half> halves(values.size());
  to_halves(values, halves);
  for (std::size_t i = 0; i < values.size(); ++i) ASSERT_EQ(halves[i], to_half(values[i])) << values[i];
}

TEST(EmbeddingFile, MappedMatrixChecksItsSize) {
  TempDir dir;
  const auto path = dir.write("m.mmap", half_bytes({1, 2, 3, 4, 5, 6}));
  const MappedHalfMatrix matrix(path, 2, 3);
  EXPECT_EQ(to_float(matrix.row(1)[2]), 6.0F);
  EXPECT_THAT(error_of([&] { MappedHalfMatrix wrong(path, 3, 3); }),
              HasSubstr("expected 18 bytes (3 x 3 fp16), got 12"));
  EXPECT_EQ(MappedHalfMatrix(dir.write("empty", ""), 0, 3).rows(), 0U);
}

TEST(EmbeddingFile, NpyHeaderIsAligned) {
  TempDir dir;
  write_npy(dir / "x.npy", std::vector<float>{1, 2}, 1, 2);
  const auto bytes = read_file(dir / "x.npy");
  EXPECT_EQ(bytes.size() % 64, 8U);
  EXPECT_THAT(bytes, HasSubstr("'shape': (1, 2)"));
}

// Is every field of `theirs` in `ours`, all the way down? Values of fields that both have must be equal.
void expect_covers(const Json& ours, const Json& theirs, const std::string& path) {
  if (theirs.is_object()) {
    for (const auto& [key, value] : theirs.items()) {
      ASSERT_TRUE(ours.is_object() && ours.contains(key)) << path << "." << key << " is missing";
      expect_covers(ours[key], value, path + "." + key);
    }
  } else if (theirs.is_array()) {
    ASSERT_EQ(ours.size(), theirs.size()) << path;
    for (std::size_t i = 0; i < theirs.size(); ++i)
      expect_covers(ours[i], theirs[i], path + "[" + std::to_string(i) + "]");
  } else {
    EXPECT_EQ(ours, theirs) << path;
  }
}

// As `personas` writes it, review by review.
Json to_json(const GroupedRow& row) {
  Json out = to_json(row.item);
  out["aspects"] = Json::array();
  for (const auto& aspect : row.aspects) out["aspects"].push_back(to_json(aspect));
  out["aspect_count"] = row.aspects.size();
  return out;
}

// Reads a published sample file unchanged and writes each row back: every field it has is one of ours.
template <class Row>
void expect_reads_published(const std::string& name) {
  for (const std::string dataset : {"amazon", "yelp"}) {
    const auto path = test::shared_data() / "reference-sample" / dataset / name;
    if (!std::filesystem::exists(path)) continue;  // the yelp sample has no candidates
    JsonlReader reader(path);
    std::ifstream lines(path);
    std::uint64_t rows = 0;
    for (Row row; reader.next(row); row = Row{}) {
      std::string line;
      std::getline(lines, line);
      expect_covers(to_json(row), Json::parse(line), path.filename().string() + ":" + std::to_string(++rows));
    }
    EXPECT_GT(rows, 0U) << path;
  }
}

TEST(PublishedSamples, AreReadUnchanged) {
  P4R_NEED_SHARED("reference-sample");
  expect_reads_published<AspectRow>("1_aspects.jsonl");
  expect_reads_published<SummaryRow>("2_summary.jsonl");
  expect_reads_published<GroupedRow>("2.5_grouped.jsonl");
  expect_reads_published<PersonaRow>("3_personas.jsonl");
  expect_reads_published<HistoryRow>("3.5_history.jsonl");
  expect_reads_published<HistoryRow>("3.5_history_loo.jsonl");
  expect_reads_published<GroundTruthRow>("3.5_gt.jsonl");
  expect_reads_published<PersonaWithSummaryRow>("3.5_persona_with_summary.jsonl");
  expect_reads_published<SelectedPersonaRow>("4_selected_personas.jsonl");
  expect_reads_published<CandidateRow>("candidate.jsonl");
  expect_reads_published<GroundTruthRow>("gt.jsonl");
}

}  // namespace
}  // namespace persona4rec
