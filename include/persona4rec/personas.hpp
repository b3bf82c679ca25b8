// personas: two to seven kinds of people who like an item, each with the reviews that support it.
//
// Reads 1_aspects, 2_summary; writes 2.5_grouped (always anew) and 3_personas, both with every item that has a review,
// in the order in which the reviews name them first. Only item-side reviews (persona4rec/split.hpp) are used.
#pragma once

#include <cstdint>
#include <filesystem>

#include "persona4rec/answers.hpp"
#include "persona4rec/dataset.hpp"
#include "persona4rec/progress.hpp"
#include "persona4rec/split.hpp"
#include "persona4rec/words.hpp"

namespace persona4rec {

inline constexpr std::uint64_t kMinPersonas = 2;  // of an item; 1 where it has a single review
inline constexpr std::uint64_t kMaxPersonas = 7;

struct PersonasOptions {
  std::filesystem::path aspects;   // input 1_aspects.jsonl
  std::filesystem::path summary;   // input 2_summary.jsonl
  std::filesystem::path grouped;   // output 2.5_grouped.jsonl
  std::filesystem::path personas;  // output 3_personas.jsonl
  std::filesystem::path prompts;   // folder with personas.txt and personas.schema.json
  SplitOptions split;
  TimeFormat time;  // how numbers in `timestamp` are read

  // Tokens of one prompt, estimated. Where an item's reviews need more, their texts are cut to excerpts first, then a
  // subset that spreads over rating, time and content is taken, and counted. Default 6000; 0 = no bound (for a
  // provider that reads no prompt).
  std::uint64_t prompt_tokens = 6000;
  WordOptions words;  // what spreads content, and the IDF that the offline provider gets

  AnswerOptions answers = {.sampling = {.temperature = 0.0, .max_tokens = 2000}};
  std::uint64_t max_bad_rows = 0;  // broken input rows skipped before giving up, in each input; 0 = none
  bool force = false;
  ProgressFn progress;
};

struct PersonasReport {
  bool written = false;                    // false: the client only looked at the requests
  std::uint64_t items = 0;                 // rows written
  std::uint64_t personas = 0;              // in all
  std::uint64_t without_reviews = 0;       // items with no item-side review: no personas, no call
  std::uint64_t without_text = 0;          // items whose item-side reviews have neither title nor text: the same
  std::uint64_t without_summary = 0;       // items that 2_summary lacks: title and summary are empty
  std::uint64_t item_side_reviews = 0;     // of the written items
  std::uint64_t repeated_reviews = 0;      // of them: the words of another one; not shown, support what that supports
  std::uint64_t reviews_without_text = 0;  // of them: neither title nor text; not shown
  std::uint64_t bounded_items = 0;         // items whose prompt shows a subset
  std::uint64_t reviews_left_out = 0;      // reviews that no prompt shows because of that
  std::uint64_t excerpted_items = 0;       // items whose prompt shows cut texts
  std::uint64_t bad_rows = 0;
  AnswerCounts answers;  // an item whose answer is set aside has no personas
  SplitCounts split;
};

// Memory: interactions without texts, the words of item-side reviews; texts wait in a temporary file.
// Throws as extract_aspects() does; kInput also when the inputs do not belong together.
PersonasReport make_personas(const PersonasOptions& options, ChatClient& client);

}  // namespace persona4rec
