// prepare: from aspects, summaries and personas to what training and reranking read. No LLM, no torch.
//
// Reads 1_aspects, 2_summary, 3_personas; writes 3.5_history, 3.5_history_loo, 3.5_gt, 3.5_targets,
// 3.5_persona_with_summary, each with its meta and run file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>

#include "persona4rec/dataset.hpp"
#include "persona4rec/progress.hpp"
#include "persona4rec/split.hpp"

namespace persona4rec {

struct PrepareOptions {
  std::filesystem::path aspects;               // input 1_aspects.jsonl
  std::filesystem::path summary;               // input 2_summary.jsonl
  std::filesystem::path personas;              // input 3_personas.jsonl
  std::filesystem::path history;               // output, complete, users in first-seen order, reviews oldest first
  std::filesystem::path history_loo;           // output, the history that world test may use; users with a target only
  std::filesystem::path ground_truth;          // output, test (or reference) targets
  std::filesystem::path targets;               // output, all targets
  std::filesystem::path persona_with_summary;  // output
  SplitOptions split;
  TimeFormat time;                 // how numbers in `timestamp` are read
  std::uint64_t max_bad_rows = 0;  // broken input rows skipped before giving up; 0 = none
  std::size_t threads = 0;         // 0 = all processors; changes no result
  bool force = false;              // mismatched inputs are warnings
  ProgressFn progress;
};

struct PrepareReport {
  std::uint64_t reviews = 0;
  std::uint64_t users = 0;
  std::uint64_t items = 0;
  std::uint64_t reviews_without_summary = 0;   // the item has no row in 2_summary; its summary is ""
  std::uint64_t items_without_personas = 0;    // rows of 3_personas with no persona
  std::uint64_t targets_without_personas = 0;  // train targets whose item has no persona
  std::uint64_t bad_rows = 0;
  SplitCounts split;
};

// Memory: interactions without texts, ids of users and items; texts wait in temporary files beside the history;
// some blocks of lines a thread.
// Warns when there are no targets to train on or to test. Throws Error kInput for inputs that cannot be used or do not
// belong together, also when no rating reaches split.liked_from; kOutput for outputs.
PrepareReport prepare(const PrepareOptions& options);

}  // namespace persona4rec
