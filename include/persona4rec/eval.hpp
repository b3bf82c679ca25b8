// eval: how good candidate lists are against ground truth, one file alone or several side by side.
//
// Reads   candidate files (candidate.jsonl, reranked.jsonl, any shape of list_format.hpp), ground truth (3.5_gt.jsonl,
// gt.jsonl,
//         3.5_targets.jsonl or TREC qrels), for scenarios a review file.
// Writes  nothing, or a JSON report, per-user values, a TREC run and qrels, each with its meta file; the gates'
// verdicts
//         as JUnit XML and Markdown.
//
// Metrics are per user, then the mean over users with a list and ground truth (docs/method.md, 9.1 Metrics). The order
// of a JSONL file rules: scores do not reorder it. A TREC run is read as trec_eval reads it: a user's lines anywhere,
// sorted by score, ties by item name, the greater first. "[PAD]" takes a position and is never true; results with an
// empty id are skipped; of an item that stands twice in a list the first position counts, the second is a position like
// any other. Undefined is not zero: a mean over no users is NaN here, "--" in the table, null in JSON.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "persona4rec/eval_gate.hpp"
#include "persona4rec/ids.hpp"
#include "persona4rec/json.hpp"
#include "persona4rec/list_format.hpp"
#include "persona4rec/progress.hpp"
#include "persona4rec/split.hpp"

namespace persona4rec {

// What becomes of a user with ground truth but without a list (or with an empty one).
enum class MissingLists : std::uint8_t {
  kSkip,  // left out of the means, counted
  kZero,  // every metric 0
};

struct EvalOptions {
  std::vector<std::filesystem::path> candidates;  // the first is what the others are compared with; "-" = stdin
  std::vector<std::string> names;                 // of the files in tables; default: their shortest distinct paths
  // What the others are compared with, in front of them: lists, an earlier JSON report with per-user values, or
  // per-user values; of several files in these the last.
  std::optional<std::filesystem::path> baseline;
  std::filesystem::path ground_truth;  // required
  ListFormat candidate_format = ListFormat::kAuto;
  ListFormat truth_format = ListFormat::kAuto;
  World world = World::kTest;                      // whose targets count; lists made for the other world are refused
  std::vector<std::size_t> ks = {5, 10, 20};       // each >= 1, no two equal
  std::string metrics = "HIT,MRR,NDCG";            // parse_metrics(); those of the gates are added
  std::vector<Gate> gates;                         // of the last file, against the first; REQUIRES at most two files
  bool strict = false;                             // what is inconclusive is shown as a failure in `junit`
  bool json_users = false;                         // every user's values in `json` too
  MissingLists missing = MissingLists::kSkip;      //
  std::optional<std::filesystem::path> review;     // adds the scenarios; raw reviews, 1_aspects or 3.5_history
  std::string review_user_field = "user_id";       // raw field names of that file; rows without them are read by the
  std::string review_item_field = "item_id";       // artifacts' own names
  std::uint64_t bootstrap = 2000;                  // resamples behind intervals and p; 0 = none of them
  double confidence = 0.95;                        // of the intervals, in (0, 1)
  std::uint64_t seed = 0;                          // of the resamples
  std::size_t threads = 0;                         // 0 = all processors; changes no result
  std::optional<std::filesystem::path> json;       // report for programs
  std::optional<std::filesystem::path> per_user;   // every user's values, JSON Lines
  std::optional<std::filesystem::path> junit;      // verdicts of the gates
  std::optional<std::filesystem::path> markdown;   // the same for people
  std::optional<std::filesystem::path> trec;       // the lists as a TREC run; REQUIRES one candidate file
  ListOutput output_format = ListOutput::kByName;  // ... or in another format; of a name that says none TREC
  std::optional<std::filesystem::path> qrels;      // the ground truth as TREC qrels
  std::uint64_t max_bad_rows = 0;                  // broken rows skipped per file; 0 = the first one ends the run
  bool hash_lists = true;  // false: hashes of inputs may be empty, where neither a meta file nor an output needs them
  bool force = false;      // inputs that do not belong together only warn
  ProgressFn progress;     //
};

// One metric of a file against the first file, over the users that both evaluate. Intervals are percentiles of paired
// bootstrap resamples (Efron, Tibshirani 1993, ch. 13). NaN where undefined (no pair, first file's mean 0, no
// bootstrap).
struct Comparison {
  double difference;             // mean - first file's mean
  double relative;               // difference / first file's mean
  Interval difference_interval;  //
  Interval relative_interval;    //
  double p;                      // two-sided: twice the share of resamples on the other side of 0, (c + 1) / (N + 1)
};

// The same difference tested (docs/method.md, 9.4 Paired tests). NaN where undefined (fewer than two pairs).
struct PairedTest {
  double p;                    // two-sided, of a randomisation test; NaN without resamples
  double holm_p;               // ... adjusted over the metrics of the group (Holm 1979)
  double effect_size;          // Cohen's d of the pairs; 0 when no pair differs
  double resolvable;           // 2.8 standard errors of the difference: what so many users can show
  double resolvable_relative;  // ... over the first file's mean
  std::uint64_t wins = 0;      // users better than in the first file
  std::uint64_t ties = 0;      //
  std::uint64_t losses = 0;    //
};

// A group of users (everyone, or a scenario) in one file.
struct GroupResult {
  std::uint64_t users = 0;                // evaluated
  std::vector<double> means;              // [metrics]
  std::uint64_t found = 0;                // users with a true item anywhere in the list
  double median_rank;                     // of the first true item, over those
  std::uint64_t pairs = 0;                // users evaluated here and in the first file
  std::vector<Comparison> against_first;  // [metrics]; empty for the first file
  std::vector<PairedTest> tests;          // [metrics]; empty for the first file, and without baseline and gates
  std::vector<std::vector<double>> relative_resamples;  // [metrics, resamples] of Comparison::relative; as tests
};

struct EvalFileCounts {
  std::uint64_t lists = 0;           // rows
  std::uint64_t without_truth = 0;   // lists of users without ground truth
  std::uint64_t empty = 0;           // lists without a single id, of users with ground truth
  std::uint64_t missing = 0;         // users with ground truth and no list or an empty one
  std::uint64_t padding = 0;         // "[PAD]" positions in evaluated lists
  std::uint64_t repeated_items = 0;  // positions of evaluated lists taken by an item that stood before
  std::uint64_t bad_rows = 0;        // skipped, --max-bad-rows
  std::uint64_t ranked_items = 0;    // items of evaluated lists that say their base_rank; counted for gates alone
  std::uint64_t unknown_items = 0;   // ... and name no persona
};

struct EvalFile {
  std::string name;
  std::filesystem::path path;
  std::string sha256;  // of the decompressed bytes; EvalOptions::hash_lists
  EvalFileCounts counts;
  std::vector<std::uint8_t> evaluated;    // [users] 0 or 1
  std::vector<std::uint32_t> first_rank;  // [users] of the first true item; 0 = not in the list
  std::vector<double> values;             // [users, metrics] row-major; 0 where not evaluated, NaN where undefined
  std::vector<double> list_values;        // [list_metrics]; NaN where undefined
  std::vector<GroupResult> groups;        // as EvalReport::groups
};

// Everyone, then with a review file warm and cold users (the most and least active 20 %), users with head and tail
// items (their ground truth is among the most and least reviewed 20 %). A user may be in several or none of the four.
struct EvalGroup {
  std::string name;                    // "all", "warm", "cold", "head", "tail"
  std::optional<std::uint64_t> count;  // the threshold in reviews: warm, head at least, cold, tail at most so many
  std::vector<std::uint32_t> users;    // ascending indexes into EvalReport::users; empty for "all"
};

struct TruthCounts {
  std::uint64_t rows = 0;           // used
  std::uint64_t repeated_rows = 0;  // the same user and item again
  std::uint64_t other_splits = 0;   // rows of 3.5_targets that belong to another split
  std::uint64_t not_relevant = 0;   // qrels with relevance <= 0
  std::uint64_t bad_rows = 0;       // skipped, --max-bad-rows
};

struct EvalReport {
  bool leaky = false;          // an input was made under --split reference, or by a head that saw targets
  World world = World::kTest;  //
  MissingLists missing = MissingLists::kSkip;
  std::uint64_t bootstrap = 0;       // resamples; 0 = none (one file, or off)
  double confidence = 0.95;          //
  std::uint64_t seed = 0;            //
  std::string truth_name;            // file name of the ground truth
  std::string truth_sha256;          // EvalOptions::hash_lists
  TruthCounts truth;                 //
  std::vector<Metric> metrics;       // of each user, kinds in their order, each at ascending k
  std::vector<Metric> list_metrics;  // of a whole file
  IdList<UserId> users;              // with ground truth, in the order of its file
  std::vector<EvalGroup> groups;
  std::vector<EvalFile> files;
  std::vector<GateResult> gates;  // as EvalOptions::gates
};

// Memory: ground truth and, per file and user, the metric values; lists pass by, a few blocks of lines at a time.
// Throws Error kUsage (options), kInput (files: malformed, a user twice, inputs of different worlds or splits, without
// a user that has ground truth), kOutput. Deterministic for equal files and options, whatever the threads.
[[nodiscard]] EvalReport evaluate(const EvalOptions& options);

// The report as aligned text, metrics as rows and files as columns, no line wider than about `width` characters (files
// that do not fit go into further blocks). Ends with a newline.
[[nodiscard]] std::string eval_table(const EvalReport& report, std::size_t width = 120);

// The report for programs, without per-user values. NaN is null.
[[nodiscard]] Json eval_json(const EvalReport& report);

}  // namespace persona4rec
