// rerank: reorders candidate lists by what users and items are like. Dot products over a mapped cache; no model, no
// torch.
//
// Reads   cache/ and candidate lists (any shape of list_format.hpp; a file or stdin), one list at a time.
// Writes  reranked.jsonl: per list one row, the same items in a new order, with what ordered them; with --tune also
//         cache/tuned_weights.json. Meta and run files beside both.
//
//   Final = sum over channels of weight * z(value), z over the list's candidates that have a value
//     base     the candidate's own score; -log(rank) for a list in which a score is missing or infinite
//     words    <user's, item's term vector>
//     persona_words  the same with the term vector of the texts of the item's personas
//     persona  alpha * best + (1 - alpha) * mean of the others, over <user, persona>: frozen vectors
//     head     the same over the trained head's vectors
//   An item or user without a channel has z = 0 there; a user without any keeps the candidate order. Ties keep
//   candidate order. "[PAD]" keeps its position; its score is that of the candidate before it (formulas: src/matching).
//
// From stdin it is a service: where base/stop.hpp's reload signal is installed, SIGHUP makes it take the cache anew
// before the next list; until then it goes on with the one that it has mapped, whatever `cache` writes meanwhile.
//
// Memory: the cache's tables (ids of users and items), one list; vectors stay in the page cache.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "persona4rec/list_format.hpp"
#include "persona4rec/matching_options.hpp"
#include "persona4rec/progress.hpp"
#include "persona4rec/split.hpp"

namespace persona4rec {

struct ScoringOptions {
  // Share of the best persona, [0, 1]; 1 = the best alone. Default: with tuned weights the share that they were tuned
  // with (another one is refused), else that of the head's training, else kDefaultAlpha.
  std::optional<double> alpha;
  // base, words, persona[, head], each >= 0; 0 = channel off. Three numbers: the third is the head's weight where the
  // cache has a head, else the frozen personas'. Empty = chosen with the head for the first stage, else the defaults.
  std::vector<double> weights;
  std::optional<FusionWeights> named_weights;  // the same by name, each >= 0; not beside `weights`
  // The recommender that made the lists, by the name that its weights are stored under; empty = what the meta file of
  // the candidates says.
  std::string first_stage;
  bool tuned = false;         // the weights that --tune stored in the cache
  bool no_words = false;      // both word channels off, the others as they are
  bool persona_only = false;  // the persona score alone orders (the head's where there is one)

  [[nodiscard]] bool has_weights() const { return !weights.empty() || named_weights.has_value(); }
};

// What a rerank of a stream has answered so far.
struct ServingReport {
  std::uint64_t lists = 0;
  std::uint64_t users_unknown = 0;  // lists of users that the cache does not know
  std::uint64_t candidates = 0;     // [PAD] too
  std::uint64_t items_unknown = 0;
  double p50_s = 0;  // seconds from a whole line to its answer, to 2 %
  double p99_s = 0;
  double cache_age_s = 0;  // since it was built; 0 where no meta file says so
};

// Where the vectors of personas are while lists are scored.
enum class VectorStorage : std::uint8_t {
  kMapped,    // in the cache's files: no memory of their own, shared between processes
  kMemory,    // copied when the cache is opened, into huge pages where the system has them: the same scores sooner
  kEightBits  // the same in 8 bits a value, half the memory of that: scores differ in the third digit
};

struct RerankOptions {
  std::filesystem::path cache;             // input folder
  std::filesystem::path candidates = "-";  // input lists; "-" = stdin
  std::filesystem::path output = "-";      // reranked.jsonl; "-" = stdout, a line for a line, flushed before waiting
  ListFormat format = ListFormat::kAuto;   // of candidates and valid_candidates
  ListOutput output_format = ListOutput::kByName;  // of the output; of a name that says none JSON Lines
  World world = World::kTest;                      // whose profiles; lists made for the other world are refused
  ScoringOptions scoring;
  VectorStorage vectors = VectorStorage::kMapped;  // --tune and the explanation read the files

  bool tune = false;  // choose the weights on world valid first, over the whole range, and store them
  std::filesystem::path valid_candidates;  // lists of world valid; REQUIRED with tune
  std::filesystem::path targets;           // 3.5_targets.jsonl, the truth of world valid; REQUIRED with tune

  // Artifacts that the cache must stand on as they are now: (role in the cache's lineage, path). Those without a meta
  // file are not looked at.
  std::vector<std::pair<std::string, std::filesystem::path>> stands_on;
  std::uint64_t max_bad_rows = 0;  // broken lists skipped before giving up; 0 = none. On stdin each is answered by
                                   // {"error": ...}, so that requests and replies stay in step
  bool force = false;              // mismatched inputs are warnings
  std::size_t threads = 0;         // 0 = all processors; changes no result
  ProgressFn progress;             // empty = silent
  // Of candidates from stdin: called on SIGUSR1, from a thread of its own. Empty = the signal stays what it is.
  std::function<void(const ServingReport&)> on_serving;
};

struct TuneReport {
  std::uint64_t lists = 0;           // fitted on: one for each valid target that its user's list holds
  std::uint64_t without_truth = 0;   // lists of users without a valid target
  std::uint64_t target_missing = 0;  // lists that hold no target of their user: nothing to learn
  FusionWeights weights;
  double ndcg = 0;          // NDCG@10, the mean over the lists
  double default_ndcg = 0;  // of the default weights
};

struct RerankReport {
  std::uint64_t lists = 0;
  std::uint64_t candidates = 0;  // scored, [PAD] not counted
  std::uint64_t padding = 0;     // [PAD] positions
  std::uint64_t lists_without_scores = 0;
  std::uint64_t users_unknown = 0;           // without any channel: candidate order kept
  std::uint64_t users_without_personas = 0;  // without a profile vector
  std::uint64_t users_without_words = 0;
  std::uint64_t items_unknown = 0;  // candidates that the cache has never seen
  // Candidates without the channel, the unknown ones too, in lists of users who have it.
  std::uint64_t items_without_personas = 0;
  std::uint64_t items_without_words = 0;
  std::uint64_t bad_rows = 0;
  std::uint64_t reloads = 0;  // of the cache, after a SIGHUP
  ServingReport serving;      // of candidates from stdin
  bool has_head = false;
  FusionWeights weights;     // used
  std::string weights_from;  // where they come from: "chosen for ease", "fixed", "given", "tuned"
  double alpha = kDefaultAlpha;
  std::optional<TuneReport> tuned;
};

// Throws Error kInput: a cache that is missing, incomplete, pieced together, or does not belong to the artifacts named
// (with the command to rerun); a head that may not serve the cache (force overrides); broken lists; a file without one
// known user or one known item (stdin: a warning); in a file (not on stdin, where a service may ask again) a user
// twice. kUsage: weights or alpha out of range, options that exclude each other. kOutput.
RerankReport rerank(const RerankOptions& options);

}  // namespace persona4rec
