// Parts of a stage's work, and putting them together again.
#include "asking/shard.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "io/artifacts.hpp"
#include "io/output_file.hpp"
#include "io/provenance.hpp"
#include "persona4rec/error.hpp"
#include "support/temp_dir.hpp"

namespace persona4rec {
namespace {

using test::read_file;
using test::TempDir;
using testing::HasSubstr;

TEST(Shard, CutsRowsIntoContiguousEqualParts) {
  std::uint64_t next = 0;
  for (std::uint64_t i = 1; i <= 3; ++i) {
    const auto range = shard_range({i, 3}, 10);
    EXPECT_EQ(range.begin, next);
    EXPECT_GE(range.end - range.begin, 3U);
    EXPECT_LE(range.end - range.begin, 4U);
    next = range.end;
  }
  EXPECT_EQ(next, 10U);
  EXPECT_EQ(shard_range({2, 4}, 0).end, 0U);
}

TEST(Shard, ReadsAndNamesParts) {
  EXPECT_EQ(parse_shard("2/4").index, 2U);
  EXPECT_EQ(to_string(parse_shard("2/4")), "2/4");
  for (const auto* bad : {"", "2", "0/4", "5/4", "1/0", "a/b", "1/2/3", "-1/2", "1/2x"}) {
    EXPECT_THROW(static_cast<void>(parse_shard(bad)), Error) << bad;
  }
  EXPECT_EQ(shard_path("w/1_aspects.jsonl", {2, 4}), "w/1_aspects.shard-2-of-4.jsonl");
  EXPECT_EQ(shard_path("w/2.5_grouped.jsonl", {1, 2}), "w/2.5_grouped.shard-1-of-2.jsonl");
  EXPECT_EQ(shard_path("w/1_aspects.jsonl", {}), "w/1_aspects.jsonl");
}

// Writes one part as a stage would.
void write_part(const std::filesystem::path& artifact, const Shard& shard, const std::string& rows,
                const std::string& model = "m") {
  const auto path = shard_path(artifact, shard);
  OutputFile out(path);
  out.write(rows);
  Provenance provenance("extract-aspects", false);
  provenance.model(model);
  if (!shard.whole()) provenance.option("shard", to_string(shard));
  const auto count = static_cast<std::uint64_t>(std::count(rows.begin(), rows.end(), '\n'));
  provenance.count("reviews", count);
  provenance.count("input_bad_rows", 3);
  provenance.write(path, "1_aspects", out.commit(), count);
}

TEST(MergeShards, GivesTheBytesOfOneRun) {
  TempDir dir;
  write_part(dir / "one/1_aspects.jsonl", {}, "{\"a\":1}\n{\"a\":2}\n{\"a\":3}\n");
  const auto artifact = dir / "1_aspects.jsonl";
  write_part(artifact, {1, 2}, "{\"a\":1}\n");
  write_part(artifact, {2, 2}, "{\"a\":2}\n{\"a\":3}\n");
  OutputFile rejects(rejects_path(shard_path(artifact, {1, 2})));
  rejects.write_row({{"label", "x"}});
  rejects.commit();

  const auto report = merge_shards(artifact, 2);
  EXPECT_EQ(report.rows, 3U);
  EXPECT_EQ(report.rejects, 1U);
  EXPECT_EQ(read_file(artifact), read_file(dir / "one/1_aspects.jsonl"));
  EXPECT_EQ(read_file(meta_path(artifact)), read_file(meta_path(dir / "one/1_aspects.jsonl")));
  EXPECT_EQ(read_file(rejects_path(artifact)), "{\"label\":\"x\"}\n");
}

TEST(MergeShards, ShardsWithoutAnyRowReplaceNothing) {
  TempDir dir;
  const auto artifact = dir.write("1_aspects.jsonl", "published");
  write_part(artifact, {1, 2}, "");
  write_part(artifact, {2, 2}, "");
  EXPECT_THROW(merge_shards(artifact, 2), Error);
  EXPECT_EQ(read_file(artifact), "published");
}

TEST(MergeShards, RefusesWhatIsNoPartOfOneRun) {
  TempDir dir;
  const auto artifact = dir / "1_aspects.jsonl";
  write_part(artifact, {1, 2}, "{\"a\":1}\n");
  EXPECT_THROW(merge_shards(artifact, 2), Error) << "the second is missing";
  write_part(artifact, {2, 2}, "{\"a\":2}\n", "another model");
  try {
    merge_shards(artifact, 2);
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kInput);
    EXPECT_THAT(error.what(), HasSubstr("model"));
  }
  write_part(artifact, {2, 2}, "{\"a\":2}\n");
  write_file(shard_path(artifact, {2, 2}), "{\"a\":9}\n");
  EXPECT_THROW(merge_shards(artifact, 2), Error) << "a changed file";
  EXPECT_THROW(merge_shards(artifact, 1), Error);
  EXPECT_FALSE(std::filesystem::exists(artifact));
}

}  // namespace
}  // namespace persona4rec
