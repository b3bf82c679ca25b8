// Splitting a stage over machines and putting the parts together again (persona4rec/answers.hpp: Shard).
//
// A shard takes a contiguous run of the stage's rows, so the parts' outputs in order are the bytes of one run.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "persona4rec/answers.hpp"

namespace persona4rec {

// "2/4". Throws Error kUsage for anything else, 0/4 and 5/4 among it.
[[nodiscard]] Shard parse_shard(std::string_view text);
[[nodiscard]] std::string to_string(const Shard& shard);

// Rows [begin, end) of `total` belong to the shard.
struct ShardRange {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
  [[nodiscard]] bool holds(std::uint64_t row) const { return row >= begin && row < end; }
};
[[nodiscard]] ShardRange shard_range(const Shard& shard, std::uint64_t total);

// 1_aspects.jsonl -> 1_aspects.shard-2-of-4.jsonl; the path itself for the whole.
[[nodiscard]] std::filesystem::path shard_path(const std::filesystem::path& artifact, const Shard& shard);

struct MergeReport {
  std::uint64_t rows = 0;
  std::uint64_t rejects = 0;  // lines of the shards' rejects files
};

// Reads the `count` shards of an artifact with their meta files; writes the artifact, its meta file (the bytes of one
// run) and its rejects file. Counts add up, except those named input_*, which every shard has alike.
// Throws Error kInput when a shard is missing or the shards are not parts of one run (another input, prompt, model,
// option, a changed file), or have no row; kUsage when count < 2.
MergeReport merge_shards(const std::filesystem::path& artifact, std::uint64_t count);

}  // namespace persona4rec
