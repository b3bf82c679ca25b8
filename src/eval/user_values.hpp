// Every user's metric values as rows, written for --per-user and into the JSON report, and read back as a baseline:
//   {"user_id": "u1", "file": "reranked", "rank": 3, "metrics": {"HIT@5": 1, "NOVELTY@5": null}}
// rank: of the first true item, null where the list has none. Users that a file does not evaluate have no row. In the
// report the rows stand in their file's "users", without "file".
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "io/input_file.hpp"
#include "persona4rec/eval.hpp"
#include "persona4rec/json.hpp"

namespace persona4rec {

[[nodiscard]] Json user_row(const EvalReport& report, const EvalFile& file, std::uint32_t user);

struct StoredValues {
  EvalFile file;                     // name and path are left to the caller
  std::optional<std::string> world;  // of a report
  std::string truth_sha256;          // the ground truth they were made for; empty = not known
  bool leaky = false;
};

// The values of a file that has them, for the report's users and metrics, of several files those of the last; nothing
// when it holds something else (lists). `input`: repeatable. Throws Error kInput: malformed, a user twice, a metric
// that is not there.
[[nodiscard]] std::optional<StoredValues> read_user_values(const InputFile& input, const EvalReport& report);

}  // namespace persona4rec
