#include "persona4rec/rerank.hpp"

#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_set>

#include "base/bulk/ordered_units.hpp"
#include "base/log.hpp"
#include "base/stop.hpp"
#include "io/lists/candidate_lists.hpp"
#include "io/lists/list_writer.hpp"
#include "io/output_file.hpp"
#include "io/output_target.hpp"
#include "io/provenance.hpp"
#include "matching/weights_json.hpp"
#include "rerank/list_inputs.hpp"
#include "rerank/list_reranker.hpp"
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

// Lines that are reranked by one thread.
struct RerankedBlock {
  LineBlock block;
  std::shared_ptr<const Serving> serving;
  RerankedLists lists;
};

class Reranking {
 public:
  explicit Reranking(const RerankOptions& options)
      : options_(options),
        output_(options.output),
        format_(output_format(options.output, options.output_format, ListOutput::kJsonl)),
        provenance_("rerank", options.force),
        counters_(options.cache, streaming() ? options.on_serving : nullptr) {
    if (!is_hashed()) output_.forgo_hash();
  }

  RerankReport run() {
    auto scoring = options_.scoring;
    if (scoring.first_stage.empty()) scoring.first_stage = first_stage_of(options_.candidates);
    if (options_.tune) {
      report_.tuned = run_tuning(options_);
      scoring.tuned = true;
    }
    serving_ = std::make_shared<const Serving>(options_, scoring, provenance_);
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
    if (LineSource* lines = lists_->lines(); lines != nullptr) return rerank_blocks(*lines, scoring);
    ListReranker reranker(lists_->place().file, reranker_options());
    RerankedLists out;
    for (CandidateRow list; lists_->next(list); list = {}) {
      if (streaming() && take_reload_request()) reload(scoring);
      out.clear();
      reranker.rerank(list, lists_->place().line, serving_, out);
      give(out);
      if (!lists_->ready()) output_.flush();
    }
    bad_rows_ = lists_->bad_rows();
    sha256_ = lists_->sha256();
  }

  // Each line of a stream is taken as soon as it is there, with those that stand behind it already.
  void rerank_blocks(LineSource& lines, const ScoringOptions& scoring) {
    const auto make_worker = [&] {
      const auto reranker = std::make_shared<ListReranker>(lines.name(), reranker_options());
      return [reranker](RerankedBlock& unit) {
        unit.lists.clear();
        reranker->rerank(unit.block, unit.serving, unit.lists);
      };
    };
    OrderedUnits<RerankedBlock>({.take =
                                     [&](RerankedBlock& unit) {
                                       if (!lines.next_block(unit.block)) return false;
                                       if (streaming() && take_reload_request()) reload(scoring);
                                       unit.serving = serving_;
                                       return true;
                                     },
                                 .make_worker = make_worker,
                                 .give =
                                     [&](RerankedBlock& unit) {
                                       if (is_hashed()) lines.hash(unit.block);
                                       give(unit.lists);
                                     },
                                 .idle =
                                     [&] {
                                       if (answers_at_once()) output_.flush();
                                     },
                                 .would_wait = [&] { return streaming() && lines.would_wait(); },
                                 .give_up = [&] { lines.stop(); }},
                                options_.threads)
        .run();
    if (report_.lists + bad_rows_ == 0) throw empty_file_error({.file = lines.name()});
    if (is_hashed()) sha256_ = lines.sha256();
  }

  [[nodiscard]] RerankerOptions reranker_options() const {
    return {.format = format_, .answers_errors = answers_errors(), .max_bad_rows = options_.max_bad_rows};
  }

  // Writes what was reranked, up to a row that ends the run.
  void give(const RerankedLists& lists) {
    for (const auto& entry : lists.entries) {
      try {
        check(entry);
      } catch (...) {
        output_.write(std::string_view(lists.text).substr(0, entry.text_begin));
        if (answers_at_once()) output_.flush();  // who sent the lines before has his answers
        throw;
      }
    }
    add_counts(lists.counts, report_);
    output_.write(lists.text);
    if (options_.progress) options_.progress({.what = "lists reranked", .done = report_.lists});
  }

  void check(const RerankedEntry& entry) {
    if (entry.error) {
      if (bad_rows_ >= options_.max_bad_rows) std::rethrow_exception(entry.error);
      ++bad_rows_;
      return;
    }
    if (!streaming()) check_new(entry);
    known_users_ += entry.user_known ? 1 : 0;
    // Before the answer is sent: who has it finds it counted.
    if (streaming()) counters_.add(entry.seconds, entry.user_known, entry.candidates, entry.items_unknown);
  }

  [[nodiscard]] bool streaming() const { return options_.candidates == "-"; }
  // From a stream to a stream there is no meta file that would say the hashes.
  [[nodiscard]] bool is_hashed() const { return !streaming() || !is_stream(options_.output); }
  // A file is packed and written in pieces that do not depend on when lines came.
  [[nodiscard]] bool answers_at_once() const { return streaming() || is_stream(options_.output); }
  [[nodiscard]] bool answers_errors() const { return streaming() && format_ == ListOutput::kJsonl; }

  // Of rows that a CandidateLists passes over.
  std::function<void(const Error&)> bad_row_answer() {
    if (!answers_errors()) return {};
    return [this](const Error& error) {
      output_.write_row({{"error", error.what()}});
      if (!lists_->ready()) output_.flush();
    };
  }

  // Takes the cache as it is now; one that cannot be used leaves the old one in place.
  void reload(const ScoringOptions& scoring) {
    try {
      Provenance fresh("rerank", options_.force);
      serving_ = std::make_shared<const Serving>(options_, scoring, fresh);
      ++report_.reloads;
      log_info("took the cache " + options_.cache.string() + " anew");
    } catch (const Error& error) {
      log_warning(std::string("goes on with the cache from before: ") + error.what());
    }
  }

  // A service on stdin may ask for a user again; in a file it is a mistake.
  void check_new(const RerankedEntry& entry) {
    if (seen_.insert(std::hash<UserId>{}(entry.user)).second) return;
    throw input_error({options_.candidates.string(), entry.line, "user_id"},
                      "the user \"" + entry.user.text() + "\" has a line already");
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
    report_.bad_rows = bad_rows_;
    if (options_.candidates == "-") {
      provenance_.input_value("candidates", sha256_);
    } else {
      provenance_.input("candidates", options_.candidates, sha256_);
    }
    const auto sha256 = output_.commit();
    if (is_stream(options_.output)) return;
    provenance_.option("for", to_string(options_.world));
    if (format_ != ListOutput::kJsonl) provenance_.option("output_format", to_string(format_));
    provenance_.option("alpha", report_.alpha);
    provenance_.option("weights", to_json(report_.weights));
    provenance_.option("weights_from", report_.weights_from);
    provenance_.option("persona_only", options_.scoring.persona_only);
    if (options_.vectors == VectorStorage::kEightBits) provenance_.option("vectors", "8bit");
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
  Provenance provenance_;
  ServingCounters counters_;
  RerankReport report_;
  std::shared_ptr<const Serving> serving_;
  std::unique_ptr<CandidateLists> lists_;
  std::unordered_set<std::size_t> seen_;
  std::uint64_t known_users_ = 0;
  std::uint64_t bad_rows_ = 0;
  std::string sha256_;  // of the lists
};

}  // namespace

RerankReport rerank(const RerankOptions& options) {
  check_options(options);
  return Reranking(options).run();
}

}  // namespace persona4rec
