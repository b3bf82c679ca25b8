// What a run was called with and what it read, as its run file keeps it: enough to tell later whether the same call
// would do anything new (src/workspace/workspace_status.cpp).
//
// Thread-safety: the invocation is set once, before any stage begins.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "persona4rec/json.hpp"

namespace persona4rec {

struct Invocation {
  std::vector<std::string> arguments;  // the command first; without flags that change nothing that is written
  std::string folder;                  // the working directory
  std::string config_sha256;           // of the config and its prompt files; empty = no config

  [[nodiscard]] bool operator==(const Invocation&) const = default;
};

// Of this process. Empty in a program that is not the command line.
void set_invocation(Invocation invocation);
[[nodiscard]] const Invocation& invocation();

// {"arguments", "folder", "config_sha256"}; nothing where the JSON is no such object.
[[nodiscard]] Json to_json(const Invocation& invocation);
[[nodiscard]] std::optional<Invocation> read_invocation(const Json& run);

// Size and time of a file, or of all files of a folder together: equal means that nothing changed.
struct FileState {
  std::uint64_t bytes = 0;
  std::int64_t modified_ns = 0;  // since 1970; of a folder that of its newest file

  [[nodiscard]] bool operator==(const FileState&) const = default;
};

// Nothing for what is missing or no file or folder (a pipe, a device).
[[nodiscard]] std::optional<FileState> file_state(const std::filesystem::path& path);

}  // namespace persona4rec
