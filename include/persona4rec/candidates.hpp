// candidates: first-stage lists from the interactions alone, for people who bring only reviews. No LLM, no torch.
//
// Reads 1_aspects.jsonl (who had what; text-ease also the titles and texts of item-side reviews). Writes one row for
// each user who has a target in the world (under `--split none`: for every user), in first-seen order:
//   {user_id, topk, filter_scope, results:[{item_id, score}], context:{method, for, seen_items}}
//
// lambda and alpha of ease and text-ease are chosen by folds of what the item side knows, unless they are given
// (docs/method.md, 8.5 The settings of EASE and text-EASE, by folds); the choice stands in the meta file with what was
// tried.
//
// The recommender is fitted on every interaction that the world's histories hold, of all users; items that the user has
// had in the world's history are left out, and so are items that nobody has had in it (counted). Ties in score: the
// item of more users first, then sha256("seed|item"). So a user without history gets the popularity order, with scores
// 0 unless the method is popularity itself. Lists are written as they are made.
//
// Items that are cold under `--split cold-items` stand in every list in the order of sha256("seed|item"), also those
// that the user has had: the world knows nothing of that.
//
// filter_scope says what was left out, in the published words: "train" (world valid), "train_valid" (world test),
// "all" (split none and reference).
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "persona4rec/dataset.hpp"
#include "persona4rec/first_stage.hpp"
#include "persona4rec/progress.hpp"
#include "persona4rec/split.hpp"

namespace persona4rec {

// What lists say of items that are cold in the world, which no first stage ranks (`--split cold-items`).
enum class ColdCandidates : std::uint8_t {
  kAdded,  // behind the first stage's topk: all of them, with the score of the last one before
  kAlone,  // all of them and nothing else, with the score 0
  kNone,   // nothing
};

[[nodiscard]] inline std::string to_string(ColdCandidates cold) {
  if (cold == ColdCandidates::kNone) return "none";
  return cold == ColdCandidates::kAlone ? "alone" : "added";
}

struct CandidatesOptions {
  std::filesystem::path aspects;  // input 1_aspects.jsonl
  std::filesystem::path output;   // candidate.<world>.jsonl; "-" = stdout
  World world = World::kTest;     // whose targets the lists are for; no difference under reference and none
  FirstStageOptions first_stage;
  // ease, text-ease: lambda and alpha that are not given are chosen by folds; false = the fixed defaults.
  bool fit_parameters = true;
  std::size_t topk = 100;                        // longest list, in items; default 100, range >= 1
  ColdCandidates cold = ColdCandidates::kAdded;  // of no effect under other splits
  SplitOptions split;                            // its seed also orders ties in score
  TimeFormat time;                               // how numbers in `timestamp` are read
  std::uint64_t max_bad_rows = 0;                // broken input rows skipped before giving up; 0 = none
  bool force = false;                            // mismatched inputs are warnings
  ProgressFn progress;
};

struct CandidatesReport {
  std::uint64_t interactions = 0;           // in the input
  std::uint64_t fitted_interactions = 0;    // that the recommender saw
  std::uint64_t items = 0;                  // in the input
  std::uint64_t items_without_users = 0;    // never recommended: nobody has had them in this world
  std::uint64_t items_without_text = 0;     // text-ease: no item-side review with a word that counts
  std::uint64_t users = 0;                  // lists written
  std::uint64_t users_without_history = 0;  // of these: popularity order
  std::uint64_t cold_items = 0;             // of each list
  std::uint64_t short_lists = 0;            // of these: fewer than topk items were left
  std::uint64_t bad_rows = 0;
  std::optional<ParameterChoice> choice;  // of lambda and alpha, where folds made one
};

// Memory: interactions without texts; text-ease: 8 bytes for each distinct term of a review; ease: see
// FirstStageOptions::max_memory_gib. Deterministic, whatever the threads.
// Throws Error kUsage for settings out of range or too many items for ease, kInput for inputs that cannot be used or
// when no user has a target, kOutput.
CandidatesReport make_candidates(const CandidatesOptions& options);

}  // namespace persona4rec
