#include "asking/shard.hpp"

#include <charconv>
#include <fstream>
#include <utility>

#include "base/hash.hpp"
#include "base/stop.hpp"
#include "io/artifacts.hpp"
#include "io/folder_lock.hpp"
#include "io/json_file.hpp"
#include "io/output_file.hpp"
#include "io/provenance.hpp"
#include "persona4rec/error.hpp"

namespace persona4rec {
namespace {

constexpr std::size_t kBlockBytes = std::size_t{1} << 20U;

bool parse_number(std::string_view text, std::uint64_t& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size();
}

void append_file(OutputFile& out, const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) throw input_error({.file = path.string()}, "cannot be read");
  std::string block(kBlockBytes, '\0');
  while (in) {
    throw_if_stopped();
    in.read(block.data(), static_cast<std::streamsize>(block.size()));
    out.write(std::string_view(block).substr(0, static_cast<std::size_t>(in.gcount())));
  }
}

std::uint64_t count_lines(const std::filesystem::path& path) {
  std::ifstream in(path);
  std::uint64_t lines = 0;
  for (std::string line; std::getline(in, line);) ++lines;
  return lines;
}

// The shard's meta file without what may differ between shards; checked against the shard itself.
Json checked_meta(const std::filesystem::path& artifact, const Shard& shard) {
  const auto path = shard_path(artifact, shard);
  const Json meta = read_meta(path);
  if (!meta.is_object()) {
    throw input_error({.file = meta_path(path).string()},
                      "is missing: run shard " + to_string(shard) + " before the shards are merged");
  }
  if (meta.at("options").value("shard", "") != to_string(shard)) {
    throw input_error({.file = meta_path(path).string(), .field = "options.shard"},
                      "expected \"" + to_string(shard) + "\"");
  }
  if (meta.value("sha256", "") != sha256_file(path)) {
    throw input_error({.file = path.string()},
                      "was changed after it was made: run shard " + to_string(shard) + " again");
  }
  return meta;
}

void add_counts(Json& total, const Json& shard, const std::filesystem::path& path) {
  for (const auto& [name, value] : shard.items()) {
    if (!name.starts_with("input_")) {
      total[name] = total.value(name, std::uint64_t{0}) + value.get<std::uint64_t>();
    } else if (total.value(name, value) == value) {
      total[name] = value;
    } else {
      throw input_error({.file = meta_path(path).string(), .field = "counts." + name},
                        "is not the count that the other shards have: they did not see the same input");
    }
  }
}

// Everything that all shards of one run share.
Json common_part(Json meta) {
  for (const auto* name : {"sha256", "rows", "counts"}) meta.erase(name);
  meta["options"].erase("shard");
  return meta;
}

void refuse_difference(const Json& first, const Json& other, const std::filesystem::path& path) {
  for (const auto& [name, value] : first.items()) {
    if (other.value(name, Json()) != value) {
      throw input_error({.file = meta_path(path).string(), .field = name},
                        "differs from that of shard 1: " + other.value(name, Json()).dump() + ", not " + value.dump());
    }
  }
}

class Merge {
 public:
  Merge(const std::filesystem::path& artifact, std::uint64_t count)
      : artifact_(artifact), count_(count), only_writer_(FolderLock::only_writer_of({&artifact, 1})), out_(artifact) {}

  MergeReport run() {
    for (std::uint64_t i = 1; i <= count_; ++i) add({i, count_});
    if (report_.rows == 0)
      throw input_error({.file = artifact_.string()}, "would have no row and is left as it was: no shard has one");
    meta_["sha256"] = out_.commit();
    meta_["rows"] = report_.rows;
    meta_["counts"] = counts_;
    write_file(meta_path(artifact_), meta_.dump(2) + "\n");
    write_file(run_path(artifact_), Json({{"artifact", meta_["artifact"]}, {"shards", runs_}}).dump(2) + "\n");
    finish_rejects();
    return report_;
  }

 private:
  void add(const Shard& shard) {
    const auto path = shard_path(artifact_, shard);
    const Json meta = checked_meta(artifact_, shard);
    if (shard.index == 1) {
      meta_ = meta;
      meta_["options"].erase("shard");
    } else {
      refuse_difference(common_part(meta_), common_part(meta), path);
    }
    report_.rows += meta.at("rows").get<std::uint64_t>();
    add_counts(counts_, meta.at("counts"), path);
    append_file(out_, path);
    add_run(path);
    add_rejects(rejects_path(path));
  }

  void add_run(const std::filesystem::path& path) {
    const auto run = run_path(path);
    runs_.push_back(std::filesystem::exists(run) ? parse_json_or_discarded(read_text_file(run)) : Json());
    if (runs_.back().is_discarded()) runs_.back() = nullptr;
  }

  void add_rejects(const std::filesystem::path& path) {
    if (!std::filesystem::exists(path)) return;
    if (!rejects_) rejects_.emplace(rejects_path(artifact_));
    append_file(*rejects_, path);
    report_.rejects += count_lines(path);
  }

  void finish_rejects() {
    std::error_code none_there;
    if (rejects_) rejects_->commit();
    if (!rejects_) std::filesystem::remove(rejects_path(artifact_), none_there);
  }

  const std::filesystem::path& artifact_;
  std::uint64_t count_;
  std::vector<FolderLock> only_writer_;
  OutputFile out_;
  std::optional<OutputFile> rejects_;
  Json meta_;
  Json counts_ = Json::object();
  Json runs_ = Json::array();
  MergeReport report_;
};

}  // namespace

Shard parse_shard(std::string_view text) {
  const auto slash = text.find('/');
  Shard shard;
  const bool good = slash != std::string_view::npos && parse_number(text.substr(0, slash), shard.index) &&
                    parse_number(text.substr(slash + 1), shard.count) && shard.index >= 1 && shard.index <= shard.count;
  if (!good) throw usage_error("--shard: expected i/n with 1 <= i <= n, got \"" + std::string(text) + "\"");
  return shard;
}

std::string to_string(const Shard& shard) {
  return std::to_string(shard.index) + "/" + std::to_string(shard.count);
}

ShardRange shard_range(const Shard& shard, std::uint64_t total) {
  // total * index would overflow for absurd totals only; the quotient form never does.
  const auto cut = [&](std::uint64_t i) { return total / shard.count * i + total % shard.count * i / shard.count; };
  return {cut(shard.index - 1), cut(shard.index)};
}

std::filesystem::path shard_path(const std::filesystem::path& artifact, const Shard& shard) {
  if (shard.whole()) return artifact;
  auto path = artifact;
  const auto extension = artifact.extension();
  path.replace_extension();
  path += ".shard-" + std::to_string(shard.index) + "-of-" + std::to_string(shard.count);
  path += extension;
  return path;
}

MergeReport merge_shards(const std::filesystem::path& artifact, std::uint64_t count) {
  if (count < 2) throw usage_error("--merge: expected at least 2 shards, got " + std::to_string(count));
  return Merge(artifact, count).run();
}

}  // namespace persona4rec
