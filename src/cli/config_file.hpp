// configs/<dataset>.toml: what the raw files mean, and values of flags.
//
//   workspace = "runs/amazon"        keys above the first section reach every command that has that flag
//   seed = 7
//   [schema.review]                  raw field names (ReviewSchema); timestamp-unit = "s", "ms" or a strptime format;
//                                    rating, timestamp, title and id only where the files have them
//   [schema.item]                    raw field names (ItemSchema)
//   [prompts]                        folder = "../prompts/amazon", relative to this file
//   [extract-aspects]                keys of one command = its long flag names
//   min-text-chars = 20
//
// Flags on the command line win. Paths in the file are relative to the file, and become absolute, so that errors show
// them whole; a leading ~/ is the home folder, as a shell has it; "-" stays what it is. Errors are kUsage with
// file:line. Thread-safety: value type.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "persona4rec/dataset.hpp"
#include "persona4rec/error.hpp"

namespace persona4rec {

// A key of the file and its value as the command line would have it ("true", "0.5", one text per array element).
struct ConfigValue {
  std::string section;  // empty above the first section
  std::string key;
  std::vector<std::string> values;
  Place place;
};

struct ConfigFile {
  std::filesystem::path path;  // empty = no config file was given
  std::optional<ReviewSchema> review;
  std::optional<ItemSchema> item;
  std::optional<std::filesystem::path> prompts;
  std::vector<ConfigValue> values;                      // in file order
  std::vector<std::pair<std::string, Place>> sections;  // of commands

  // A path as the file has it, absolute. One that may also be a name stays a name unless there is such a file.
  [[nodiscard]] std::string beside(const std::string& given, bool may_be_name) const;
};

// A path with its leading "~/" replaced by $HOME. Throws Error kUsage with the place when that is not set.
[[nodiscard]] std::string in_home(const std::string& path, const Place& place);

// Throws Error kUsage: broken TOML, unknown keys in [schema.*] and [prompts], values of a wrong type, tables in tables.
[[nodiscard]] ConfigFile parse_config(std::string_view text, const std::filesystem::path& path);

}  // namespace persona4rec
