#include <CLI/CLI.hpp>

#include "asking/shard.hpp"
#include "cli/command_table.hpp"
#include "cli/flags/dataset.hpp"
#include "cli/flags/language_model.hpp"
#include "cli/flags/paths.hpp"
#include "cli/flags/values.hpp"
#include "persona4rec/error.hpp"
#include "persona4rec/extract_aspects.hpp"
#include "records/time.hpp"

namespace persona4rec {
namespace {

class ExtractAspectsCommand final : public Command {
 public:
  ExtractAspectsCommand()
      : Command({.stage = 1,
                 .name = "extract-aspects",
                 .summary = "Note what each review says about its writer's taste.",
                 .reads = "raw reviews",
                 .writes = "1_aspects.jsonl",
                 .needs = "llm",
                 .example = "persona4rec extract-aspects --config configs/amazon.toml --raw-reviews Music.jsonl.gz",
                 .notes = "Every usable review gets a row, whatever becomes of its answer."}) {}

  void add_flags(CLI::App& app) override {
    raw_.add(app);
    aspects_.add_as_output(app);
    dataset_.add(app);
    order_ = add_choice<ReviewOrder>(
                 app, "--order", options_.schema.order, {{"hash", ReviewOrder::kHash}, {"file", ReviewOrder::kFile}},
                 "Of reviews without timestamps: by a hash of what they are, or by their place in the "
                 "file, which may tell what was taken last")
                 ->group("Inputs and outputs");
    add_number(app, "--min-text-chars", options_.min_text_chars, {.min = 1},
               "Reviews with a shorter text get null aspects, unasked")
        ->group("Prompt");
    add_number(app, "--prompt-tokens", options_.prompt_tokens, {},
               "Cut texts so that a prompt has at most so many; 0 = never")
        ->group("Prompt");
    answers_.add(app, options_.answers);
  }

  void run(const CommandContext& context) override {
    options_.output = aspects_.in(context.workspace);
    if (answers_.merging()) return answers_.merge(context, {options_.output});
    options_.reviews = raw_.reviews();
    const auto order = options_.schema.order;
    options_.schema = dataset_.review(context);
    options_.schema.order = order;
    if (order_->count() > 0 && !options_.schema.timestamp.empty())
      throw usage_error("--order is for reviews without times, and [schema.review] of the config names a timestamp");
    options_.prompts = dataset_.prompts(context);
    options_.selection = raw_.selection();
    const auto client = answers_.client(context, options_);
    tell(context, extract_aspects(options_, *client));
  }

 private:
  void tell(const CommandContext& context, const ExtractAspectsReport& report) const {
    if (!report.written) return context.summary({.counts = {}, .wrote = {}, .note = kNothingWritten});
    StageSummary summary{.counts = {{"reviews", report.reviews}, {"without text", report.no_text}},
                         .wrote = {shard_path(options_.output, options_.answers.shard)}};
    add_answer_counts(summary, report.answers);
    summary.counts.emplace_back("texts cut", report.shortened);
    summary.counts.emplace_back(kDecodedTexts, report.decoded);
    summary.counts.emplace_back(kAskedAnew, report.asked_anew);
    summary.counts.emplace_back("left out", report.left_out);
    summary.counts.emplace_back("bad rows skipped", report.bad_rows);
    if (!report.times.empty()) summary.note = "written " + span_text(report.times);
    context.summary(summary);
  }

  ExtractAspectsOptions options_;
  CLI::Option* order_ = nullptr;
  RawReviewFlags raw_;
  ArtifactFlag aspects_ = aspects_flag();
  DatasetFlags dataset_;
  AnswerStageFlags answers_;
};

}  // namespace

std::unique_ptr<Command> make_extract_aspects_command() {
  return std::make_unique<ExtractAspectsCommand>();
}

}  // namespace persona4rec
