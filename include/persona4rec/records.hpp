// Every row type of every artifact (data/README.md shows an example row of each). File and field names are those of the
// published Python code (see docs), so that its files and ours can be swapped. Optional members are fields that
// published files lack; unknown fields are ignored on reading. Thread-safety: value types.
#pragma once

#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "persona4rec/ids.hpp"
#include "persona4rec/json.hpp"

namespace persona4rec {

// A point in time, UTC. `ms` is what code compares; the raw form (12 or "2017-10-09 04:08:23") is what artifacts keep.
struct Timestamp {
  std::int64_t ms = 0;     // milliseconds since 1970-01-01
  std::string text;        // as it came: digits of a number, or the string's content
  bool is_string = false;  // written back as a JSON string
};

// A star rating as it came: 5 and 5.0 differ in the published review uid (Python's str()). A dataset without ratings
// has none (null in artifacts): +infinity, liked from any rating on.
struct Rating {
  double value = 0;
  bool is_integer = false;
  [[nodiscard]] static Rating none() { return {.value = HUGE_VAL}; }
  [[nodiscard]] bool is_none() const { return std::isinf(value); }
};

enum class AspectStatus : std::uint8_t { kOk, kRejected, kNoText };

// 1_aspects.jsonl: one row for every usable raw review, whatever the language model did.
struct AspectRow {
  ReviewId review_id;
  ItemId item_id;
  UserId user_id;
  Rating rating;
  Timestamp timestamp;
  std::optional<std::string> review_title;
  std::string review_text;
  // (+) The first 16 code points of the text as the raw file has it, where its character references were resolved among
  // them: what the published uid is made of.
  std::optional<std::string> raw_start;
  Json extracted_aspects;                   // object; keys = the domain's answer schema; values string or null
  AspectStatus status = AspectStatus::kOk;  // (+)
};

// 2_summary.jsonl
struct SummaryRow {
  ItemId item_id;
  std::string item_title;
  std::string item_description;
  std::string item_summary;
};

// 2.5_grouped.jsonl: an item with the item-side aspect rows that its personas are made from.
struct GroupedRow {
  SummaryRow item;
  std::vector<AspectRow> aspects;  // aspect_count on disk = size()
};

// Who liked items of one title: what an affinity was counted from, and so a trace of these users.
struct AffinityCount {
  std::string name;
  std::uint64_t count = 0;     // of those whom the persona stands for
  std::uint64_t liked_by = 0;  // of all users
  std::vector<ItemId> items;   // those of that title
};

struct Persona {
  std::string id;  // "P1", "P2", ... in the item
  std::string name;
  std::string description;
  std::string preference_rationale;
  std::vector<ReviewId> support;               // (+) item-side reviews that this persona stands on; may be empty
  std::vector<std::string> affinities;         // (+) what such people also like, by name, the surest first
  std::vector<AffinityCount> affinity_counts;  // (+) behind counted ones (records/affinities.hpp)
  std::vector<ItemId> affinity_from;           // (+) whose likers were counted; empty: the supporters were
};

// 3_personas.jsonl
struct PersonaRow {
  SummaryRow item;
  std::uint64_t review_count = 0;  // item-side reviews
  std::vector<Persona> personas;   // 0 only where nothing is known of the item; persona_count on disk = size()
};

// One review inside 3.5_history.jsonl and 3.5_history_loo.jsonl.
struct HistoryReview {
  UserId user_id;
  ItemId item_id;
  std::string review_title;
  std::string summary;  // item summary
  Json extracted;       // the aspects object
  Timestamp timestamp;
  Rating rating;
  std::optional<ReviewId> review_id;       // (+)
  std::optional<std::string> review_text;  // (+)
  std::optional<std::string> raw_start;    // (+) see AspectRow
};

// 3.5_history.jsonl, 3.5_history_loo.jsonl: oldest first.
struct HistoryRow {
  UserId user_id;
  std::vector<HistoryReview> reviews;
};

// 3.5_gt.jsonl, gt.jsonl: several rows a user allowed.
struct GroundTruthRow {
  UserId user_id;
  ItemId item_id;
};

enum class TargetSplit : std::uint8_t { kTrain, kValid, kTest, kReference };
[[nodiscard]] std::string to_string(TargetSplit split);

// 3.5_targets.jsonl (+): rules what any stage may use.
struct TargetRow {
  UserId user_id;
  ItemId item_id;
  ReviewId review_id;
  Timestamp timestamp;
  TargetSplit split = TargetSplit::kTrain;
};

// 3.5_persona_with_summary.jsonl
struct PersonaEntry {
  Persona persona;
  std::string item_summary;
  PersonaId unique_persona_id;  // <item>_P<k>
};
struct PersonaWithSummaryRow {
  ItemId item_id;
  std::vector<PersonaEntry> personas;
};

// 4_selected_personas.jsonl
struct SelectedPersonaRow {
  UserId user_id;
  ItemId target_item_id;
  std::string selected_persona_id;  // "P3"
  std::string selected_persona_name;
  PersonaEntry selected_persona;
  std::string selection_reasoning;
  std::optional<TargetSplit> split;  // (+)
};

struct Candidate {
  ItemId item_id;
  std::optional<double> score;
  // Read where asked for (ReadOptions): of a reranked list, the 1-based place before, and whether a persona speaks.
  std::optional<std::uint64_t> base_rank = std::nullopt;
  bool has_persona = false;
  // True for the published padding id "[PAD]": it keeps its absolute position and is never scored.
  [[nodiscard]] bool is_pad() const { return item_id.text() == "[PAD]"; }
};

// candidate.jsonl. Results with an empty id are skipped on reading. An item may stand twice in a list (published files
// do).
struct CandidateRow {
  UserId user_id;
  std::optional<std::int64_t> topk;
  std::optional<std::string> filter_scope;
  std::vector<Candidate> results;  // best first
  Json context;                    // null when absent; kept as it came
};

// reranked.jsonl: also a candidate file.
struct RerankedCandidate {
  ItemId item_id;
  double score = 0;                     // the fused score that ordered the list
  std::optional<PersonaId> persona_id;  // (+) the best matching persona; absent: no channel or [PAD]
  std::optional<std::string> persona_name;
  std::optional<double> persona_score;
  std::optional<double> base_score;  // the candidate's own score
  std::uint64_t base_rank = 0;       // 1-based position in the candidate list
};
struct RerankedRow {
  UserId user_id;
  std::vector<RerankedCandidate> results;
};

}  // namespace persona4rec
