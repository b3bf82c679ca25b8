// What comes with the program: configs and their prompts, the list of prices, the default encoder.
//
// A resource is a path below one of these folders, the first that has it:
//   beside the program: ../share/persona4rec (an installed tree, wherever it was moved); for a program in its build
//   folder, the source tree and build/deps;
//   $XDG_DATA_HOME/persona4rec (default ~/.local/share), then persona4rec in each of $XDG_DATA_DIRS (default
//   /usr/local/share:/usr/share).
// A config of one's own may also lie in $XDG_CONFIG_HOME/persona4rec (default ~/.config), which comes first.
// Source: XDG Base Directory Specification 0.8. Thread-safety: re-entrant while nobody changes the environment.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace persona4rec {

// Where the program lies, symbolic links followed; empty where the system does not say.
[[nodiscard]] std::filesystem::path program_folder();

// In order; whether they are there or not.
[[nodiscard]] std::vector<std::filesystem::path> resource_folders();

// "configs/prices.json", "models/all-MiniLM-L6-v2": where it lies; empty where no folder has it.
[[nodiscard]] std::filesystem::path find_resource(const std::filesystem::path& resource);

// The config that --config names: the file itself, or, for a relative path to nothing, that of a config folder:
// "amazon", "amazon.toml" and "configs/amazon.toml" are the same. A name that nothing has comes back as it is.
[[nodiscard]] std::filesystem::path find_config(const std::filesystem::path& given);

// "A, B and C": the folders, for an error.
[[nodiscard]] std::string resource_places();

}  // namespace persona4rec
