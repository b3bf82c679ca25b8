// Is an artifact what its inputs would make today? By the meta and run files of it and of what it stands on.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "io/artifacts.hpp"
#include "io/invocation.hpp"
#include "workspace/workspace_status.hpp"

namespace persona4rec {

// One workspace; every artifact and input is looked at once. Thread-safety: one object, one thread.
class ArtifactCheck {
 public:
  ArtifactCheck(const Workspace& workspace, bool verify);

  // In pipeline order.
  [[nodiscard]] const std::vector<ArtifactStatus>& artifacts() const { return artifacts_; }
  // What it was last called with; nothing where no run file says so.
  [[nodiscard]] std::optional<Invocation> made_by(const ArtifactStatus& artifact) const;

 private:
  void check(ArtifactStatus& artifact);
  [[nodiscard]] std::string why_stale(const ArtifactStatus& artifact, const Json& meta, const Json& run) const;
  [[nodiscard]] std::string why_input(const std::string& role, const std::string& then, const Json& run) const;
  [[nodiscard]] const ArtifactStatus* known(const std::filesystem::path& path) const;
  [[nodiscard]] const ArtifactStatus* known_by_name(const std::string& name) const;

  std::vector<ArtifactStatus> artifacts_;
  bool verify_;
};

}  // namespace persona4rec
