#include "rerank/list_reranker.hpp"

#include <cmath>
#include <utility>

#include "base/bulk/json_text.hpp"
#include "base/clock.hpp"
#include "rerank/list_inputs.hpp"
#include "rerank/reranked_row.hpp"

namespace persona4rec {
namespace {

constexpr std::uint64_t RerankReport::* kCounts[] = {&RerankReport::lists,
                                                     &RerankReport::candidates,
                                                     &RerankReport::padding,
                                                     &RerankReport::lists_without_scores,
                                                     &RerankReport::users_unknown,
                                                     &RerankReport::users_without_personas,
                                                     &RerankReport::users_without_words,
                                                     &RerankReport::items_unknown,
                                                     &RerankReport::items_without_personas,
                                                     &RerankReport::items_without_words};

void count(const ListScores& scores, RerankReport& report) {
  ++report.lists;
  report.lists_without_scores += scores.base_from_ranks ? 1 : 0;
  const bool words_on = scores.channels[kWordsChannel].on;
  const bool dense_on = scores.channels[kPersonaChannel].on || scores.channels[kHeadChannel].on;
  report.users_without_personas += dense_on && !scores.has_profile ? 1 : 0;
  report.users_without_words += words_on && !scores.has_words ? 1 : 0;
  report.users_unknown += scores.has_profile || scores.has_words ? 0 : 1;
  report.items_unknown += scores.items_unknown;
  for (std::size_t i = 0; i < scores.fixed.size(); ++i) {
    if (scores.fixed[i] != 0) {
      ++report.padding;
      continue;
    }
    ++report.candidates;
    report.items_without_personas += scores.has_profile && scores.persona[i] == kNoPersona ? 1 : 0;
    report.items_without_words +=
        words_on && scores.has_words && std::isnan(scores.channels[kWordsChannel].value[i]) ? 1 : 0;
  }
}

Scoring registered_scoring(const RerankOptions& options, const ScoringOptions& scoring_options,
                           const ServingCache& cache, Provenance& provenance) {
  register_cache(cache, options, provenance);
  return resolve_scoring(scoring_options, cache);
}

}  // namespace

Serving::Serving(const RerankOptions& options, const ScoringOptions& scoring_options, Provenance& provenance)
    : cache(options.cache, options.world), scoring(registered_scoring(options, scoring_options, cache, provenance)) {
  cache.store_vectors(options.vectors, scoring.weights);
}

void RerankedLists::clear() {
  text.clear();
  entries.clear();
  counts = {};
}

ListReranker::ListReranker(std::string file, const RerankerOptions& options)
    : options_(options), reader_(std::move(file), {.scores = true}) {}

void ListReranker::use(const std::shared_ptr<const Serving>& serving) {
  if (serving_ == serving) return;
  scorer_ = std::make_unique<Scorer>(serving->cache, serving->scoring.weights, serving->scoring.alpha);
  serving_ = serving;
}

void ListReranker::rerank(const LineBlock& block, const std::shared_ptr<const Serving>& serving, RerankedLists& out) {
  use(serving);
  std::uint64_t bad_rows = 0;
  reader_.read(block, {.take = [&](const PlainList& list, std::uint64_t line) { rerank(list, line, out); },
                       .refuse =
                           [&](const Error& error) {
                             refuse(error, out);
                             return ++bad_rows <= options_.max_bad_rows;
                           }});
}

void ListReranker::rerank(const CandidateRow& list, std::uint64_t line, const std::shared_ptr<const Serving>& serving,
                          RerankedLists& out) {
  use(serving);
  view_list(list, view_);
  rerank(view_, line, out);
}

void ListReranker::rerank(const PlainList& list, std::uint64_t line, RerankedLists& out) {
  const double begun = steady_seconds();
  RerankedEntry& entry = out.entries.emplace_back();
  entry.line = line;
  entry.text_begin = out.text.size();
  entry.user = UserId(std::string(list.user), list.user_is_integer);
  const ListScores& scores = scorer_->score(list);
  count(scores, out.counts);
  reranked_row(list, scores, serving_->cache, row_);
  append_reranked(out.text, row_, options_.format);
  entry.user_known = scores.user.has_value();
  entry.candidates = list.items.size();
  entry.items_unknown = scores.items_unknown;
  entry.seconds = steady_seconds() - begun;
}

// Who sends a line gets a line, whatever becomes of it.
void ListReranker::refuse(const Error& error, RerankedLists& out) const {
  RerankedEntry& entry = out.entries.emplace_back();
  entry.text_begin = out.text.size();
  entry.error = std::make_exception_ptr(error);
  if (!options_.answers_errors) return;
  append_json(out.text += "{\"error\":", std::string_view(error.what()));
  out.text += "}\n";
}

void add_counts(const RerankReport& part, RerankReport& sum) {
  for (const auto count : kCounts) sum.*count += part.*count;
}

}  // namespace persona4rec
