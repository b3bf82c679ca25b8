#include "io/artifacts.hpp"

#include <array>
#include <string_view>
#include <utility>

#include "io/output_target.hpp"

namespace persona4rec {
namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 15> kMakers{
    {{"1_aspects.jsonl", "extract-aspects"},
     {"2_summary.jsonl", "summarize"},
     {"2.5_grouped.jsonl", "personas"},
     {"3_personas.jsonl", "personas"},
     {"3.5_history.jsonl", "prepare"},
     {"3.5_history_loo.jsonl", "prepare"},
     {"3.5_gt.jsonl", "prepare"},
     {"3.5_targets.jsonl", "prepare"},
     {"3.5_persona_with_summary.jsonl", "prepare"},
     {"4_selected_personas.jsonl", "select"},
     {"candidate.valid.jsonl", "candidates --for valid"},
     {"candidate.test.jsonl", "candidates --for test"},
     {"reranked.jsonl", "rerank"},
     {"encoder", "train"},
     {"cache", "cache"}}};

std::filesystem::path with_suffix(std::filesystem::path path, const char* suffix) {
  path += suffix;
  return path;
}

}  // namespace

std::filesystem::path folder_of(const std::filesystem::path& file) {
  return file.has_parent_path() ? file.parent_path() : std::filesystem::path(".");
}

std::filesystem::path next_cache(std::filesystem::path cache) {
  return with_suffix(std::move(cache), ".next");
}

std::filesystem::path meta_path(const std::filesystem::path& artifact) {
  return with_suffix(artifact, ".meta.json");
}
std::filesystem::path run_path(const std::filesystem::path& artifact) {
  return with_suffix(artifact, ".run.json");
}

std::filesystem::path rejects_path(const std::filesystem::path& artifact) {
  auto path = is_stream(artifact) ? artifact.filename() : artifact;
  if (path.extension() == ".jsonl") path.replace_extension();
  return with_suffix(path, ".rejects.jsonl");
}

std::string maker_of(const std::filesystem::path& artifact) {
  const auto name = artifact.filename().string();
  for (const auto& [made, command] : kMakers) {
    if (made == name) return std::string(command);
  }
  return {};
}

std::string make_text(const std::filesystem::path& artifact) {
  const auto maker = maker_of(artifact);
  if (maker.empty()) return "make it again";
  std::error_code ignored;
  const bool was_made = std::filesystem::exists(meta_path(artifact), ignored);
  return "run `persona4rec " + maker + "` " + (was_made ? "again" : "first");
}

}  // namespace persona4rec
