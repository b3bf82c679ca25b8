#include <CLI/CLI.hpp>

#include "base/format.hpp"
#include "base/log.hpp"
#include "cli/command_table.hpp"
#include "cli/flags/dataset.hpp"
#include "cli/flags/models.hpp"
#include "cli/flags/paths.hpp"
#include "cli/flags/profile.hpp"
#include "cli/flags/run.hpp"
#include "cli/flags/split.hpp"
#include "cli/flags/values.hpp"
#include "persona4rec/candidates.hpp"

namespace persona4rec {
namespace {

std::string choice_line(FirstStageMethod method, const ParameterChoice& choice) {
  const std::string name = to_string(method) + ": ";
  if (choice.lists == 0) return name + "no liked item can be held out, so the fixed settings stay";
  std::string line = name + number_text("lambda %g", choice.lambda);
  if (method == FirstStageMethod::kTextEase) {
    line += choice.alpha > 0 ? number_text(", text-alpha %g", choice.alpha) : ", no text";
  }
  return line + " by folds: " + std::to_string(choice.lists) + " held-out items, " +
         std::to_string(choice.tried.size()) + " settings tried";
}

class CandidatesCommand final : public Command {
 public:
  CandidatesCommand()
      : Command({.stage = 0,
                 .name = "candidates",
                 .summary = "Make a first-stage list for each user from the reviews alone.",
                 .reads = "1_aspects.jsonl",
                 .writes = "candidate.valid.jsonl or candidate.test.jsonl",
                 .needs = "-",
                 .example = "persona4rec candidates --workspace runs/amazon --method ease --for test",
                 .notes = "Every interaction before the world's targets is fitted on; what a user has had is left "
                          "out.\nTies in score go to the more popular item, then by the seed."}) {}

  void add_flags(CLI::App& app) override {
    aspects_.add(app);
    output_.add(app, "-o,--output", "Where the lists go; - is stdout");
    world_.add(app);
    split_.add(app);
    first_stage_.add(app, "--method");
    app.add_flag("!--no-fit", options_.fit_parameters,
                 "ease, text-ease: keep the fixed --lambda and --text-alpha instead of choosing them by folds")
        ->group("Recommender");
    add_number(app, "--topk", options_.topk, {.min = 1}, "Items of a list")->group("Recommender");
    add_choice<ColdCandidates>(
        app, "--cold", cold_,
        {{"added", ColdCandidates::kAdded}, {"alone", ColdCandidates::kAlone}, {"none", ColdCandidates::kNone}},
        "Items that --split cold-items holds out: all of them behind the first stage's, they alone, or not")
        ->group("Recommender");
    words_.add(app);
    threads_.add(app);
    force_.add(app);
    bad_rows_.add(app);
  }

  void run(const CommandContext& context) override {
    const CandidatesOptions options = this->options(context);
    const CandidatesReport report = make_candidates(options);
    const bool to_stdout = options.output == "-";
    if (report.choice) log_info(choice_line(options.first_stage.method, *report.choice));
    context.summary({.counts = {{"users", report.users},
                                {"interactions fitted", report.fitted_interactions},
                                {"users without history", report.users_without_history},
                                {"cold items of each list", report.cold_items},
                                {"short lists", report.short_lists},
                                {"items without users", report.items_without_users},
                                {"items without text", report.items_without_text},
                                {"bad rows skipped", report.bad_rows}},
                     .wrote = to_stdout ? std::vector<std::filesystem::path>{} : std::vector{options.output},
                     .note = to_string(options.first_stage.method) + ", " + to_string(options.world)});
  }

 private:
  [[nodiscard]] CandidatesOptions options(const CommandContext& context) const {
    CandidatesOptions options = options_;
    options.aspects = aspects_.in(context.workspace);
    options.world = world_.value;
    options.output = output_.given() ? output_.in(context.workspace) : context.workspace.candidates(world_.value);
    options.first_stage = first_stage_.options();
    options.first_stage.words = words_.options();
    options.first_stage.threads = threads_.value;
    options.split = split_.options(time_format(context));
    options.cold = cold_;
    options.time = time_format(context);
    options.max_bad_rows = bad_rows_.value;
    options.force = force_.value;
    options.progress = context.progress;
    return options;
  }

  CandidatesOptions options_;  // its defaults are the flags' defaults
  ArtifactFlag aspects_ = aspects_flag();
  WorkspacePath output_{[](const Workspace& workspace) { return workspace.root / "candidate.<world>.jsonl"; }};
  WorldFlag world_;
  ColdCandidates cold_ = ColdCandidates::kAdded;
  SplitFlags split_;
  FirstStageFlags first_stage_;
  WordFlags words_;
  ThreadsFlag threads_;
  ForceFlag force_;
  BadRowsFlag bad_rows_;
};

}  // namespace

std::unique_ptr<Command> make_candidates_command() {
  return std::make_unique<CandidatesCommand>();
}

}  // namespace persona4rec
