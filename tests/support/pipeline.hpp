// The stages of the pipeline on data/tiny through the real program, with a tiny random encoder: seconds, no network.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "support/paths.hpp"
#include "support/run_program.hpp"
#include "support/temp_dir.hpp"

namespace persona4rec::test {

inline const std::filesystem::path kSource = source_dir();

// A two-layer random BERT, made by scripts/make_encoder_golden.py.
inline std::filesystem::path tiny_encoder() {
  return kSource / "tests/golden/encoder/tiny_bert";
}

// What a run reads beside its workspace.
struct PipelineInputs {
  std::filesystem::path config = kSource / "configs/tiny.toml";
  std::filesystem::path reviews = kSource / "data/tiny/reviews.jsonl";
  std::filesystem::path meta = kSource / "data/tiny/meta.jsonl";
  std::filesystem::path encoder = tiny_encoder();
};

struct Stage {
  std::string name;                // "candidates valid" is a stage of its own here
  std::vector<std::string> words;  // the command line
};

// All stages in order, each reading what the ones before wrote into `workspace`.
inline std::vector<Stage> pipeline_stages(const std::filesystem::path& workspace, const PipelineInputs& inputs = {}) {
  const std::string valid_lists = (workspace / "candidate.valid.jsonl").string();
  const std::string test_lists = (workspace / "candidate.test.jsonl").string();
  std::vector<Stage> stages = {
      {"extract-aspects", {"extract-aspects", "--raw-reviews", inputs.reviews}},
      {"summarize", {"summarize", "--raw-reviews", inputs.reviews, "--raw-meta", inputs.meta}},
      {"personas", {"personas"}},
      {"prepare", {"prepare"}},
      {"select", {"select"}},
      {"candidates valid", {"candidates", "--for", "valid"}},
      {"candidates test", {"candidates", "--for", "test"}},
      {"train",
       {"train", "--encoder", inputs.encoder, "--valid-candidates", valid_lists, "--epochs", "2", "--dtype", "f32"}},
      {"cache", {"cache", "--dtype", "f32"}},  // with the encoder that train made
      {"rerank", {"rerank", "--candidates", test_lists}},
      {"eval", {"eval", test_lists, workspace / "reranked.jsonl", "--bootstrap", "0"}},
  };
  for (Stage& stage : stages) {
    const std::vector<std::string> shared = {"--config", inputs.config, "--workspace", workspace};
    stage.words.insert(stage.words.end(), shared.begin(), shared.end());
  }
  return stages;
}

inline Stage pipeline_stage(const std::string& name, const std::filesystem::path& workspace,
                            const PipelineInputs& inputs = {}) {
  const auto stages = pipeline_stages(workspace, inputs);
  const auto found = std::find_if(stages.begin(), stages.end(), [&](const Stage& stage) { return stage.name == name; });
  return found == stages.end() ? Stage{} : *found;
}

// Runs the stages before `until` (all of them when it is empty), each of which must succeed.
inline void run_pipeline(const std::filesystem::path& workspace, const std::string& until = "",
                         const PipelineInputs& inputs = {}) {
  for (const Stage& stage : pipeline_stages(workspace, inputs)) {
    if (stage.name == until) return;
    const RunResult result = run_program(stage.words);
    ASSERT_EQ(result.exit_code, 0) << stage.name << ": " << result.err;
  }
}

// Relative names and bytes of all files that equal runs must make equal: everything but run files (times, machine), the
// stores of replies and of vectors (kept whatever becomes of a run) and leftovers of killed runs.
inline std::map<std::string, std::string> reproducible_files(const std::filesystem::path& folder) {
  std::map<std::string, std::string> files;
  if (!std::filesystem::exists(folder)) return files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    const std::string name = std::filesystem::relative(entry.path(), folder).string();
    const bool left_out = name.ends_with(".run.json") || name.find(".sqlite") != std::string::npos ||
                          name.find("text.store") != std::string::npos || name.find(".tmp.") != std::string::npos;
    if (entry.is_regular_file() && !left_out) files[name] = read_file(entry.path());
  }
  return files;
}

// Names in which two sets of files differ; for short failure messages.
inline std::vector<std::string> differing(const std::map<std::string, std::string>& a,
                                          const std::map<std::string, std::string>& b) {
  std::vector<std::string> names;
  for (const auto& [name, bytes] : a) {
    if (const auto other = b.find(name); other == b.end() || other->second != bytes) names.push_back(name);
  }
  for (const auto& [name, bytes] : b) {
    if (!a.contains(name)) names.push_back(name);
  }
  return names;
}

}  // namespace persona4rec::test
