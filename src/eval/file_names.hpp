// What the files of one evaluation are called in tables and reports.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace persona4rec {

// The file names without endings (.jsonl, .json, .gz, .trec, .run, .txt), with as many folders before them as make them
// distinct; "stdin" for "-". The same file again gets "#2".
[[nodiscard]] std::vector<std::string> short_names(std::span<const std::filesystem::path> paths);

}  // namespace persona4rec
