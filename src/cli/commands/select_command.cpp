#include <CLI/CLI.hpp>
#include <filesystem>

#include "asking/shard.hpp"
#include "cli/command_table.hpp"
#include "cli/flags/dataset.hpp"
#include "cli/flags/language_model.hpp"
#include "cli/flags/paths.hpp"
#include "cli/flags/profile.hpp"
#include "cli/flags/split.hpp"
#include "cli/flags/values.hpp"
#include "persona4rec/select.hpp"

namespace persona4rec {
namespace {

class SelectCommand final : public Command {
 public:
  SelectCommand()
      : Command({.stage = 5,
                 .name = "select",
                 .summary = "Choose which persona of each training target's item its user is.",
                 .reads = "3.5_*",
                 .writes = "4_selected_personas.jsonl",
                 .needs = "llm",
                 .example = "persona4rec select --config configs/amazon.toml --workspace runs/amazon",
                 .notes =
                     "--import-judgements re-reads another tool's rows and repairs the labels that the judge's own\n"
                     "words contradict. It asks nobody."}) {}

  void add_flags(CLI::App& app) override {
    for (ArtifactFlag* flag : {&targets_, &history_, &persona_with_summary_}) flag->add(app);
    selected_.add_as_output(app);
    dataset_.add(app);
    split_.add(app);
    add_number(app, "--newest", options_.newest, {.min = 1}, "Earlier reviews that the judge sees, the newest")
        ->group("Prompt");
    words_.add(app);
    answers_.add(app, options_.answers);
    app.add_option("--import-judgements", judgements_, "Take over the rows of this file, labels repaired")
        ->type_name("FILE")
        ->group("Instead of asking the language model")
        ->configurable(false);
  }

  void run(const CommandContext& context) override {
    options_.output = selected_.in(context.workspace);
    options_.persona_with_summary = persona_with_summary_.in(context.workspace);
    if (!judgements_.empty()) return take_over(context);
    if (answers_.merging()) return answers_.merge(context, {options_.output});
    options_.targets = targets_.in(context.workspace);
    options_.history = history_.in(context.workspace);
    options_.prompts = dataset_.prompts(context);
    options_.time = time_format(context);
    options_.split = split_.options(time_format(context));
    options_.words = words_.options();
    const auto client = answers_.client(context, options_);
    tell(context, select_personas(options_, *client));
  }

 private:
  void tell(const CommandContext& context, const SelectReport& report) const {
    if (!report.written) return context.summary({.counts = {}, .wrote = {}, .note = kNothingWritten});
    StageSummary summary{.counts = {{"targets", report.targets}, {"selected", report.selected}},
                         .wrote = {shard_path(options_.output, options_.answers.shard)}};
    add_answer_counts(summary, report.answers);
    summary.counts.emplace_back("items with one persona", report.single_persona);
    summary.counts.emplace_back("items without personas", report.without_persona);
    summary.counts.emplace_back("users without earlier opinions", report.without_history);
    summary.counts.emplace_back("bad rows skipped", report.bad_rows);
    context.summary(summary);
  }

  // Personas are taken from the workspace where it has them: published selections come without their items' personas.
  void take_over(const CommandContext& context) const {
    const bool has_personas = persona_with_summary_.given() || std::filesystem::exists(options_.persona_with_summary);
    const auto report = import_judgements(
        {.judgements = judgements_,
         .persona_with_summary = has_personas ? options_.persona_with_summary : std::filesystem::path(),
         .output = options_.output,
         .max_bad_rows = answers_.max_bad_rows(),
         .force = answers_.force()});
    context.summary({.counts = {{"rows", report.rows},
                                {"labels changed", report.changed},
                                {"without a verdict", report.without_verdict},
                                {"changed without persona texts", report.without_persona},
                                {"unknown personas set aside", report.unknown_persona},
                                {"bad rows skipped", report.bad_rows}},
                     .wrote = {options_.output}});
  }

  SelectOptions options_;
  ArtifactFlag targets_ = targets_flag();
  ArtifactFlag history_ = history_flag();
  ArtifactFlag persona_with_summary_ = persona_with_summary_flag();
  ArtifactFlag selected_ = selected_flag();
  DatasetFlags dataset_;
  SplitFlags split_;
  WordFlags words_;
  AnswerStageFlags answers_;
  std::filesystem::path judgements_;
};

}  // namespace

std::unique_ptr<Command> make_select_command() {
  return std::make_unique<SelectCommand>();
}

}  // namespace persona4rec
