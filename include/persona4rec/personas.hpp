// personas: two to seven kinds of people who like an item, each with the reviews that support it. An item without
// item-side reviews gets one to three prospective ones from its metadata, with no support.
//
// Reads 1_aspects, 2_summary; writes 2.5_grouped (always anew) and 3_personas, both with every item that has a review,
// in the order in which the reviews name them first, then the items that 2_summary alone knows. Only item-side reviews
// (persona4rec/split.hpp) are used.
//
// Affinities name what a persona also likes: as the answer does, else, with knowledge kOpen, counted (docs/method.md,
// 10.4 Affinities that are counted).
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "persona4rec/answers.hpp"
#include "persona4rec/dataset.hpp"
#include "persona4rec/progress.hpp"
#include "persona4rec/split.hpp"
#include "persona4rec/words.hpp"

namespace persona4rec {

inline constexpr std::uint64_t kMinPersonas = 2;  // of an item; 1 where it has a single review
inline constexpr std::uint64_t kMaxPersonas = 7;

inline constexpr std::uint64_t kMaxProspective = 3;  // personas of an item without item-side reviews, at least 1

// What personas may know beyond the item-side reviews of their item.
enum class Knowledge : std::uint8_t {
  kOpen,      // what the model knows by itself; without a model: what the supporters also liked
  kReviews,   // nothing
  kMetadata,  // as kOpen where a model answers, but no review is shown: every item gets prospective personas
};
[[nodiscard]] inline std::string to_string(Knowledge knowledge) {
  if (knowledge == Knowledge::kOpen) return "open";
  return knowledge == Knowledge::kReviews ? "reviews" : "metadata";
}

// For which items a language model is asked, where another client stands by for the rest.
enum class LlmFor : std::uint8_t {
  kAll,
  kTail,  // the fifth of the items with the fewest item-side reviews, those without any included
  kCold,  // items without item-side reviews
};
[[nodiscard]] inline std::string to_string(LlmFor items) {
  if (items == LlmFor::kAll) return "all";
  return items == LlmFor::kTail ? "tail" : "cold";
}

struct PersonasOptions {
  std::filesystem::path aspects;   // input 1_aspects.jsonl
  std::filesystem::path summary;   // input 2_summary.jsonl
  std::filesystem::path grouped;   // output 2.5_grouped.jsonl
  std::filesystem::path personas;  // output 3_personas.jsonl
  std::filesystem::path prompts;   // folder with personas and prospective (.txt, .schema.json)
  SplitOptions split;
  TimeFormat time;  // how numbers in `timestamp` are read

  // Tokens of one prompt, estimated. Where an item's reviews need more, their texts are cut to excerpts first, then a
  // subset that spreads over rating, time and content is taken, and counted. Default 6000; 0 = no bound (for a
  // provider that reads no prompt).
  std::uint64_t prompt_tokens = 6000;
  std::uint64_t max_personas = kMaxPersonas;  // of an item, 1 .. 7, so that their number can be studied
  Knowledge knowledge = Knowledge::kOpen;
  LlmFor llm_for = LlmFor::kAll;  // read where make_personas() gets a second client
  WordOptions words;              // what spreads content, and the IDF that the offline provider gets

  AnswerOptions answers = {.sampling = {.temperature = 0.0, .max_tokens = 2000}};
  std::uint64_t max_bad_rows = 0;  // broken input rows skipped before giving up, in each input; 0 = none
  bool force = false;
  ProgressFn progress;
};

struct PersonasReport {
  bool written = false;                    // false: the client only looked at the requests
  std::uint64_t items = 0;                 // rows written
  std::uint64_t personas = 0;              // in all
  std::uint64_t without_reviews = 0;       // items with no item-side review
  std::uint64_t without_text = 0;          // items whose item-side reviews have neither title nor text
  std::uint64_t prospective = 0;           // items whose personas come from metadata alone, as those have
  std::uint64_t without_facts = 0;         // neither reviews nor metadata: no personas, no call
  std::uint64_t with_affinities = 0;       // personas that name some
  std::uint64_t without_model = 0;         // answers of the second client
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
// `rest`: answers for the items that options.llm_for leaves out, and for what `client` has no answer to once its budget
// is used up; `client` is asked about the items with the fewest item-side reviews first. Null: `client` answers all.
PersonasReport make_personas(const PersonasOptions& options, ChatClient& client, ChatClient* rest = nullptr);

}  // namespace persona4rec
