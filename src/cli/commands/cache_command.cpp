#include <CLI/CLI.hpp>
#include <optional>

#include "base/process/launch.hpp"
#include "cli/command_table.hpp"
#include "cli/flags/dataset.hpp"
#include "cli/flags/models.hpp"
#include "cli/flags/paths.hpp"
#include "cli/flags/profile.hpp"
#include "cli/flags/run.hpp"
#include "cli/flags/split.hpp"
#include "cli/flags/values.hpp"
#include "cli/torch/torch_module.hpp"
#include "persona4rec/cache.hpp"

namespace persona4rec {
namespace {

class CacheCommand final : public Command {
 public:
  CacheCommand()
      : Command({.stage = 7,
                 .name = "cache",
                 .summary = "Turn users and personas into vectors, laid out so that reranking is dot products alone.",
                 .reads = "encoder/, 3.5_*",
                 .writes = "cache/user_item/, cache/item_persona/, cache/user_profile/, cache/words/",
                 .needs = "torch",
                 .by_ranks = true,
                 .example = "persona4rec cache --config configs/amazon.toml --workspace runs/amazon",
                 .notes =
                     "Under torchrun, srun or mpirun the processes share the encoding (docs/training.md).\n"
                     "The head of an encoder folder is held to its serving contract: it must have been trained with\n"
                     "these settings, on reviews that are all here, and never on a target of this workspace."}) {}

  void add_flags(CLI::App& app) override {
    for (ArtifactFlag* flag : {&history_, &targets_, &persona_with_summary_, &selected_, &summary_}) {
      flag->add(app);
    }
    cache_.add_as_output(app);
    dataset_.add(app);
    texts_.add(app);
    encoder_.add(app);
    matching_.add(app);
    const char* group = "Profiles and personas";
    add_choice<WordsFrom>(app, "--words-from", options_.words_from,
                          {{"reviews", WordsFrom::kReviews}, {"personas", WordsFrom::kPersonas}},
                          "What an item's word vector is made of")
        ->group(group);
    app.add_flag("!--no-center", options_.center, "Leave vectors where the encoder puts them")->group(group);
    app.add_flag("--uid-with-text", options_.uid_with_text,
                 "Review uids as the published Yelp cache makes them, with 16 characters of text")
        ->group(group);
    words_.add(app);
    split_.add(app);
    bad_rows_.add(app);
    force_.add(app);
  }

  void run(const CommandContext& context) override {
    EncoderOptions encoder_options = encoder_.options(context.workspace);
    const CacheOptions options = this->options(context, encoder_options);
    encoder_options.text_store = context.workspace.text_store();
    encoder_options.shared = true;
    encoder_options.dtype_choice = context.workspace.dtype_choice();
    const ProfileText texts(texts_.options(dataset_.prompts(context)));
    const auto head = read_encoder_head(encoder_options.folder);
    encoder_options.has_own_prompts = texts.options().has_prefix();
    const auto encoder = open_lazy_encoder(encoder_options, torch_openers());
    const CacheReport report = build_cache(options, texts, *encoder, head ? &*head : nullptr);
    if (!options.encodes_only) summarize(context, options, report);
  }

 private:
  [[nodiscard]] CacheOptions options(const CommandContext& context, const EncoderOptions& encoder) const {
    const Workspace& workspace = context.workspace;
    CacheOptions options = options_;
    options.history = history_.in(workspace);
    options.targets = targets_.in(workspace);
    options.persona_with_summary = persona_with_summary_.in(workspace);
    options.selected = selected_.in(workspace);
    options.summary = summary_.in(workspace);
    // Published workspaces have no targets, untrained ones no selections; files that were asked for must be there.
    if (!targets_.given() && !std::filesystem::exists(options.targets)) options.targets.clear();
    if (!selected_.given() && !std::filesystem::exists(options.selected)) options.selected.clear();
    if (!summary_.given() && !std::filesystem::exists(options.summary)) options.summary.clear();
    options.cache = cache_.in(workspace);
    const auto weights = encoder.folder / "fusion_weights.json";
    if (std::filesystem::exists(weights)) options.head_weights = weights;
    options.encoder_folder = encoder.folder;
    options.model = encoder.folder.filename().string();
    options.pooling = read_encoder_folder(encoder.folder).pooling;
    options.persona_vectors = matching_.persona_vectors();
    options.profile = matching_.profile();
    options.words = words_.options();
    options.split = split_.options(time_format(context));
    options.time = time_format(context);
    options.max_bad_rows = bad_rows_.value;
    options.threads = encoder_.threads();
    options.encodes_only = !read_launch().first();
    options.force = force_.value;
    options.progress = context.progress;
    return options;
  }

  static void summarize(const CommandContext& context, const CacheOptions& options, const CacheReport& report) {
    context.summary({.counts = {{"interactions", report.rows},
                                {"users", report.users_test},
                                {"items", report.items},
                                {"personas", report.personas},
                                {"terms", report.terms},
                                {"texts encoded", report.encoded.encoded},
                                {"texts cut", report.encoded.truncated},
                                {"reviews without text", report.rows_without_text},
                                {"colliding uids", report.colliding_uids},
                                {"items without personas", report.items_without_personas},
                                {"personas made of their text", report.personas_from_text},
                                {"support not found", report.support_unknown},
                                {"support not item side", report.support_not_item_side},
                                {"bad rows skipped", report.bad_rows}},
                     .wrote = {options.cache},
                     .note = report.has_head ? "with a trained head" : "no trained head"});
  }

  CacheOptions options_;  // its defaults are the flags' defaults
  ArtifactFlag history_ = history_flag();
  ArtifactFlag targets_ = targets_flag();
  ArtifactFlag persona_with_summary_ = persona_with_summary_flag();
  ArtifactFlag selected_ = selected_flag();
  ArtifactFlag summary_ = summary_flag();
  ArtifactFlag cache_ = cache_flag();
  DatasetFlags dataset_;
  ProfileTextFlags texts_;
  EncoderFlags encoder_;
  MatchingFlags matching_;
  WordFlags words_;
  SplitFlags split_;
  BadRowsFlag bad_rows_;
  ForceFlag force_;
};

}  // namespace

std::unique_ptr<Command> make_cache_command() {
  return std::make_unique<CacheCommand>();
}

}  // namespace persona4rec
