#include <CLI/CLI.hpp>

#include "asking/shard.hpp"
#include "cli/command_table.hpp"
#include "cli/flags/dataset.hpp"
#include "cli/flags/language_model.hpp"
#include "cli/flags/paths.hpp"
#include "cli/flags/values.hpp"
#include "persona4rec/summarize.hpp"

namespace persona4rec {
namespace {

class SummarizeCommand final : public Command {
 public:
  SummarizeCommand()
      : Command({.stage = 2,
                 .name = "summarize",
                 .summary = "Sum up each item that has a review, from its metadata.",
                 .reads = "raw metadata, if there is any, and raw reviews (for the item ids)",
                 .writes = "2_summary.jsonl",
                 .needs = "llm",
                 .example = "persona4rec summarize --config configs/amazon.toml --raw-meta meta_Music.jsonl.gz "
                            "--raw-reviews Music.jsonl.gz"}) {}

  void add_flags(CLI::App& app) override {
    metadata_.add(app);
    raw_.add(app);
    summary_.add_as_output(app);
    dataset_.add(app);
    app.add_flag("--all-items", options_.all_items, "Sum up the items of the metadata that have no review too")
        ->group("Inputs and outputs");
    add_number(app, "--prompt-tokens", options_.prompt_tokens, {},
               "Cut descriptions so that a prompt has at most so many; 0 = never")
        ->group("Prompt");
    answers_.add(app, options_.answers);
  }

  void run(const CommandContext& context) override {
    options_.output = summary_.in(context.workspace);
    if (answers_.merging()) return answers_.merge(context, {options_.output});
    options_.metadata = metadata_.metadata();
    options_.reviews = raw_.reviews();
    options_.dataset = dataset_.dataset(context, !options_.metadata.empty());
    options_.selection = raw_.selection();
    const auto client = answers_.client(context, options_);
    tell(context, summarize(options_, *client));
  }

 private:
  void tell(const CommandContext& context, const SummarizeReport& report) const {
    if (!report.written) return context.summary({.counts = {}, .wrote = {}, .note = kNothingWritten});
    StageSummary summary{.counts = {{"items", report.items},
                                    {"without a review", report.unreviewed},
                                    {"without metadata", report.without_metadata},
                                    {"from the title alone", report.title_only},
                                    {"without any text", report.without_text}},
                         .wrote = {shard_path(options_.output, options_.answers.shard)}};
    add_answer_counts(summary, report.answers);
    summary.counts.emplace_back("descriptions cut", report.shortened);
    summary.counts.emplace_back(kDecodedTexts, report.decoded);
    summary.counts.emplace_back(kAskedAnew, report.asked_anew);
    summary.counts.emplace_back("titles that were scripts dropped", report.script_titles);
    summary.counts.emplace_back("duplicate metadata rows", report.duplicates);
    summary.counts.emplace_back("metadata rows without a review", report.unused);
    summary.counts.emplace_back("bad rows skipped", report.bad_rows);
    context.summary(summary);
  }

  SummarizeOptions options_;
  RawMetaFlag metadata_;
  RawReviewFlags raw_;
  ArtifactFlag summary_ = summary_flag();
  DatasetFlags dataset_;
  AnswerStageFlags answers_;
};

}  // namespace

std::unique_ptr<Command> make_summarize_command() {
  return std::make_unique<SummarizeCommand>();
}

}  // namespace persona4rec
