#include "cli/flags/training.hpp"

#include <CLI/CLI.hpp>

#include "cli/flags/values.hpp"
#include "persona4rec/error.hpp"

namespace persona4rec {
namespace {

constexpr const char* kEncoderGroup = "Encoder (--mode full, lora)";

// What a mode takes where no flag says otherwise (docs/training.md says how they were chosen).
struct ModeDefaults {
  std::size_t batch_size;
  std::size_t epochs;
  double learning_rate;
  double temperature;
};
constexpr ModeDefaults kFullDefaults = {.batch_size = 64, .epochs = 4, .learning_rate = 5e-5, .temperature = 0.1};
constexpr ModeDefaults kLoraDefaults = {.batch_size = 64, .epochs = 4, .learning_rate = 5e-4, .temperature = 0.1};

}  // namespace

void TrainingFlags::add(CLI::App& app) {
  app_ = &app;
  add_steps(app);
  add_loss(app);
  add_encoder(app);
  add_adapter(app);
}

void TrainingFlags::add_steps(CLI::App& app) {
  const char* group = "Training";
  auto& head = flags_.head;
  add_choice<TrainMode>(app, "--mode", flags_.mode,
                        {{"head", TrainMode::kHead}, {"full", TrainMode::kFull}, {"lora", TrainMode::kLora}},
                        "Maps on the frozen encoder, the encoder itself, or low-rank adapters in it")
      ->group(group);
  add_choice<Preset>(app, "--preset", preset_,
                     {{"default", Preset::kDefault}, {"paper", Preset::kPaper}, {"reference", Preset::kReference}},
                     "Settings by name: the paper's, or those of its published code")
      ->group(group);
  add_number(app, "--batch-size", head.batch_size, {.min = 2}, "Samples of a step (full, lora: 64)")->group(group);
  add_number(app, "--epochs", head.epochs, {.min = 1}, "Passes over the samples (full, lora: 4)")->group(group);
  add_number(app, "--max-steps", head.max_steps, {}, "Stop after so many steps; 0 = no limit")->group(group);
  add_number(app, "--learning-rate", head.learning_rate, {.min = 1e-9}, "Of Adam (full: 5e-5, lora: 5e-4)")
      ->group(group);
  add_number(app, "--patience", head.patience, {}, "Looks at world valid without a better one; 0 = run all")
      ->group(group);
  add_number(app, "--train-seed", head.seed, {}, "Of the order of samples, dropout, folds and the users validated on")
      ->group(group);
  app.add_flag("--shared-map", head.shared_map, "One map for users and personas")->group(group);
  add_number(app, "--valid-users", flags_.valid_users, {}, "Users validated on; 0 = all")->group(group);
  add_number(app, "--alpha", flags_.alpha, {.min = 0, .max = 1}, "Share of the best persona in an item's score")
      ->group(group);
  app.add_flag("--fresh", flags_.fresh, "Start again, whatever a checkpoint holds")->group(group);
}

void TrainingFlags::add_loss(CLI::App& app) {
  const char* group = "Loss";
  auto& loss = flags_.head.loss;
  add_number(app, "--temperature", loss.temperature, {.min = 1e-4}, "Cosines are divided by it (full, lora: 0.1)")
      ->group(group);
  app.add_flag("!--no-log-q", loss.log_q, "No correction for how often an item is a target")->group(group);
  app.add_flag("--symmetric", loss.symmetric, "Also from personas to users")->group(group);
  add_number(app, "--label-smoothing", loss.label_smoothing, {.min = 0, .max = 0.999}, "Share spread over the others")
      ->group(group);
  app.add_flag("!--no-mask-persona", loss.mask_same_persona, "The same persona counts as a negative")->group(group);
  app.add_flag("!--no-mask-item", loss.mask_same_item, "Personas of the same item count as negatives")->group(group);
  app.add_flag("!--no-mask-user", loss.mask_same_user, "Other targets of the same user count as negatives")
      ->group(group);
  add_number(app, "--percpos", loss.percpos, {.min = 0},
             "Drop negatives more similar than this share of the positive; 0 = off")
      ->group(group);
  add_number(app, "--hard-negatives", loss.hard_negatives, {.max = 64}, "Other personas of the target's item")
      ->group(group);
}

void TrainingFlags::add_encoder(CLI::App& app) {
  const char* group = kEncoderGroup;
  auto& training = flags_.encoder_training;
  add_number(app, "--train-length", training.max_tokens, {}, "Tokens of a text while training; 0 = as when serving")
      ->group(group);
  add_number(app, "--chunk-tokens", training.chunk_tokens, {},
             "Tokens whose activations are held at once (GradCache); 0 = those of a batch")
      ->group(group);
  app.add_flag("--checkpoint-layers", training.checkpoint_layers, "Compute activations twice instead of keeping them")
      ->group(group);
  add_number(app, "--freeze-layers", training.freeze_layers, {}, "The embeddings and so many first layers stay")
      ->group(group);
  app.add_flag("--freeze-embeddings", training.freeze_embeddings, "The embeddings stay")->group(group);
  add_number(app, "--frozen-cache-mb", training.frozen_cache_mb, {}, "Memory for what frozen layers made of the texts")
      ->group(group);
  add_number(app, "--dropout", training.dropout, {.min = -1, .max = 0.99}, "Of activations; -1 = as the folder says")
      ->group(group);
  add_choice<MixedPrecision>(
      app, "--mixed-precision", training.mixed,
      {{"auto", MixedPrecision::kAuto}, {"off", MixedPrecision::kOff}, {"on", MixedPrecision::kOn}},
      "Products in bf16; auto = on a GPU")
      ->group(group);
  app.add_flag("!--no-maps", training.train_maps, "The two maps stay the identity")->group(group);
  add_number(app, "--map-rate", training.map_rate, {.min = 1e-9}, "Learning rate of the maps")->group(group);
  app.add_flag("--learn-temperature", training.learn_temperature, "--temperature is where it begins")->group(group);
  add_number(app, "--support-texts", training.support_texts, {},
             "Reviews of a persona that are encoded for a sample; 0 = all")
      ->group(group);
  app.add_flag("!--no-rest-of-support", training.rest_of_support, "Its other reviews do not count in that step")
      ->group(group);
  add_number(app, "--catalogue-negatives", training.catalogue_negatives, {}, "Personas drawn from all, a step")
      ->group(group);
  add_number(app, "--accumulate", training.accumulate, {.min = 1}, "Batches of a step, each with its own negatives")
      ->group(group);
  add_number(app, "--weight-decay", training.weight_decay, {.min = 0}, "Of AdamW, not of biases and norms")
      ->group(group);
  add_number(app, "--warm-up", training.warm_up, {.min = 0}, "Share of the steps below 1, else steps")->group(group);
  add_choice<RateDecay>(
      app, "--decay", training.decay,
      {{"constant", RateDecay::kConstant}, {"linear", RateDecay::kLinear}, {"cosine", RateDecay::kCosine}},
      "Of the learning rate after the warm-up")
      ->group(group);
  add_number(app, "--clip", training.clip, {.min = 0}, "Longest gradient; 0 = any")->group(group);
  add_number(app, "--valid-every", training.valid_every, {}, "Steps between looks at world valid; 0 = each epoch")
      ->group(group);
  add_number(app, "--save-every", training.save_every, {}, "Steps between checkpoints; 0 = each epoch")->group(group);
}

void TrainingFlags::add_adapter(CLI::App& app) {
  auto& adapter = flags_.encoder_training.adapter;
  add_number(app, "--lora-rank", adapter.rank, {.min = 1}, "Rank of the adapters")->group(kEncoderGroup);
  add_number(app, "--lora-alpha", adapter.alpha, {.min = 0}, "They count alpha / rank")->group(kEncoderGroup);
  add_number(app, "--lora-dropout", adapter.dropout, {.min = 0, .max = 0.99}, "Before them")->group(kEncoderGroup);
  app.add_option("--lora-from", adapter.start, "PEFT's files to go on from: their rank, alpha and targets")
      ->type_name("FOLDER")
      ->group(kEncoderGroup);
  app.add_option("--lora-targets", adapter.targets, "Linear layers by the end of their name, or all-linear")
      ->type_name("NAME,..")
      ->delimiter(',')
      ->capture_default_str()
      ->group(kEncoderGroup);
}

bool TrainingFlags::given(const char* flag) const {
  return app_->get_option(flag)->count() > 0;
}

// A value that the preset sets; the same value may stand in a flag or a config.
template <class Value>
void TrainingFlags::set(Value& field, const Value& value, const char* flag) const {
  if (given(flag) && field != value) {
    const char* name = preset_ == Preset::kPaper ? "paper" : "reference";
    throw usage_error("--preset " + std::string(name) + " sets " + flag + ": leave one of the two out");
  }
  field = value;
}

void TrainingFlags::apply(TrainOptions& options) const {
  options.mode = flags_.mode;
  options.head = flags_.head;
  options.encoder_training = flags_.encoder_training;
  options.valid_users = flags_.valid_users;
  options.alpha = flags_.alpha;
  options.fresh = flags_.fresh;
  if (preset_ == Preset::kPaper && !given("--mode")) options.mode = TrainMode::kLora;
  if (options.mode != TrainMode::kHead) apply_mode_defaults(options);
  if (preset_ == Preset::kPaper) apply_paper(options);
  if (preset_ == Preset::kReference) apply_reference(options);
}

void TrainingFlags::apply_mode_defaults(TrainOptions& options) const {
  const auto& defaults = options.mode == TrainMode::kFull ? kFullDefaults : kLoraDefaults;
  if (!given("--batch-size")) options.head.batch_size = defaults.batch_size;
  if (!given("--epochs")) options.head.epochs = defaults.epochs;
  if (!given("--learning-rate")) options.head.learning_rate = defaults.learning_rate;
  if (!given("--temperature")) options.head.loss.temperature = defaults.temperature;
}

// arXiv 2602.21756: LoRA r 16, alpha 32, dropout .05, batch 72, rate 1e-5, in-batch negatives; the best persona's text
// is the score, nothing is centred, no map stands behind the encoder. It gives no temperature, epochs or warm-up.
void TrainingFlags::apply_paper(TrainOptions& options) const {
  if (options.mode == TrainMode::kHead) throw usage_error("--preset paper trains the encoder: --mode lora or full");
  auto& loss = options.head.loss;
  set(options.head.batch_size, std::size_t{72}, "--batch-size");
  set(options.head.learning_rate, 1e-5, "--learning-rate");
  set(loss.log_q, false, "--no-log-q");
  set(loss.symmetric, false, "--symmetric");
  set(loss.label_smoothing, 0.0, "--label-smoothing");
  set(loss.percpos, 0.0, "--percpos");
  set(loss.hard_negatives, std::size_t{0}, "--hard-negatives");
  set(options.encoder_training.adapter.rank, std::size_t{16}, "--lora-rank");
  set(options.encoder_training.adapter.alpha, 32.0, "--lora-alpha");
  set(options.encoder_training.adapter.dropout, 0.05, "--lora-dropout");
  set(options.encoder_training.train_maps, false, "--no-maps");
  set(options.encoder_training.catalogue_negatives, std::size_t{0}, "--catalogue-negatives");
  set(options.alpha, 1.0, "--alpha");
  set(options.profile.side, ProfileSide::kOwn, "--profile");
  set(options.persona_vectors, PersonaVectors::kText, "--persona-vectors");
  options.center = false;
}

// The published code: cos x 0.7, smoothing .05, own reviews of every rating, batch 8, 100 steps. In --mode head one
// shared map stands for the encoder that it trains; in --mode full it is that encoder.
void TrainingFlags::apply_reference(TrainOptions& options) const {
  auto& loss = options.head.loss;
  set(loss.temperature, 1 / 0.7, "--temperature");
  set(loss.log_q, false, "--no-log-q");
  set(loss.symmetric, false, "--symmetric");
  set(loss.label_smoothing, 0.05, "--label-smoothing");
  set(loss.mask_same_persona, false, "--no-mask-persona");
  set(loss.mask_same_item, false, "--no-mask-item");
  set(loss.mask_same_user, false, "--no-mask-user");
  set(loss.percpos, 0.0, "--percpos");
  set(loss.hard_negatives, std::size_t{0}, "--hard-negatives");
  set(options.head.batch_size, std::size_t{8}, "--batch-size");
  set(options.head.epochs, std::size_t{1}, "--epochs");
  set(options.head.max_steps, std::size_t{100}, "--max-steps");
  set(options.profile.side, ProfileSide::kOwn, "--profile");
  if (options.mode == TrainMode::kHead) return set(options.head.shared_map, true, "--shared-map");
  auto& training = options.encoder_training;
  set(options.head.learning_rate, 1e-5, "--learning-rate");
  set(options.persona_vectors, PersonaVectors::kText, "--persona-vectors");
  set(training.train_maps, false, "--no-maps");
  set(training.catalogue_negatives, std::size_t{0}, "--catalogue-negatives");
  set(training.accumulate, std::size_t{2}, "--accumulate");
  set(training.warm_up, 100.0, "--warm-up");
  set(training.decay, RateDecay::kLinear, "--decay");
  options.any_rating = true;
  options.center = false;
}

}  // namespace persona4rec
