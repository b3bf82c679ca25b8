// 3.5_history read once, by several threads: the rows, and the text of every interaction, set down to be read again in
// any order.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>

#include "io/input_file.hpp"
#include "io/rows/row_spool.hpp"
#include "persona4rec/dataset.hpp"
#include "persona4rec/split.hpp"
#include "profiles/interaction_rows.hpp"
#include "records/profile_text.hpp"

namespace persona4rec {

struct HistoryOptions {
  InputFile input;                 // 3.5_history.jsonl
  TimeFormat time;                 // how numbers in `timestamp` are read
  std::uint64_t max_bad_rows = 0;  // skipped before giving up
  SplitOptions split;
  bool uid_with_text = false;
  std::filesystem::path output;  // beside which the texts are set down (io/output_target.hpp: scratch_folder)
  std::size_t threads = 0;       // 0 = all processors
};

// The texts of rows: `texts` are those of the interactions.
struct RowTexts {
  const InteractionRows& rows;
  const RowSpool& texts;
};

struct History {
  InteractionRows rows;
  RowSpool texts;  // [interactions] with their prefix; "" where a review has no content
  std::uint64_t bad_rows = 0;
  std::string sha256;

  [[nodiscard]] RowTexts row_texts() const { return {rows, texts}; }
};

// Throws Error kInput (a broken row, a user twice), kOutput (the texts cannot be set down).
[[nodiscard]] History read_history(const HistoryOptions& options, const ProfileText& texts);

}  // namespace persona4rec
