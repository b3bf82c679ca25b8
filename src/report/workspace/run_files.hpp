// What meta and run files say, for those who only show it. Throws Error kInput where a file is no JSON object.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "persona4rec/json.hpp"

namespace persona4rec {

// <artifact>.meta.json and <artifact>.run.json; null where there is none.
struct StageFiles {
  Json meta;
  Json run;
};
[[nodiscard]] StageFiles read_stage_files(const std::filesystem::path& artifact);

// Null where `path` is no file.
[[nodiscard]] Json read_json_if_there(const std::filesystem::path& path);

// object[group][field] where both are there and it is such a number.
[[nodiscard]] std::optional<std::uint64_t> count_at(const Json& object, std::string_view group, std::string_view field);
[[nodiscard]] std::optional<double> number_at(const Json& object, std::string_view field);
// The field where it is an object, else an empty one.
[[nodiscard]] Json object_at(const Json& object, std::string_view field);

// "1,234", "--" for nothing.
[[nodiscard]] std::string count_text(std::optional<std::uint64_t> count);

}  // namespace persona4rec
