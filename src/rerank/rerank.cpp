#include "persona4rec/rerank.hpp"

#include <cmath>
#include <functional>
#include <memory>
#include <unordered_set>

#include "base/clock.hpp"
#include "base/log.hpp"
#include "base/stop.hpp"
#include "io/lists/candidate_lists.hpp"
#include "io/lists/list_writer.hpp"
#include "io/output_file.hpp"
#include "io/output_target.hpp"
#include "io/provenance.hpp"
#include "matching/weights_json.hpp"
#include "records/row_json.hpp"
#include "rerank/list_inputs.hpp"
#include "rerank/reranked_row.hpp"
#include "rerank/scorer.hpp"
#include "rerank/serving_cache.hpp"
#include "rerank/serving_counters.hpp"
#include "rerank/tune.hpp"
#include "rerank/weights.hpp"

namespace persona4rec {
namespace {

void check_options(const RerankOptions& options) {
  check_scoring(options.scoring);
  if (options.candidates == "-" && options.max_bad_rows > 0 &&
      output_format(options.output, options.output_format, ListOutput::kJsonl) != ListOutput::kJsonl)
    throw usage_error("--max-bad-rows answers bad lines of a stream by JSON: --output-format must be jsonl");
  if (!options.tune) return;
  if (options.valid_candidates.empty() || options.targets.empty()) {
    throw usage_error("--tune needs --valid-candidates and --targets");
  }
  if (options.scoring.persona_only || options.scoring.tuned || options.scoring.has_weights()) {
    throw usage_error("--tune finds the weights: --weights and --persona-only say them");
  }
}

TuneReport run_tuning(const RerankOptions& options) {
  const ServingCache cache(options.cache, World::kValid);
  Provenance provenance("rerank", options.force);
  register_cache(cache, options, provenance);
  const auto report = tune_weights(options, cache, provenance);
  store_tuned_weights(report, options, cache, provenance);
  return report;
}

// A cache and what scores with it; taken anew as a whole.
struct Serving {
  Serving(const RerankOptions& options, const ScoringOptions& scoring_options, Provenance& provenance)
      : cache(options.cache, options.world),
        scoring(registered(options, scoring_options, provenance)),
        scorer(cache, scoring.weights, scoring.alpha) {}

  ServingCache cache;
  Scoring scoring;
  Scorer scorer;

 private:
  Scoring registered(const RerankOptions& options, const ScoringOptions& scoring_options,
                     Provenance& provenance) const {
    register_cache(cache, options, provenance);
    return resolve_scoring(scoring_options, cache);
  }
};

class Reranking {
 public:
  explicit Reranking(const RerankOptions& options)
      : options_(options),
        output_(options.output),
        format_(output_format(options.output, options.output_format, ListOutput::kJsonl)),
        provenance_("rerank", options.force),
        counters_(options.cache, streaming() ? options.on_serving : nullptr) {}

  RerankReport run() {
    auto scoring = options_.scoring;
    if (scoring.first_stage.empty()) scoring.first_stage = first_stage_of(options_.candidates);
    if (options_.tune) {
      report_.tuned = run_tuning(options_);
      scoring.tuned = true;
    }
    serving_ = std::make_unique<Serving>(options_, scoring, provenance_);
    (void)register_lists(options_.candidates, options_.world, options_.force, provenance_);
    report_.weights = serving_->scoring.weights;
    report_.weights_from = serving_->scoring.from;
    report_.alpha = serving_->scoring.alpha;
    report_.has_head = serving_->cache.has_head();
    output_.write(reranked_header(format_));
    rerank_lists(scoring);
    report_.serving = counters_.report();
    finish();
    return report_;
  }

 private:
  void rerank_lists(const ScoringOptions& scoring) {
    lists_ = open_candidate_lists(options_.candidates, {.format = options_.format,
                                                        .max_bad_rows = options_.max_bad_rows,
                                                        .streaming = streaming(),
                                                        .on_bad_row = bad_row_answer()});
    for (CandidateRow list; lists_->next(list); list = {}) {
      if (streaming() && take_reload_request()) reload(scoring);
      if (!streaming()) check_new(list.user_id);
      const double begun = streaming() ? steady_seconds() : 0;
      const ListScores& scores = serving_->scorer.score(list);
      count(scores);
      write(reranked_row(list, scores, serving_->cache));
      if (streaming()) {  // before the answer is sent: who has it finds it counted
        counters_.add(steady_seconds() - begun, scores.user.has_value(), list.results.size(), scores.items_unknown);
      }
      if (!lists_->ready()) output_.flush();
      if (options_.progress) options_.progress({.what = "lists reranked", .done = report_.lists});
    }
  }

  void write(const RerankedRow& row) {
    text_.clear();
    append_reranked(text_, row, format_);
    output_.write(text_);
  }

  [[nodiscard]] bool streaming() const { return options_.candidates == "-"; }

  // Who sends a line gets a line, whatever becomes of it.
  std::function<void(const Error&)> bad_row_answer() {
    if (!streaming() || format_ != ListOutput::kJsonl) return {};
    return [this](const Error& error) {
      output_.write_row({{"error", error.what()}});
      if (!lists_->ready()) output_.flush();
    };
  }

  // Takes the cache as it is now; one that cannot be used leaves the old one in place.
  void reload(const ScoringOptions& scoring) {
    try {
      Provenance fresh("rerank", options_.force);
      serving_ = std::make_unique<Serving>(options_, scoring, fresh);
      ++report_.reloads;
      log_info("took the cache " + options_.cache.string() + " anew");
    } catch (const Error& error) {
      log_warning(std::string("goes on with the cache from before: ") + error.what());
    }
  }

  // A service on stdin may ask for a user again; in a file it is a mistake.
  void check_new(const UserId& user) {
    if (!seen_.insert(std::hash<UserId>{}(user)).second) {
      const auto place = lists_->place();
      throw input_error({place.file, place.line, "user_id"}, "the user \"" + user.text() + "\" has a line already");
    }
  }

  void count(const ListScores& scores) {
    ++report_.lists;
    known_users_ += scores.user ? 1 : 0;
    report_.lists_without_scores += scores.base_from_ranks ? 1 : 0;
    const bool words_on = scores.channels[kWordsChannel].on;
    const bool dense_on = scores.channels[kPersonaChannel].on || scores.channels[kHeadChannel].on;
    report_.users_without_personas += dense_on && !scores.has_profile ? 1 : 0;
    report_.users_without_words += words_on && !scores.has_words ? 1 : 0;
    report_.users_unknown += scores.has_profile || scores.has_words ? 0 : 1;
    report_.items_unknown += scores.items_unknown;
    for (std::size_t i = 0; i < scores.fixed.size(); ++i) {
      if (scores.fixed[i] != 0) {
        ++report_.padding;
        continue;
      }
      ++report_.candidates;
      report_.items_without_personas += scores.has_profile && scores.persona[i] == kNoPersona ? 1 : 0;
      report_.items_without_words +=
          words_on && scores.has_words && std::isnan(scores.channels[kWordsChannel].value[i]) ? 1 : 0;
    }
  }

  // Lists of another dataset: nothing in them was reordered. A stream's were answered all the same.
  void check_usefulness() const {
    std::string problem;
    if (report_.lists == 0) {
      problem = "holds no list that can be used";
    } else if (known_users_ == 0) {
      problem =
          "has no user that " + options_.cache.string() + " knows, in " + std::to_string(report_.lists) + " lists";
    } else if (report_.candidates > 0 && report_.items_unknown == report_.candidates) {
      problem =
          "has no item that " + options_.cache.string() + " knows, in " + std::to_string(report_.lists) + " lists";
    }
    if (problem.empty()) return;
    if (!streaming()) throw input_error({.file = options_.candidates.string()}, problem);
    log_warning("<stdin>: " + problem);
  }

  void finish() {
    check_usefulness();
    report_.bad_rows = lists_->bad_rows();
    if (options_.candidates == "-") {
      provenance_.input_value("candidates", lists_->sha256());
    } else {
      provenance_.input("candidates", options_.candidates, lists_->sha256());
    }
    const auto sha256 = output_.commit();
    if (is_stream(options_.output)) return;
    provenance_.option("for", to_string(options_.world));
    if (format_ != ListOutput::kJsonl) provenance_.option("output_format", to_string(format_));
    provenance_.option("alpha", report_.alpha);
    provenance_.option("weights", to_json(report_.weights));
    provenance_.option("weights_from", report_.weights_from);
    provenance_.option("persona_only", options_.scoring.persona_only);
    for (const auto& [name, value] : std::initializer_list<std::pair<const char*, std::uint64_t>>{
             {"lists", report_.lists},
             {"candidates", report_.candidates},
             {"padding", report_.padding},
             {"lists_without_scores", report_.lists_without_scores},
             {"users_unknown", report_.users_unknown},
             {"users_without_personas", report_.users_without_personas},
             {"users_without_words", report_.users_without_words},
             {"items_unknown", report_.items_unknown},
             {"items_without_personas", report_.items_without_personas},
             {"items_without_words", report_.items_without_words},
             {"bad_rows", report_.bad_rows}}) {
      provenance_.count(name, value);
    }
    provenance_.write(options_.output, "reranked", sha256, report_.lists);
  }

  const RerankOptions& options_;
  OutputFile output_;
  ListOutput format_;
  std::string text_;  // of the list written last
  Provenance provenance_;
  ServingCounters counters_;
  RerankReport report_;
  std::unique_ptr<Serving> serving_;
  std::unique_ptr<CandidateLists> lists_;
  std::unordered_set<std::size_t> seen_;
  std::uint64_t known_users_ = 0;
};

}  // namespace

RerankReport rerank(const RerankOptions& options) {
  check_options(options);
  return Reranking(options).run();
}

}  // namespace persona4rec
