#include <CLI/CLI.hpp>
#include <sstream>

#include "cli/command_table.hpp"
#include "cli/console.hpp"
#include "cli/flags/dataset.hpp"
#include "cli/flags/gates.hpp"
#include "cli/flags/list_formats.hpp"
#include "cli/flags/paths.hpp"
#include "cli/flags/run.hpp"
#include "cli/flags/split.hpp"
#include "cli/flags/values.hpp"
#include "cli/report/report_page.hpp"
#include "persona4rec/error.hpp"
#include "persona4rec/eval.hpp"

namespace persona4rec {
namespace {

constexpr const char* kFilesGroup = "Inputs and outputs";

std::optional<std::filesystem::path> if_given(const std::filesystem::path& path) {
  return path.empty() ? std::nullopt : std::optional(path);
}

class EvalCommand final : public Command {
 public:
  EvalCommand()
      : Command({.stage = 9,
                 .name = "eval",
                 .summary = "Judge candidate lists against what users took next, one file or several side by side.",
                 .reads = "reranked.jsonl (or any candidate file), 3.5_gt.jsonl",
                 .writes =
                     "a table on stdout; a page (HTML), JSON, per-user values, verdicts, TREC run and qrels where "
                     "asked for",
                 .needs = "-",
                 .example = "persona4rec eval candidate.test.jsonl reranked.jsonl --ground-truth 3.5_gt.jsonl",
                 .notes =
                     "Lists: candidate.jsonl, reranked.jsonl, CSV, JSON maps, TREC runs. Ground truth: 3.5_gt, "
                     "3.5_targets, "
                     "qrels.\nThe order of a list rules, not its scores; a TREC run is ordered by score,\nties by item "
                     "name as in trec_eval.\n"
                     "Differences are against the first file, over the users that both evaluate; \"--\" is "
                     "undefined.\nMetrics: " +
                     metric_names() +
                     ".\n"
                     "Gates: exit code 5 where one fails (docs/ci.md says what the verdicts mean).\n"
                     "With --report and without files, candidate.<world>.jsonl is judged before reranked.jsonl,\n"
                     "which is compared with it; docs/report.md says what the page shows."}) {}

  void add_flags(CLI::App& app) override {
    app.add_option("files", files_, "Lists to judge, the first is what the others are compared with; - is stdin")
        ->type_name("FILE..")
        ->default_str("<workspace>/reranked.jsonl")
        ->group(kFilesGroup);
    add_path(app, "--candidates", candidates_,
             "Lists to judge too, before the others, as the published code names them");
    app.get_option("--candidates")->configurable(false);  // a config's is that of rerank
    ground_truth_.add(app);
    add_path(app, "--review", review_, "Adds warm and cold users, head and tail items by the reviews of this file");
    add_path(app, "--baseline", baseline_,
             "What the lists are compared with: lists, a --json report with --json-users, or a --per-user file");
    add_path(app, "-o,--json,--output", json_, "Writes the report for programs; - is stdout, instead of the table");
    add_path(app, "--report", report_, "Writes a page to look at, one HTML file; - is stdout, instead of the table");
    app.add_flag("--json-users", options_.json_users, "Adds every user's values to --json, for a later --baseline")
        ->group(kFilesGroup);
    add_path(app, "--per-user", per_user_, "Writes every user's values, JSON Lines; a later --baseline too");
    add_path(app, "--junit", junit_, "Writes the gates' verdicts as JUnit XML");
    add_path(app, "--markdown", markdown_, "Writes the gates' verdicts as a Markdown table");
    add_path(app, "--trec", trec_, "Writes the lists (of one file) as a TREC run, or as --output-format says");
    add_path(app, "--qrels", qrels_, "Writes the ground truth as TREC qrels");
    add_format_flags(app);
    add_metric_flags(app);
    add_bootstrap_flags(app);
    gates_.add(app);
    world_.add(app);
    threads_.add(app);
    force_.add(app);
    bad_rows_.add(app);
  }

  void run(const CommandContext& context) override {
    const EvalOptions options = this->options(context);
    if (report_ == "-" && takes_stdout(options)) {
      throw usage_error("--report and " + std::string(options.json == "-" ? "--json" : "another output") +
                        " cannot both be stdout");
    }
    std::optional<ReportFile> page;
    if (!report_.empty()) page.emplace(report_);
    const EvalReport report = evaluate(options);
    if (page) page->write(report, options, context.workspace, time_format(context));
    context.summary(summary_of(report, options));
    if (!takes_stdout(options) && report_ != "-") {
      print_result(eval_table(report) + (report.gates.empty() ? "" : "\n" + gate_table(report)));
    }
    if (const auto broken = broken_gates(report, options.strict); broken > 0) {
      throw Error(ErrorKind::kGate, std::to_string(broken) + " of " + std::to_string(report.gates.size()) +
                                        (report.gates.size() == 1 ? " gate" : " gates") +
                                        (options.strict ? " failed or inconclusive (--strict)" : " failed"));
    }
  }

 private:
  // The table gives way to an output that goes where it would.
  static bool takes_stdout(const EvalOptions& options) {
    return options.json == "-" || options.per_user == "-" || options.junit == "-" || options.markdown == "-" ||
           options.trec == "-" || options.qrels == "-";
  }

  static void add_path(CLI::App& app, const std::string& flag, std::filesystem::path& path, const std::string& what) {
    app.add_option(flag, path, what)->type_name("PATH")->default_str("")->group(kFilesGroup);
  }

  void add_format_flags(CLI::App& app) {
    add_choice<ListFormat>(app, "--format", options_.candidate_format, list_format_choices(),
                           "How the lists are written; auto looks at the first line or object")
        ->group(kFilesGroup);
    add_choice<ListFormat>(app, "--truth-format", options_.truth_format, list_format_choices(),
                           "How the ground truth is written")
        ->group(kFilesGroup);
    add_choice<ListOutput>(
        app, "--output-format", options_.output_format, list_output_choices(),
        "How lists are written; auto goes by the name's ending: .csv, .tsv, .jsonl, .trec, .run, else "
        "JSON Lines (--trec: a run); .gz behind it packs them")
        ->group(kFilesGroup);
    const auto set_names = [this](const std::string& text) {
      options_.names.clear();
      std::istringstream parts(text);
      for (std::string name; std::getline(parts, name, ',');) options_.names.push_back(name);
    };
    app.add_option_function<std::string>("--names", set_names,
                                         "What the files are called in the table: base,words,both")
        ->type_name("NAME,..")
        ->group(kFilesGroup);
  }

  void add_metric_flags(CLI::App& app) {
    const char* group = "Metrics";
    app.add_option("--metrics", options_.metrics,
                   "Which metrics: names, at all --ks or with their own: NDCG,recall@50; those of gates are added")
        ->type_name("NAME,..")
        ->group(group);
    add_numbers(app, "--ks", options_.ks, Range<std::size_t>{.min = 1}, "List lengths of the metrics")->group(group);
    add_choice<MissingLists>(app, "--missing", options_.missing,
                             {{"skip", MissingLists::kSkip}, {"zero", MissingLists::kZero}},
                             "Users with ground truth but without a list: left out, or counted as 0")
        ->group(group);
    app.add_flag("--scenarios", scenarios_, "Adds the slices of --review, by default over <workspace>/1_aspects.jsonl")
        ->group(group);
  }

  void add_bootstrap_flags(CLI::App& app) {
    const char* group = "Intervals of differences";
    add_number(app, "--bootstrap", options_.bootstrap, {}, "Paired resamples of the users; 0 = no intervals")
        ->group(group);
    add_number(app, "--confidence", options_.confidence, {.min = 0.5, .max = 0.9999}, "Of the intervals")->group(group);
    seed_.add(app);
  }

  // A page compares the reranked lists with what they were made of.
  [[nodiscard]] std::vector<std::filesystem::path> default_files(const Workspace& workspace) const {
    const auto candidates = workspace.candidates(world_.value);
    if (report_.empty() || !baseline_.empty() || !std::filesystem::is_regular_file(candidates))
      return {workspace.reranked()};
    return {candidates, workspace.reranked()};
  }

  [[nodiscard]] EvalOptions options(const CommandContext& context) const {
    EvalOptions options = options_;
    options.candidates = files_;
    if (!candidates_.empty()) options.candidates.insert(options.candidates.begin(), candidates_);
    if (options.candidates.empty()) options.candidates = default_files(context.workspace);
    options.ground_truth = ground_truth_.in(context.workspace);
    options.world = world_.value;
    options.review = if_given(review_);
    if (!options.review && scenarios_) options.review = context.workspace.aspects();
    if (context.config.review) {
      options.review_user_field = context.config.review->user;
      options.review_item_field = context.config.review->item;
    }
    options.seed = seed_.value;
    options.threads = threads_.value;
    options.baseline = if_given(baseline_);
    options.gates = gates_.gates(options.ks);
    options.strict = gates_.strict();
    options.hash_lists = !report_.empty();  // the other outputs ask for themselves
    options.json = if_given(json_);
    options.per_user = if_given(per_user_);
    options.junit = if_given(junit_);
    options.markdown = if_given(markdown_);
    options.trec = if_given(trec_);
    options.qrels = if_given(qrels_);
    options.max_bad_rows = bad_rows_.value;
    options.force = force_.value;
    options.progress = context.progress;
    return options;
  }

  [[nodiscard]] StageSummary summary_of(const EvalReport& report, const EvalOptions& options) const {
    StageSummary summary{.counts = {{"users with ground truth", report.users.size()},
                                    {"repeated truth rows", report.truth.repeated_rows},
                                    {"truth rows of other splits", report.truth.other_splits},
                                    {"truth rows not relevant", report.truth.not_relevant}},
                         .wrote = {}};
    EvalFileCounts sum;
    for (const auto& file : report.files) {
      sum.lists += file.counts.lists;
      sum.without_truth += file.counts.without_truth;
      sum.bad_rows += file.counts.bad_rows;
    }
    summary.counts.insert(summary.counts.end(), {{"lists", sum.lists},
                                                 {"lists without ground truth", sum.without_truth},
                                                 {"bad rows skipped", sum.bad_rows + report.truth.bad_rows}});
    for (const auto& path : {if_given(report_), options.json, options.per_user, options.junit, options.markdown,
                             options.trec, options.qrels}) {
      if (path && *path != "-") summary.wrote.push_back(*path);
    }
    return summary;
  }

  EvalOptions options_;
  std::vector<std::filesystem::path> files_;
  std::filesystem::path candidates_;
  ArtifactFlag ground_truth_ = ground_truth_flag();
  std::filesystem::path review_;
  std::filesystem::path baseline_;
  std::filesystem::path json_;
  std::filesystem::path report_;
  std::filesystem::path per_user_;
  std::filesystem::path junit_;
  std::filesystem::path markdown_;
  std::filesystem::path trec_;
  std::filesystem::path qrels_;
  bool scenarios_ = false;
  GateFlags gates_;
  WorldFlag world_;
  SeedFlag seed_;
  ThreadsFlag threads_;
  ForceFlag force_;
  BadRowsFlag bad_rows_;
};

}  // namespace

std::unique_ptr<Command> make_eval_command() {
  return std::make_unique<EvalCommand>();
}

}  // namespace persona4rec
