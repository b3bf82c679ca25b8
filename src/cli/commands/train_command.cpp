#include <CLI/CLI.hpp>

#include "base/format.hpp"
#include "cli/command_table.hpp"
#include "cli/flags/dataset.hpp"
#include "cli/flags/models.hpp"
#include "cli/flags/paths.hpp"
#include "cli/flags/profile.hpp"
#include "cli/flags/run.hpp"
#include "cli/flags/split.hpp"
#include "cli/flags/training.hpp"
#include "cli/flags/values.hpp"
#include "cli/torch/torch_module.hpp"
#include "matching/weights_json.hpp"
#include "persona4rec/error.hpp"
#include "records/profile_text.hpp"

namespace persona4rec {
namespace {

class TrainCommand final : public Command {
 public:
  TrainCommand()
      : Command(
            {.stage = 6,
             .name = "train",
             .summary = "Train what brings users and fitting personas together: a head on the encoder, or the encoder.",
             .reads = "4_, 3.5_*, valid candidates",
             .writes = "encoder/",
             .needs = "torch",
             .by_ranks = true,
             .example = "persona4rec train --config configs/amazon.toml --workspace runs/amazon --fit-weights",
             .notes = "A stopped run goes on from <output>.checkpoint and ends with the same bytes.\n"
                      "--mode full and lora train the encoder itself; a GPU helps (docs/training.md).\n"
                      "--preset paper and reference are published settings; a flag that says otherwise is an error."}) {
  }

  void add_flags(CLI::App& app) override {
    app_ = &app;
    for (ArtifactFlag* flag :
         {&selected_, &history_, &targets_, &persona_with_summary_, &valid_candidates_, &summary_, &grouped_}) {
      flag->add(app);
    }
    output_.add_as_output(app);
    training_.add(app);
    add_fit_flags(app);
    dataset_.add(app);
    texts_.add(app);
    encoder_.add(app);
    matching_.add(app);
    words_.add(app);
    split_.add(app);
    bad_rows_.add(app);
    force_.add(app);
  }

  void run(const CommandContext& context) override {
    const TorchFunctions& torch = torch_functions();
    const TrainOptions options = this->options(context);
    EncoderOptions encoder_options = encoder_.options(context.workspace);
    encoder_options.folder = options.base_encoder;
    encoder_options.text_store = context.workspace.text_store();
    encoder_options.shared = true;
    encoder_options.dtype_choice = context.workspace.dtype_choice();
    const ProfileText texts(texts_.options(dataset_.prompts(context)));
    encoder_options.has_own_prompts = texts.options().has_prefix();
    const auto encoder = torch.open_text_encoder(encoder_options);
    summarize(context, options, torch.train(options, texts, *encoder));
  }

 private:
  void add_fit_flags(CLI::App& app) {
    const char* group = "Fusion weights";
    app.add_flag("--fit-weights,!--no-fit", options_.fit_weights,
                 "Choose the weights of each first stage by folds and by world valid, or keep the fixed ones")
        ->group(group);
    add_number(app, "--folds", options_.folds, {.min = 2}, "Folds")->group(group);
    add_number(app, "--fit-topk", options_.fit_topk, {.min = 2}, "Length of the lists fitted on")->group(group);
    add_number(app, "--fit-lists", options_.fit_lists, {}, "Most lists fitted on; 0 = all")->group(group);
    first_stage_.add(app, "--first-stage");
  }

  [[nodiscard]] TrainOptions options(const CommandContext& context) const {
    const Workspace& workspace = context.workspace;
    TrainOptions options = options_;
    options.selected = selected_.in(workspace);
    options.history = history_.in(workspace);
    options.targets = targets_.in(workspace);
    options.persona_with_summary = persona_with_summary_.in(workspace);
    options.valid_candidates = valid_candidates_.in(workspace);
    if (!valid_candidates_.given() && !std::filesystem::exists(options.valid_candidates))
      options.valid_candidates.clear();
    options.grouped = grouped_.in(workspace);
    if (!grouped_.given() && !std::filesystem::exists(options.grouped)) options.grouped.clear();
    options.summary = summary_.in(workspace);
    if (!summary_.given() && !std::filesystem::exists(options.summary)) options.summary.clear();
    options.output = output_.in(workspace);
    options.base_encoder = encoder_.base_folder();
    const EncoderOptions encoder = encoder_.options(workspace);
    options.max_length = encoder.max_length;
    options.device = encoder.device;
    options.persona_vectors = matching_.persona_vectors();
    options.profile = matching_.profile();
    options.words = words_.options();
    options.first_stage = first_stage_.options();
    if (app_->get_option("--first-stage")->count() > 0) options.first_stages = {options.first_stage.method};
    options.first_stage.words = options.words;
    options.first_stage.threads = options.threads = encoder_.threads();
    options.split = split_.options(time_format(context));
    options.time = time_format(context);
    options.max_bad_rows = bad_rows_.value;
    options.force = force_.value;
    options.progress = context.progress;
    training_.apply(options);
    return options;
  }

  static void summarize(const CommandContext& context, const TrainOptions& options, const TrainReport& report) {
    const auto weights = [](const FirstStageWeights& chosen) {
      std::string text = "; " + to_string(chosen.method) + ":";
      for (const auto& [name, weight] : kWeightNames) {
        if (chosen.weights.*weight > 0)
          text += std::string(" ") + name + " " + number_text("%.3g", chosen.weights.*weight);
      }
      return text;
    };
    const auto quality = [](const char* where, const std::optional<ValidQuality>& q) {
      return q ? std::string(", valid NDCG@10 ") + where + " " + fixed_text(q->ndcg10, 4) : std::string();
    };
    std::string note = "best epoch " + std::to_string(report.best_epoch) +
                       quality("in candidates", report.valid_candidates) +
                       quality("over all items", report.valid_all_items) + (report.resumed ? ", resumed" : "");
    for (const auto& chosen : report.first_stage_weights) note += weights(chosen);
    context.summary({.counts = {{"selected", report.selected},
                                {"samples", report.samples},
                                {"moved to another persona", report.samples_moved},
                                {"persona texts written again", report.texts_rewritten},
                                {"dropped without liked history", report.dropped_no_profile},
                                {"dropped without persona", report.dropped_no_persona},
                                {"selected personas not found", report.selected_unknown},
                                {"epochs", report.epochs},
                                {"first stages fitted", report.first_stage_weights.size()}},
                     .wrote = {options.output},
                     .note = std::move(note)});
  }

  CLI::App* app_ = nullptr;
  TrainOptions options_;  // its defaults are the flags' defaults
  ArtifactFlag selected_ = selected_flag();
  ArtifactFlag history_ = history_flag();
  ArtifactFlag targets_ = targets_flag();
  ArtifactFlag persona_with_summary_ = persona_with_summary_flag();
  ArtifactFlag valid_candidates_ = valid_candidates_flag();
  ArtifactFlag summary_ = summary_flag();
  ArtifactFlag grouped_ = grouped_flag();
  ArtifactFlag output_ = {"--output", "The encoder folder with the trained head", &Workspace::encoder};
  TrainingFlags training_;
  DatasetFlags dataset_;
  ProfileTextFlags texts_;
  EncoderFlags encoder_;
  MatchingFlags matching_;
  FirstStageFlags first_stage_;
  WordFlags words_;
  SplitFlags split_;
  BadRowsFlag bad_rows_;
  ForceFlag force_;
};

}  // namespace

std::unique_ptr<Command> make_train_command() {
  return std::make_unique<TrainCommand>();
}

}  // namespace persona4rec
