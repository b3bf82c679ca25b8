// A path with a default inside the workspace, which is known only after parsing.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "io/artifacts.hpp"

namespace CLI {
class App;
}

namespace persona4rec {

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

}  // namespace persona4rec
