// The one place that owns every file name of a workspace.
#pragma once

#include <filesystem>
#include <string>

#include "persona4rec/split.hpp"

namespace persona4rec {

struct Workspace {
  std::filesystem::path root = ".";

  [[nodiscard]] std::filesystem::path aspects() const { return root / "1_aspects.jsonl"; }
  [[nodiscard]] std::filesystem::path summary() const { return root / "2_summary.jsonl"; }
  [[nodiscard]] std::filesystem::path grouped() const { return root / "2.5_grouped.jsonl"; }
  [[nodiscard]] std::filesystem::path personas() const { return root / "3_personas.jsonl"; }
  [[nodiscard]] std::filesystem::path history() const { return root / "3.5_history.jsonl"; }
  [[nodiscard]] std::filesystem::path history_loo() const { return root / "3.5_history_loo.jsonl"; }
  [[nodiscard]] std::filesystem::path ground_truth() const { return root / "3.5_gt.jsonl"; }
  [[nodiscard]] std::filesystem::path targets() const { return root / "3.5_targets.jsonl"; }
  [[nodiscard]] std::filesystem::path persona_with_summary() const { return root / "3.5_persona_with_summary.jsonl"; }
  [[nodiscard]] std::filesystem::path selected() const { return root / "4_selected_personas.jsonl"; }
  [[nodiscard]] std::filesystem::path encoder() const { return root / "encoder"; }
  [[nodiscard]] std::filesystem::path cache() const { return root / "cache"; }
  // candidate.<world>.jsonl: what `candidates --for <world>` writes.
  [[nodiscard]] std::filesystem::path candidates(World world) const {
    return root / ("candidate." + to_string(world) + ".jsonl");
  }
  [[nodiscard]] std::filesystem::path reranked() const { return root / "reranked.jsonl"; }
  [[nodiscard]] std::filesystem::path reply_store() const { return root / "llm.sqlite"; }
  [[nodiscard]] std::filesystem::path text_store() const { return root / "text.store"; }  // whatever --cache says
  [[nodiscard]] std::filesystem::path dtype_choice() const { return root / "encoder.dtype.json"; }
};

// Whose meta file is written before the cache `cache` is swapped, and takes its name behind it: "cache.next".
[[nodiscard]] std::filesystem::path next_cache(std::filesystem::path cache);

// Files inside cache/. Formats: data/README.md.
struct CacheFiles {
  std::filesystem::path root;

  [[nodiscard]] std::filesystem::path user_item() const { return root / "user_item"; }
  [[nodiscard]] std::filesystem::path item_persona() const { return root / "item_persona"; }
  [[nodiscard]] std::filesystem::path user_profile(World world) const {
    return root / "user_profile" / to_string(world);
  }
  [[nodiscard]] std::filesystem::path words() const { return root / "words"; }
};

// The folder that a file lies in; "." for a bare name.
[[nodiscard]] std::filesystem::path folder_of(const std::filesystem::path& file);

[[nodiscard]] std::filesystem::path meta_path(const std::filesystem::path& artifact);  // <artifact>.meta.json
[[nodiscard]] std::filesystem::path run_path(const std::filesystem::path& artifact);   // <artifact>.run.json
[[nodiscard]] std::filesystem::path rejects_path(
    const std::filesystem::path& artifact);  // x.jsonl -> x.rejects.jsonl; a stream: here

// "extract-aspects" for a path whose last part is 1_aspects.jsonl; empty where no command makes a file of that name.
[[nodiscard]] std::string maker_of(const std::filesystem::path& artifact);
// What to do about an artifact that is missing or does not fit: "run `persona4rec prepare` first", "again" where a meta
// file shows that it was made before.
[[nodiscard]] std::string make_text(const std::filesystem::path& artifact);

}  // namespace persona4rec
