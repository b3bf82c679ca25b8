#include "persona4rec/train.hpp"

#include <memory>
#include <optional>
#include <utility>

#include "base/clock.hpp"
#include "base/hash.hpp"
#include "base/refuse.hpp"
#include "encoder/device_choice.hpp"
#include "encoder/model_folder/model_folder_writer.hpp"
#include "encoder/ranks/ranks.hpp"
#include "io/folder_lock.hpp"
#include "io/input_file.hpp"
#include "io/output_file.hpp"
#include "io/output_target.hpp"
#include "matching/weights_json.hpp"
#include "persona4rec/encoder_head.hpp"
#include "persona4rec/error.hpp"
#include "profiles/serving_contract.hpp"
#include "records/profile_text.hpp"
#include "train/checkpoint.hpp"
#include "train/encoder/encoder_model.hpp"
#include "train/encoder/encoder_trainer.hpp"
#include "train/encoder/training_tokens.hpp"
#include "train/first_stage_weights.hpp"
#include "train/head_trainer.hpp"
#include "train/train_data.hpp"
#include "train/train_facts.hpp"

namespace persona4rec {
namespace {

class Training {
 public:
  Training(const TrainOptions& options, const ProfileText& texts, TextEncoder& encoder)
      : options_(options), texts_(texts), encoder_(encoder), provenance_("train", options.force) {
    check_options(options);
  }

  TrainReport run() {
    ranks_ = Ranks::join(choose_device(options_.device));
    if (!ranks_->first()) return follow();
    const auto only_writer = FolderLock::only_writer_of({&options_.output, 1});
    OutputFolder folder(options_.output);  // known at once when it cannot be made
    data_ = read_train_data(options_, texts_, encoder_, provenance_);
    register_inputs();
    train_model();
    fit_weights();
    count();
    write(folder);
    return report_;
  }

 private:
  // What a process does that is not the first: its part of the encoding and of an encoder's training, no output.
  TrainReport follow() {
    data_ = read_train_data(options_, texts_, encoder_, provenance_);
    if (options_.mode == TrainMode::kHead) return report_;
    register_inputs();
    train_encoder();
    return report_;
  }

  void register_inputs() {
    register_valid_candidates();
    provenance_.input_value("encoder", encoder_.fingerprint(), options_.base_encoder);
    provenance_.input_value("profile_text", texts_.fingerprint());
    provenance_.model(options_.base_encoder.filename().string());
    add_option_facts(provenance_, options_);
  }

  void register_valid_candidates() {
    if (options_.valid_candidates.empty()) return;
    valid_ = InputFile::repeatable(options_.valid_candidates, scratch_folder(options_.output));
    provenance_.input("candidate.valid", options_.valid_candidates, sha256_of(*valid_));
    const Json meta = read_meta(options_.valid_candidates);
    const Json made_with = meta.is_object() ? meta.value("options", Json::object()) : Json::object();
    if (const auto world = made_with.value("for", "valid"); world != "valid") {
      refuse_unless_forced(options_.valid_candidates.string() + " was made for world " + world +
                               ", but training is validated in world valid: run `persona4rec candidates --for valid`",
                           options_.force);
    }
  }

  void train_model() {
    if (options_.mode == TrainMode::kHead) return train_maps();
    train_encoder();
  }

  // The item side's vectors live in here alone: without --fit-weights nobody needs them as encoded afterwards.
  void train_maps() {
    auto vectors =
        options_.fit_weights ? scratch_copy(data_.vectors.values(), data_.scratch) : std::exchange(data_.vectors, {});
    const FrozenWorld world(data_, std::move(vectors), options_.profile, {}, options_.threads);
    const Samples samples(world, options_.persona_vectors, data_.selected, options_.threads, Samples::Vectors::kKept);
    check_samples(samples);
    count(samples);
    const Validation validation(world, options_, valid_);
    HeadTrainingOptions head = options_.head;
    head.batch_size *= ranks_->size();  // the maps train here alone, with the steps of all ranks' batches
    trained_ =
        train_head(samples, data_.dimensions, head, &validation, checkpoint(), options_.threads, options_.progress);
    take_head(world);
  }

  void take_head(const FrozenWorld& world) {
    head_ = {.dimensions = data_.dimensions,
             .user_map = trained_.user_map,
             .persona_map = trained_.persona_map,
             .user_mean = {world.interaction_mean().begin(), world.interaction_mean().end()},
             .persona_mean = {world.persona_mean().begin(), world.persona_mean().end()}};
  }

  void train_encoder() {
    tokens_ = read_training_tokens(options_, texts_, data_);
    report_.tokens = tokens_->total();
    encoder_trainer_ = std::make_unique<EncoderTrainer>(options_, data_, *tokens_, valid_, ranks_);
    check_samples(encoder_trainer_->samples());
    count(encoder_trainer_->samples());
    trained_ = encoder_trainer_->run(checkpoint());
    take_head(FrozenWorld(data_, data_.vectors.values(), options_.profile, {}, options_.threads));
  }

  void check_samples(const Samples& samples) const {
    if (samples.size() >= 2) return;
    throw input_error({.file = options_.selected.string()},
                      "expected at least 2 usable training samples, got " + std::to_string(samples.size()) + " of " +
                          std::to_string(data_.selected_rows) + " rows (" +
                          std::to_string(samples.dropped_no_profile()) + " without a liked history, " +
                          std::to_string(samples.dropped_no_persona()) + " without a persona free of the user)");
  }

  // Prompts of the caller's own take the place of the encoder's default prompt.
  [[nodiscard]] std::optional<SidePrompts> prompts() const {
    const auto& texts = texts_.options();
    if (!texts.has_prefix()) return std::nullopt;
    return SidePrompts{.query = texts.query_prefix, .document = texts.document_prefix};
  }

  [[nodiscard]] CheckpointOptions checkpoint() const {
    auto folder = options_.output;
    folder += ".checkpoint";
    return {.folder = folder,
            .fingerprint = sha256_hex(provenance_.lineage().dump() + training_facts(options_).dump()),
            .fresh = options_.fresh};
  }

  void fit_weights() {
    report_.weights = kHeadWeights;
    if (!options_.fit_weights) return;
    const double begun = steady_seconds();
    FitListCounts counts;
    for (const auto& lists : make_fit_lists(data_, options_, trained_, counts)) {
      report_.first_stage_weights.push_back(choose_first_stage_weights(lists, options_));
    }
    report_.fit_seconds = steady_seconds() - begun;
    provenance_.run_fact("fit_seconds", report_.fit_seconds);
    Json facts = Json::object();
    for (const auto& chosen : report_.first_stage_weights) facts[to_string(chosen.method)] = fit_facts(chosen);
    provenance_.option("fit", facts);
    provenance_.count("fit_positives", counts.positives);
    provenance_.count("fit_valid_targets", counts.valid_targets);
    provenance_.count("fit_folds", counts.folds);
  }

  void count(const Samples& samples) {
    report_.samples = samples.size();
    report_.samples_moved = samples.moved();
    report_.texts_rewritten = data_.rewritten ? data_.rewritten->size() : 0;
    report_.dropped_no_profile = samples.dropped_no_profile();
    report_.dropped_no_persona = samples.dropped_no_persona();
  }

  void count() {
    report_.selected = data_.selected_rows;
    report_.selected_unknown = data_.selected_unknown;
    report_.epochs = trained_.epochs;
    report_.best_epoch = trained_.best_epoch;
    report_.steps = trained_.steps;
    report_.last_loss = trained_.last_loss;
    report_.valid_candidates = trained_.best.candidates;
    report_.valid_all_items = trained_.best.all_items;
    report_.resumed = trained_.resumed;
    add_counts(provenance_, report_, data_.bad_rows);
  }

  void write_encoder(const std::filesystem::path& folder) {
    ModelFolderParts parts{.base = options_.base_encoder, .head = &head_, .prompts = prompts()};
    if (!encoder_trainer_) return write_model_folder(folder, parts);
    encoder_trainer_->model().write_weights([&](const TensorViews& weights) {
      parts.weights = &weights;
      write_model_folder(folder, parts);
    });
    if (options_.mode == TrainMode::kLora) encoder_trainer_->model().write_adapter(folder / "adapter");
  }

  void write(OutputFolder& folder) {
    write_encoder(folder.path());
    write_file(folder.path() / "fusion_weights.json", weights_json().dump(2) + "\n");
    write_contract(folder.path());
    OutputFile log(folder.path() / "train_log.jsonl");
    for (const auto& line : trained_.log) log.write_row(line);
    log.commit();
    std::filesystem::remove(std::filesystem::path(options_.output).concat(".meta.json"));
    folder.commit();
    provenance_.write(options_.output, "encoder/", sha256_hex(head_.fingerprint() + weights_json().dump()), 1);
    remove_checkpoint(checkpoint().folder);
  }

  [[nodiscard]] Json weights_json() const {
    HeadWeights weights{.others = report_.weights, .of_first_stage = {}};
    for (const auto& chosen : report_.first_stage_weights) {
      weights.of_first_stage.emplace(to_string(chosen.method), chosen.weights);
    }
    return to_json(weights);
  }

  void write_contract(const std::filesystem::path& folder) const {
    ServingContract contract{.terms = terms_json({.profile = options_.profile,
                                                  .persona_vectors = options_.persona_vectors,
                                                  .center = options_.center,
                                                  .liked_from = options_.split.liked_from,
                                                  .words = options_.words},
                                                 texts_),
                             .alpha = options_.alpha,
                             .settings = split_settings(data_.rows.split.options()),
                             .fit = {},
                             .chosen = {}};
    note_interactions(data_.rows, contract);
    write_serving_contract(folder, contract);
  }

  const TrainOptions& options_;
  const ProfileText& texts_;
  TextEncoder& encoder_;
  Provenance provenance_;
  std::optional<InputFile> valid_;  // lists to validate on, hashed and read
  TrainData data_;
  std::shared_ptr<Ranks> ranks_;
  std::optional<TokenFile> tokens_;
  std::unique_ptr<EncoderTrainer> encoder_trainer_;
  TrainedHead trained_;
  EncoderHead head_;
  TrainReport report_;
};

}  // namespace

TrainReport train(const TrainOptions& options, const ProfileText& texts, TextEncoder& encoder) {
  return Training(options, texts, encoder).run();
}

}  // namespace persona4rec
