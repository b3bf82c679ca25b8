// Lists scored and written as text, a thread's share of a stream at a time.
#pragma once

#include <cstdint>
#include <exception>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "io/lists/list_blocks.hpp"
#include "io/lists/list_writer.hpp"
#include "io/provenance.hpp"
#include "persona4rec/rerank.hpp"
#include "rerank/scorer.hpp"
#include "rerank/serving_cache.hpp"
#include "rerank/weights.hpp"

namespace persona4rec {

// A cache and how lists are scored with it; taken anew as a whole. Thread-safety: const use from any thread.
struct Serving {
  // Registers the cache with `provenance`. Throws as ServingCache, register_cache and resolve_scoring do.
  Serving(const RerankOptions& options, const ScoringOptions& scoring_options, Provenance& provenance);

  ServingCache cache;
  Scoring scoring;
};

// A list that was answered, or a row that cannot be used.
struct RerankedEntry {
  std::uint64_t line = 0;
  std::size_t text_begin = 0;  // of what is written for it
  UserId user;
  std::exception_ptr error;  // of a row that cannot be used; its text is empty, or the answer to a stream
  double seconds = 0;        // from the parsed line to its text
  bool user_known = false;
  std::uint64_t candidates = 0;
  std::uint64_t items_unknown = 0;
};

// What became of some lines, in their order.
struct RerankedLists {
  std::string text;
  std::vector<RerankedEntry> entries;
  RerankReport counts;  // of these lists

  void clear();
};

struct RerankerOptions {
  ListOutput format = ListOutput::kJsonl;
  bool answers_errors = false;  // a row that cannot be used gets a line: {"error": ...}
  std::uint64_t max_bad_rows = 0;
};

// Thread-safety: one object, one thread (it keeps its buffers).
class ListReranker {
 public:
  ListReranker(std::string file, const RerankerOptions& options);

  // All lists of the lines.
  void rerank(const LineBlock& block, const std::shared_ptr<const Serving>& serving, RerankedLists& out);
  // One list.
  void rerank(const CandidateRow& list, std::uint64_t line, const std::shared_ptr<const Serving>& serving,
              RerankedLists& out);

 private:
  void use(const std::shared_ptr<const Serving>& serving);
  void rerank(const PlainList& list, std::uint64_t line, RerankedLists& out);
  void refuse(const Error& error, RerankedLists& out) const;

  RerankerOptions options_;
  ListBlockReader reader_;
  std::shared_ptr<const Serving> serving_;
  std::unique_ptr<Scorer> scorer_;  // of serving_
  PlainList view_;
  RerankedItems row_;
};

// Adds what was counted of lists.
void add_counts(const RerankReport& part, RerankReport& sum);

}  // namespace persona4rec
