// select: which persona of a training target's item its user is, judged by the user's earlier reviews.
//
// Reads 3.5_targets, 3.5_history, 3.5_persona_with_summary; writes 4_selected_personas.jsonl, in target order.
#pragma once

#include <cstdint>
#include <filesystem>

#include "persona4rec/answers.hpp"
#include "persona4rec/dataset.hpp"
#include "persona4rec/progress.hpp"
#include "persona4rec/split.hpp"
#include "persona4rec/words.hpp"

namespace persona4rec {

struct SelectOptions {
  std::filesystem::path targets;               // input 3.5_targets.jsonl
  std::filesystem::path history;               // input 3.5_history.jsonl
  std::filesystem::path persona_with_summary;  // input 3.5_persona_with_summary.jsonl
  std::filesystem::path output;                // 4_selected_personas.jsonl
  std::filesystem::path prompts;               // folder with select.txt and select.schema.json
  // Targets of split train are used, under --split reference those of split reference. The seed shuffles the options.
  SplitOptions split;
  TimeFormat time;           // how numbers in `timestamp` are read
  std::uint64_t newest = 6;  // earlier liked or disliked reviews that the prompt shows, the newest; >= 1
  WordOptions words;         // IDF that the offline provider gets, fitted on persona texts (item side by birth)

  AnswerOptions answers = {.sampling = {.temperature = 0.1, .max_tokens = 300}};
  std::uint64_t max_bad_rows = 0;  // broken rows skipped before giving up, in each input; 0 = none
  bool force = false;
  ProgressFn progress;
};

struct SelectReport {
  bool written = false;               // false: the client only looked at the requests
  std::uint64_t targets = 0;          // targets that may be used
  std::uint64_t selected = 0;         // rows written
  std::uint64_t single_persona = 0;   // of them: the item has one persona, nothing to ask
  std::uint64_t without_persona = 0;  // no row: the item has none
  std::uint64_t without_history = 0;  // no row: no earlier review that the user liked or disliked
  std::uint64_t other_targets = 0;    // rows of 3.5_targets that this stage may not use (valid, test)
  std::uint64_t bad_rows = 0;
  AnswerCounts answers;  // no row for an answer that is set aside
};

// Memory: one user's history, an offset for each item; persona texts wait in a temporary file. REQUIRES (and checks)
// that targets and history name their users in one order, as prepare writes them. Throws as extract_aspects() does;
// kInput also when no row would be written: the file of an earlier run stays.
SelectReport select_personas(const SelectOptions& options, ChatClient& client);

struct ImportJudgementsOptions {
  std::filesystem::path judgements;            // input: 4_selected_personas rows of another tool
  std::filesystem::path persona_with_summary;  // input; empty = none: changed labels keep no persona text
  std::filesystem::path output;                // 4_selected_personas.jsonl
  std::uint64_t max_bad_rows = 0;
  bool force = false;
};

struct ImportJudgementsReport {
  std::uint64_t rows = 0;             // written
  std::uint64_t changed = 0;          // of them: the judge's text names another persona than the label did
  std::uint64_t without_verdict = 0;  // of them: the text names none; the label stays
  std::uint64_t without_persona = 0;  // of the changed: the persona's texts are not at hand and stay empty
  std::uint64_t unknown_persona = 0;  // set aside: the item is known and has no persona of that id
  std::uint64_t bad_rows = 0;
};

// Re-reads the judge's own words ("**Selection:** 3. ITEM_P3", "Selection: P3") and repairs labels that a parser lost.
ImportJudgementsReport import_judgements(const ImportJudgementsOptions& options);

}  // namespace persona4rec
