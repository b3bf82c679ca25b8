#include <CLI/CLI.hpp>
#include <optional>

#include "asking/shard.hpp"
#include "cli/command_table.hpp"
#include "cli/flags/dataset.hpp"
#include "cli/flags/language_model.hpp"
#include "cli/flags/paths.hpp"
#include "cli/flags/profile.hpp"
#include "cli/flags/split.hpp"
#include "cli/flags/values.hpp"
#include "offline/offline_client.hpp"
#include "persona4rec/error.hpp"
#include "persona4rec/personas.hpp"

namespace persona4rec {
namespace {

class PersonasCommand final : public Command {
 public:
  PersonasCommand()
      : Command(
            {.stage = 3,
             .name = "personas",
             .summary = "Describe the kinds of people who like each item: two to seven from its reviews, up to three "
                        "from its metadata where it has none.",
             .reads = "1_, 2_",
             .writes = "2.5_grouped.jsonl, 3_personas.jsonl",
             .needs = "llm",
             .example = "persona4rec personas --config configs/amazon.toml --workspace runs/amazon",
             .notes = "Only reviews that the split allows on the item side are used. The offline provider reads no\n"
                      "prompt, so its reviews are not bounded unless --prompt-tokens is given. With --llm-for the "
                      "offline provider\n"
                      "answers for the other items, and for what is left when --max-cost is reached."}) {}

  void add_flags(CLI::App& app) override {
    for (ArtifactFlag* flag : {&aspects_, &summary_, &grouped_}) flag->add(app);
    personas_.add_as_output(app);
    dataset_.add(app);
    split_.add(app);
    add_number(app, "--prompt-tokens", prompt_tokens_, {},
               "Show excerpts, then a subset of an item's reviews, so that a prompt has at most so many; 0 = show all "
               "[default: 6000, 0 with --llm offline]")
        ->group("Prompt");
    add_number(app, "--max-personas", options_.max_personas, {.min = 1, .max = kMaxPersonas},
               "Most personas of an item, to study what their number does")
        ->group("Prompt");
    add_choice<Knowledge>(
        app, "--knowledge", options_.knowledge,
        {{"open", Knowledge::kOpen}, {"reviews", Knowledge::kReviews}, {"metadata", Knowledge::kMetadata}},
        "What personas may know: reviews and what the model knows by itself (without a model: what "
        "the supporters also liked), reviews alone, or title and metadata alone")
        ->group("Prompt");
    add_choice<std::optional<LlmFor>>(
        app, "--llm-for", llm_for_, {{"cold", LlmFor::kCold}, {"tail", LlmFor::kTail}, {"all", LlmFor::kAll}},
        "Ask the language model for items without reviews, for the fifth with the fewest, or for all; "
        "the fewest reviews first, the rest is the offline provider's")
        ->group("Language model");
    words_.add(app);
    answers_.add(app, options_.answers);
  }

  void run(const CommandContext& context) override {
    options_.grouped = grouped_.in(context.workspace);
    options_.personas = personas_.in(context.workspace);
    if (answers_.merging()) return answers_.merge(context, {options_.grouped, options_.personas});
    options_.aspects = aspects_.in(context.workspace);
    options_.summary = summary_.in(context.workspace);
    options_.prompts = dataset_.prompts(context);
    options_.time = time_format(context);
    options_.split = split_.options(time_format(context));
    options_.words = words_.options();
    const auto client = answers_.client(context, options_);
    const bool offline = client->model() == "offline";
    if (offline && llm_for_) throw usage_error("--llm-for needs --llm http: no language model is asked");
    if (offline) options_.prompt_tokens = 0;
    options_.prompt_tokens = prompt_tokens_.value_or(options_.prompt_tokens);
    options_.llm_for = llm_for_.value_or(LlmFor::kAll);
    OfflineClient rest;
    tell(context, make_personas(options_, *client, llm_for_ ? &rest : nullptr));
  }

 private:
  void tell(const CommandContext& context, const PersonasReport& report) const {
    if (!report.written) return context.summary({.counts = {}, .wrote = {}, .note = kNothingWritten});
    const auto& shard = options_.answers.shard;
    StageSummary summary{.counts = {{"items", report.items},
                                    {"personas", report.personas},
                                    {"item-side reviews", report.item_side_reviews}},
                         .wrote = {shard_path(options_.grouped, shard), shard_path(options_.personas, shard)}};
    add_answer_counts(summary, report.answers);
    for (const auto& count : std::initializer_list<std::pair<std::string, std::uint64_t>>{
             {"answers without a model", report.without_model},
             {"items without item-side reviews", report.without_reviews},
             {"items without any text", report.without_text},
             {"items from metadata alone", report.prospective},
             {"items without anything", report.without_facts},
             {"personas with affinities", report.with_affinities},
             {"items without summary", report.without_summary},
             {"repeated reviews", report.repeated_reviews},
             {"prompts with excerpts", report.excerpted_items},
             {"prompts with a subset", report.bounded_items},
             {"reviews left out of them", report.reviews_left_out},
             {"bad rows skipped", report.bad_rows}}) {
      summary.counts.push_back(count);
    }
    context.summary(summary);
  }

  PersonasOptions options_;
  ArtifactFlag aspects_ = aspects_flag();
  ArtifactFlag summary_ = summary_flag();
  ArtifactFlag grouped_ = grouped_flag();
  ArtifactFlag personas_ = personas_flag();
  DatasetFlags dataset_;
  SplitFlags split_;
  std::optional<std::uint64_t> prompt_tokens_;
  std::optional<LlmFor> llm_for_;
  WordFlags words_;
  AnswerStageFlags answers_;
};

}  // namespace

std::unique_ptr<Command> make_personas_command() {
  return std::make_unique<PersonasCommand>();
}

}  // namespace persona4rec
