// Paths: one flag for each artifact, whether a command reads or writes it (`extract-aspects --aspects F` writes F,
// `personas --aspects F` reads it, and a config says it once for both). Defaults lie in the workspace.
//
//   ArtifactFlag aspects_ = aspects_flag();   ...   aspects_.add(app);   ...   aspects_.in(context.workspace)
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "io/artifacts.hpp"

namespace CLI {
class App;
}

namespace persona4rec {

// A path with a default inside the workspace, which is known only after parsing.
class WorkspacePath {
 public:
  using Default = std::function<std::filesystem::path(const Workspace&)>;

  // WorkspacePath{&Workspace::aspects}, or a lambda.
  explicit WorkspacePath(Default default_path) : default_(std::move(default_path)) {}

  // --help shows the default as <workspace>/1_aspects.jsonl.
  void add(CLI::App& app, const std::string& flag, const std::string& description);

  // The path given, else the default.
  [[nodiscard]] std::filesystem::path in(const Workspace& workspace) const;
  [[nodiscard]] bool given() const { return !given_.empty(); }

 private:
  Default default_;
  std::filesystem::path given_;
};

class ArtifactFlag : public WorkspacePath {
 public:
  ArtifactFlag(std::string flag, std::string description, Default default_path)
      : WorkspacePath(std::move(default_path)), flag_(std::move(flag)), description_(std::move(description)) {}

  void add(CLI::App& app) { WorkspacePath::add(app, flag_, description_); }
  // As what the command writes: -o and --output too, the names that every stage's output has.
  void add_as_output(CLI::App& app) {
    WorkspacePath::add(app, flag_ == "--output" ? "-o,--output" : "-o," + flag_ + ",--output", description_);
  }

 private:
  std::string flag_;
  std::string description_;
};

inline ArtifactFlag aspects_flag() {
  return {"--aspects", "Aspects of each review", &Workspace::aspects};
}
inline ArtifactFlag summary_flag() {
  return {"--summary", "Summary of each item", &Workspace::summary};
}
inline ArtifactFlag grouped_flag() {
  return {"--grouped", "Each item with the reviews its personas are made from", &Workspace::grouped};
}
inline ArtifactFlag personas_flag() {
  return {"--personas", "Personas of each item", &Workspace::personas};
}
inline ArtifactFlag history_flag() {
  return {"--history", "Each user's reviews, oldest first", &Workspace::history};
}
inline ArtifactFlag history_loo_flag() {
  return {"--history-loo", "The same, cut before the test target", &Workspace::history_loo};
}
inline ArtifactFlag ground_truth_flag() {
  return {"--ground-truth,--gt", "What each tested user took next", &Workspace::ground_truth};
}
inline ArtifactFlag targets_flag() {
  return {"--targets", "All targets with their split", &Workspace::targets};
}
inline ArtifactFlag persona_with_summary_flag() {
  return {"--persona-with-summary", "Personas with their item's summary and a unique id",
          &Workspace::persona_with_summary};
}
inline ArtifactFlag selected_flag() {
  return {"--selected", "The persona chosen for each target", &Workspace::selected};
}
inline ArtifactFlag cache_flag() {
  return {"--cache", "Folder of vectors, profiles and words", &Workspace::cache};
}
inline ArtifactFlag valid_candidates_flag() {
  return {"--valid-candidates", "Lists of world valid, to tune or validate on",
          [](const Workspace& workspace) { return workspace.candidates(World::kValid); }};
}
inline ArtifactFlag reranked_flag() {
  return {"--reranked", "Reranked lists", &Workspace::reranked};
}

}  // namespace persona4rec
