// status: what a workspace holds, what of it is out of date and why, and which command comes next.
//
// Reads   the meta and run files beside the artifacts, the sizes and times of their inputs; the bytes of an input only
//         where its size or time changed. Writes nothing.
// Thread-safety: re-entrant.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "persona4rec/json.hpp"

namespace persona4rec {

enum class ArtifactState : std::uint8_t {
  kFresh,    // made from its inputs as they are now
  kStale,    // an input, the artifact itself or the program changed since
  kMissing,  // not there
  kForeign,  // there, without a meta file: copied from elsewhere, or its command was stopped
};
[[nodiscard]] std::string to_string(ArtifactState state);

struct ArtifactStatus {
  std::string name;            // "3_personas"
  std::filesystem::path path;  // in the workspace
  std::string command;         // "personas", "candidates --for test"
  ArtifactState state = ArtifactState::kMissing;
  bool optional = false;   // a workspace works without it: a head, lists that come from elsewhere
  std::string why;         // of kStale and kForeign; else empty
  std::uint64_t rows = 0;  // as its meta file has it
  std::string made;        // "2026-01-31T12:00:00Z"; empty where no run file says so
};

struct WorkspaceStatus {
  std::vector<ArtifactStatus> artifacts;  // in pipeline order
  std::string next;                       // a command line that works; empty = nothing is left to do
};

// `verify`: hash every artifact, also those that were not written to since. Throws Error kInput: no such folder, a meta
// or run file that cannot be read.
[[nodiscard]] WorkspaceStatus workspace_status(const std::filesystem::path& workspace, bool verify);

// The table that people read, and the same for programs.
[[nodiscard]] std::string status_table(const WorkspaceStatus& status);
[[nodiscard]] Json to_json(const WorkspaceStatus& status);

// Would this process's call write what lies in the workspace already? True where a command of this name wrote artifacts
// there by the same call (arguments, folder, config and prompts, version) and all of them are fresh.
[[nodiscard]] bool already_done(const std::filesystem::path& workspace, const std::string& command);

}  // namespace persona4rec
