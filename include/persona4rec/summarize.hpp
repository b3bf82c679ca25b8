// summarize: a short summary of every item that the reviews speak of, from its metadata and never from reviews.
//
// Reads raw item metadata and raw reviews (the latter for item ids only); writes 2_summary.jsonl in the order in which
// the reviews name the items first; with all_items those without a review follow.
#pragma once

#include <cstdint>
#include <filesystem>

#include "persona4rec/answers.hpp"
#include "persona4rec/dataset.hpp"
#include "persona4rec/progress.hpp"

namespace persona4rec {

struct SummarizeOptions {
  std::filesystem::path metadata;  // input, raw item metadata; empty = there is none
  std::filesystem::path reviews;   // input, raw reviews
  std::filesystem::path output;    // 2_summary.jsonl
  Dataset dataset;                 // field names and the prompts folder (summarize.txt, summarize.schema.json)
  ReviewSelection selection;       // as in extract-aspects
  bool all_items = false;          // also those that the metadata alone know, behind the others in its order

  // Tokens of one prompt, estimated; longer descriptions are cut and counted. Default 3000; 0 = never cut.
  std::uint64_t prompt_tokens = 3000;

  AnswerOptions answers = {.sampling = {.temperature = 0.3, .max_tokens = 300}};
  std::uint64_t max_bad_rows = 0;  // broken rows skipped before giving up, in each input; 0 = none
  bool force = false;
  ProgressFn progress;
};

struct SummarizeReport {
  bool written = false;                // false: the client only looked at the requests
  std::uint64_t items = 0;             // rows written
  std::uint64_t unreviewed = 0;        // of these: without a review
  std::uint64_t without_metadata = 0;  // no metadata row: no title, no description, an empty summary, no call
  std::uint64_t title_only = 0;        // summarised from the title, for want of a description
  std::uint64_t without_text = 0;      // a metadata row, but neither title nor description: an empty summary, no call
  std::uint64_t shortened = 0;         // description cut for the prompt (2_summary has the whole)
  std::uint64_t decoded = 0;           // asked with character references resolved
  std::uint64_t asked_anew = 0;        // of them: the store has the answer to the text as it was, none to this one
  std::uint64_t script_titles = 0;     // titles that were a page's script (Amazon 2018), dropped
  std::uint64_t duplicates = 0;        // metadata rows of an item that had one already: the first counts
  std::uint64_t unused = 0;            // metadata rows of items without a review, left out
  std::uint64_t bad_rows = 0;
  AnswerCounts answers;  // an item whose answer is set aside has an empty summary
};

// Memory: ids of the items; texts wait in a temporary file. Throws as extract_aspects() does.
SummarizeReport summarize(const SummarizeOptions& options, ChatClient& client);

}  // namespace persona4rec
