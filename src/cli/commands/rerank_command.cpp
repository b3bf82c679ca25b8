#include <CLI/CLI.hpp>
#include <algorithm>
#include <optional>
#include <set>

#include "base/format.hpp"
#include "base/stop.hpp"
#include "cli/command_table.hpp"
#include "cli/console.hpp"
#include "cli/flags/dataset.hpp"
#include "cli/flags/list_formats.hpp"
#include "cli/flags/paths.hpp"
#include "cli/flags/run.hpp"
#include "cli/flags/split.hpp"
#include "cli/flags/values.hpp"
#include "matching/weights_json.hpp"
#include "persona4rec/error.hpp"
#include "persona4rec/explain.hpp"
#include "persona4rec/rerank.hpp"

namespace persona4rec {
namespace {

std::string weights_note(const RerankReport& report) {
  std::string note = "weights (" + report.weights_from + ")";
  for (const auto& [name, weight] : kWeightNames) {
    note += std::string(" ") + name + " " + number_flag::text_of(report.weights.*weight);
  }
  return note;
}

std::vector<std::string> parts_of(const std::string& list) {
  std::vector<std::string> parts;
  for (std::size_t begin = 0; begin <= list.size();) {
    const auto end = std::min(list.find(',', begin), list.size());
    parts.push_back(list.substr(begin, end - begin));
    begin = end + 1;
  }
  return parts;
}

// "words=.75,head=1": the list's own score counts 1 and every other channel nothing unless it is named.
FusionWeights named_weights(const std::vector<std::string>& parts) {
  FusionWeights weights{.base = 1, .words = 0, .persona = 0, .head = 0, .persona_words = 0};
  std::set<std::string> seen;
  for (const auto& part : parts) {
    const auto equals = std::min(part.find('='), part.size());
    const auto name = part.substr(0, equals);
    const auto known =
        std::ranges::find(kWeightNames, name, [](const auto& entry) { return std::string(entry.first); });
    if (known == kWeightNames.end() || equals == part.size()) {
      throw usage_error("--weights: expected NAME=X with a NAME of base, words, persona_words, persona, head, got \"" +
                        part + "\"");
    }
    if (!seen.insert(name).second) throw usage_error("--weights: " + name + " stands there twice");
    weights.*(known->second) = number_flag::parse<double>("--weights", part.substr(equals + 1), {.min = 0});
  }
  return weights;
}

std::string share_text(std::uint64_t part, std::uint64_t whole) {
  return whole == 0 ? "0 %" : fixed_text(100.0 * static_cast<double>(part) / static_cast<double>(whole), 1) + " %";
}

// "1,024 lists answered, p50 0.031 ms, p99 0.084 ms, unknown users 1.2 %, unknown items 0.4 %, cache built 5 min ago"
std::string serving_text(const ServingReport& report) {
  return with_commas(report.lists) + " lists answered, p50 " + fixed_text(report.p50_s * 1e3, 3) + " ms, p99 " +
         fixed_text(report.p99_s * 1e3, 3) + " ms, unknown users " + share_text(report.users_unknown, report.lists) +
         ", unknown items " + share_text(report.items_unknown, report.candidates) + ", cache built " +
         duration_text(report.cache_age_s) + " ago";
}

class RerankCommand final : public Command {
 public:
  RerankCommand()
      : Command({.stage = 8,
                 .name = "rerank",
                 .summary = "Reorder candidate lists by what users and items are like.",
                 .reads = "cache/, candidate.jsonl",
                 .writes = "reranked.jsonl",
                 .needs = "-",
                 .example = "persona4rec rerank --workspace runs/amazon --candidates candidate.jsonl",
                 .notes =
                     "With --candidates - every line of stdin is answered by a line on stdout at once; with\n"
                     "--max-bad-rows a line that cannot be used by {\"error\": ...}. SIGHUP then makes it take a\n"
                     "cache that was built meanwhile, SIGUSR1 makes it say how many lists it has answered and how\n"
                     "fast, as it does at the end.\n"
                     "--explain and --explain-json print why a user's list looks as it does; they write no file."}) {}

  void add_flags(CLI::App& app) override {
    cache_.add(app);
    candidates_.add(app, "--candidates", "Lists: JSON Lines, CSV, TSV, JSON (ranx) or a TREC run, .gz too; - is stdin");
    reranked_.add_as_output(app);
    world_.add(app);
    add_choice<ListFormat>(app, "--format", options_.format, list_format_choices(),
                           "How the lists are written; auto looks at the first line or object")
        ->group("Inputs and outputs");
    add_choice<ListOutput>(
        app, "--output-format", options_.output_format, list_output_choices(),
        "How lists are written; auto goes by the name's ending: .csv, .tsv, .jsonl, .trec, .run, else "
        "JSON Lines (--trec: a run); .gz behind it packs them")
        ->group("Inputs and outputs");
    add_scoring_flags(app);
    add_tuning_flags(app);
    add_explain_flags(app);
    bad_rows_.add(app);
    threads_.add(app);
    force_.add(app);
  }

  void run(const CommandContext& context) override {
    prepare_options(context);
    if (!explain_.empty() || !explain_json_.empty()) return print_explanation(context);
    if (options_.candidates == "-") install_reload_signal();
    options_.on_serving = [](const ServingReport& report) { print_message("rerank: " + serving_text(report)); };
    const RerankReport report = rerank(options_);
    summarize(context, report);
  }

 private:
  void add_scoring_flags(CLI::App& app) {
    const char* group = "Scoring";
    add_number(app, "--alpha", options_.scoring.alpha, {.min = 0, .max = 1},
               "Share of the best persona in an item's score [default: that of tuned weights, else of the head's "
               "training, else 0.85]")
        ->group(group);
    app.add_option("--weights", weights_,
                   "base,words,persona[,head], or by name (words=0.75,persona_words=0.5,head=0.75; base is 1 and the "
                   "others 0 unless named), or tuned: what --tune stored [default: chosen by `train` for the lists' "
                   "first stage, else 1,0.75,0,0.75 with a head and 1,0.75,0.25 without]")
        ->type_name("X,X,X[,X]|NAME=X,..|tuned")
        ->group(group);
    app.add_option(
           "--made-by", options_.scoring.first_stage,
           "Recommender that made the lists, whose weights are to be taken [default: what their meta file says]")
        ->type_name("NAME")
        ->group(group);
    add_choice<VectorStorage>(
        app, "--vectors", options_.vectors,
        {{"mapped", VectorStorage::kMapped}, {"memory", VectorStorage::kMemory}, {"8bit", VectorStorage::kEightBits}},
        "Where the personas' vectors are: in the cache's files, copied into memory at the start "
        "(shorter waits, the same scores), or that in 8 bits (half the memory, scores differ in "
        "the third digit)")
        ->group(group);
    app.add_flag("--no-words", options_.scoring.no_words, "Leave both word channels out")->group(group);
    app.add_flag("--persona-only", options_.scoring.persona_only, "Order by the persona score alone")->group(group);
  }

  void add_tuning_flags(CLI::App& app) {
    const char* group = "Tuning";
    app.add_flag("--tune", options_.tune, "Choose the weights on world valid, over the whole range")->group(group);
    valid_candidates_.add(app);
    targets_.add(app);
  }

  void add_explain_flags(CLI::App& app) {
    const char* group = "Explanation";
    app.add_option("--explain", explain_, "Print why this user's N best stand where they do")
        ->type_name("USER[:N]")
        ->group(group);
    app.add_option("--explain-json", explain_json_, "The same as JSON")->type_name("USER[:N]")->group(group);
    add_number(app, "--explain-reviews", what_.reviews, {}, "Reviews shown of a persona, and of the user")
        ->group(group);
    history_.add(app);
    persona_with_summary_.add(app);
    summary_.add(app);
  }

  void prepare_options(const CommandContext& context) {
    const Workspace& workspace = context.workspace;
    options_.cache = cache_.in(workspace);
    options_.world = world_.value;
    options_.candidates = candidates_.given() ? candidates_.in(workspace) : workspace.candidates(world_.value);
    const bool stream = options_.candidates == "-" && !reranked_.given();
    options_.output = stream ? std::filesystem::path("-") : reranked_.in(workspace);
    options_.valid_candidates = valid_candidates_.in(workspace);
    options_.targets = targets_.in(workspace);
    options_.stands_on = {{"3.5_history", history_.in(workspace)},
                          {"3.5_persona_with_summary", persona_with_summary_.in(workspace)},
                          {"trained_encoder", workspace.encoder()}};
    options_.max_bad_rows = bad_rows_.value;
    options_.threads = threads_.value;
    options_.force = force_.value;
    options_.progress = context.progress;
    read_weights();
  }

  void read_weights() {
    options_.scoring.tuned = weights_ == "tuned";
    if (weights_.empty() || options_.scoring.tuned) return;
    const auto parts = parts_of(weights_);
    options_.scoring.weights.clear();
    if (weights_.find('=') != std::string::npos) {
      options_.scoring.named_weights = named_weights(parts);
      return;
    }
    for (const auto& part : parts) {
      options_.scoring.weights.push_back(number_flag::parse<double>("--weights", part, {.min = 0}));
    }
  }

  void print_explanation(const CommandContext& context) {
    const bool as_json = !explain_json_.empty();
    const std::string& text = as_json ? explain_json_ : explain_;
    const auto colon = text.rfind(':');
    const bool counted = colon != std::string::npos && colon + 1 < text.size() &&
                         text.find_first_not_of("0123456789", colon + 1) == std::string::npos;
    what_.user = UserId(counted ? text.substr(0, colon) : text);
    if (counted) what_.count = number_flag::parse<std::size_t>("--explain", text.substr(colon + 1), {.min = 1});
    what_.history = history_.in(context.workspace);
    what_.persona_with_summary = persona_with_summary_.in(context.workspace);
    what_.summary = summary_.in(context.workspace);
    what_.time = time_format(context);
    const Json explanation = explain(options_, what_);
    print_result(as_json ? explanation.dump(2) + "\n" : explanation_text(explanation));
  }

  void summarize(const CommandContext& context, const RerankReport& report) const {
    StageSummary summary{.counts = {{"lists", report.lists},
                                    {"candidates", report.candidates},
                                    {"padding", report.padding},
                                    {"lists without scores", report.lists_without_scores},
                                    {"users in candidate order", report.users_unknown},
                                    {"users without words", report.users_without_words},
                                    {"unknown candidates", report.items_unknown},
                                    {"candidates without personas", report.items_without_personas},
                                    {"candidates without words", report.items_without_words},
                                    {"bad rows skipped", report.bad_rows}},
                         .wrote = {options_.output},
                         .note = weights_note(report)};
    if (report.tuned) {
      summary.note += ", valid NDCG@10 " + fixed_text(report.tuned->ndcg, 4) + ", of the default weights " +
                      fixed_text(report.tuned->default_ndcg, 4);
      summary.counts.insert(summary.counts.begin(), {"lists tuned on", report.tuned->lists});
      summary.counts.insert(summary.counts.begin() + 1,
                            {"valid lists without their target", report.tuned->target_missing});
    }
    if (options_.candidates == "-") summary.note += "; " + serving_text(report.serving);
    context.summary(summary);
  }

  RerankOptions options_;  // its defaults are the flags' defaults
  ExplainOptions what_;
  std::string weights_;
  std::string explain_;
  std::string explain_json_;
  ArtifactFlag cache_ = cache_flag();
  WorkspacePath candidates_{[](const Workspace& workspace) { return workspace.root / "candidate.<world>.jsonl"; }};
  ArtifactFlag reranked_ = reranked_flag();
  ArtifactFlag valid_candidates_ = valid_candidates_flag();
  ArtifactFlag targets_ = targets_flag();
  ArtifactFlag history_ = history_flag();
  ArtifactFlag persona_with_summary_ = persona_with_summary_flag();
  ArtifactFlag summary_ = summary_flag();
  WorldFlag world_;
  BadRowsFlag bad_rows_;
  ThreadsFlag threads_;
  ForceFlag force_;
};

}  // namespace

std::unique_ptr<Command> make_rerank_command() {
  return std::make_unique<RerankCommand>();
}

}  // namespace persona4rec
