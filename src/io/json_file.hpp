// A small JSON file as a value.
#pragma once

#include <filesystem>

#include "persona4rec/json.hpp"

namespace persona4rec {

// Throws Error kInput: missing, unreadable, not one JSON object.
[[nodiscard]] Json read_json_file(const std::filesystem::path& path);

}  // namespace persona4rec
