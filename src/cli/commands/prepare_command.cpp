#include "cli/command_table.hpp"
#include "cli/flags/dataset.hpp"
#include "cli/flags/paths.hpp"
#include "cli/flags/run.hpp"
#include "cli/flags/split.hpp"
#include "persona4rec/prepare.hpp"

namespace persona4rec {
namespace {

class PrepareCommand final : public Command {
 public:
  PrepareCommand()
      : Command({.stage = 4,
                 .name = "prepare",
                 .summary = "Regroup aspects, summaries and personas into what training and reranking read.",
                 .reads = "1_, 2_, 3_",
                 .writes = "3.5_history, 3.5_history_loo, 3.5_gt, 3.5_targets, 3.5_persona_with_summary",
                 .needs = "-",
                 .example = "persona4rec prepare --config configs/amazon.toml --workspace runs/amazon"}) {}

  void add_flags(CLI::App& app) override {
    for (ArtifactFlag* flag : {&aspects_, &summary_, &personas_}) flag->add(app);
    output_.add(app, "-o,--output", "Folder of the five files");
    for (ArtifactFlag* flag : {&history_, &history_loo_, &ground_truth_, &targets_, &persona_with_summary_}) {
      flag->add(app);
    }
    split_.add(app);
    threads_.add(app);
    force_.add(app);
    bad_rows_.add(app);
  }

  void run(const CommandContext& context) override {
    const PrepareOptions options = this->options(context);
    const PrepareReport report = prepare(options);
    context.summary({.counts = {{"reviews", report.reviews},
                                {"users", report.users},
                                {"items", report.items},
                                {"train targets", report.split.train_targets},
                                {"valid targets", report.split.valid_targets},
                                {"test targets", report.split.test_targets},
                                {"reviews without summary", report.reviews_without_summary},
                                {"items without personas", report.items_without_personas},
                                {"train targets without personas", report.targets_without_personas},
                                {"bad rows skipped", report.bad_rows}},
                     .wrote = {options.history, options.history_loo, options.ground_truth, options.targets,
                               options.persona_with_summary}});
  }

 private:
  [[nodiscard]] PrepareOptions options(const CommandContext& context) const {
    const Workspace& workspace = context.workspace;
    const Workspace output{.root = output_.in(workspace)};
    return {.aspects = aspects_.in(workspace),
            .summary = summary_.in(workspace),
            .personas = personas_.in(workspace),
            .history = history_.in(output),
            .history_loo = history_loo_.in(output),
            .ground_truth = ground_truth_.in(output),
            .targets = targets_.in(output),
            .persona_with_summary = persona_with_summary_.in(output),
            .split = split_.options(time_format(context)),
            .time = time_format(context),
            .max_bad_rows = bad_rows_.value,
            .threads = threads_.value,
            .force = force_.value,
            .progress = context.progress};
  }

  ArtifactFlag aspects_ = aspects_flag();
  ArtifactFlag summary_ = summary_flag();
  ArtifactFlag personas_ = personas_flag();
  WorkspacePath output_{&Workspace::root};
  ArtifactFlag history_ = history_flag();
  ArtifactFlag history_loo_ = history_loo_flag();
  ArtifactFlag ground_truth_ = ground_truth_flag();
  ArtifactFlag targets_ = targets_flag();
  ArtifactFlag persona_with_summary_ = persona_with_summary_flag();
  SplitFlags split_;
  ThreadsFlag threads_;
  ForceFlag force_;
  BadRowsFlag bad_rows_;
};

}  // namespace

std::unique_ptr<Command> make_prepare_command() {
  return std::make_unique<PrepareCommand>();
}

}  // namespace persona4rec
