// extract-aspects: what each review says about its writer's taste, by the domain's answer schema.
//
// Reads raw reviews (JSON Lines, a JSON array, CSV, TSV; .gz too); writes 1_aspects.jsonl: one row for every usable raw
// review, whatever the language model did, because the split is decided from these rows.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>

#include "persona4rec/answers.hpp"
#include "persona4rec/dataset.hpp"
#include "persona4rec/progress.hpp"

namespace persona4rec {

struct ExtractAspectsOptions {
  std::filesystem::path reviews;  // input, raw reviews
  std::filesystem::path output;   // 1_aspects.jsonl
  ReviewSchema schema;            // field names of the raw file
  std::filesystem::path prompts;  // folder with extract_aspects.txt and extract_aspects.schema.json
  ReviewSelection selection;      // default: everything

  // Reviews whose text has fewer characters get status no_text, null aspects and no call. Default 1, >= 1; 1 = only
  // reviews without text (off).
  std::size_t min_text_chars = 1;
  // Tokens of one prompt, estimated; longer review texts are cut and counted. Default 3000; 0 = never cut.
  std::uint64_t prompt_tokens = 3000;

  AnswerOptions answers = {.sampling = {.temperature = 0.0, .max_tokens = 500}};
  std::uint64_t max_bad_rows = 0;  // broken input rows skipped before giving up; 0 = none
  bool force = false;              // inputs that do not belong together are warnings
  ProgressFn progress;
};

struct ExtractAspectsReport {
  bool written = false;         // false: the client only looked at the requests
  std::uint64_t reviews = 0;    // rows written
  std::uint64_t no_text = 0;    // of them: no call
  std::uint64_t shortened = 0;  // of them: text cut for the prompt (1_aspects has the whole)
  std::uint64_t decoded = 0;    // of them: asked with character references resolved
  // Of them: the store has the answer to the text as it was, and none to the text as it is.
  std::uint64_t asked_anew = 0;
  std::uint64_t left_out = 0;  // usable reviews outside the selection
  std::uint64_t bad_rows = 0;
  TimeSpan times;  // first and last review of the selection
  AnswerCounts answers;
};

// Memory: one review (and --users ids). Throws Error kInput, kOutput, kUsage (prompts), kService (the client, or more
// answers set aside than allowed; the artifact is written then).
ExtractAspectsReport extract_aspects(const ExtractAspectsOptions& options, ChatClient& client);

}  // namespace persona4rec
