#include "train/train_facts.hpp"

#include "lexical/vocabulary.hpp"
#include "matching/option_names.hpp"
#include "matching/weights_json.hpp"
#include "persona4rec/error.hpp"

namespace persona4rec {

namespace {

void need(bool good, const char* message) {
  if (!good) throw usage_error(message);
}

void check_encoder_options(const TrainOptions& options) {
  const auto& training = options.encoder_training;
  need(options.persona_vectors == PersonaVectors::kSupport || options.persona_vectors == PersonaVectors::kText,
       "--mode full and --mode lora train with --persona-vectors support or text: the profiles of readers (readers, "
       "mix) are made of vectors that no gradient goes through");
  need(options.profile.side != ProfileSide::kItems,
       "--mode full and --mode lora train with --profile own or both: items alone leave a user no text of its own");
  need(training.adapter.rank >= 1, "--lora-rank: expected at least 1");
  need(training.adapter.dropout >= 0 && training.adapter.dropout < 1, "--lora-dropout: expected a number in [0, 1)");
  need(training.dropout < 1, "--dropout: expected a number in [0, 1)");
  need(training.warm_up >= 0, "--warm-up: expected a number >= 0");
  need(training.weight_decay >= 0, "--weight-decay: expected a number >= 0");
  need(training.clip >= 0, "--clip: expected a number >= 0");
  need(training.map_rate > 0, "--map-rate: expected a number > 0");
  need(training.accumulate >= 1, "--accumulate: expected at least 1");
  need(training.max_tokens != 1, "--train-length: expected at least 2 tokens (those around a text)");
}

const char* name_of(TrainMode mode) {
  if (mode == TrainMode::kHead) return "head";
  return mode == TrainMode::kFull ? "full" : "lora";
}

const char* name_of(RateDecay decay) {
  if (decay == RateDecay::kConstant) return "constant";
  return decay == RateDecay::kLinear ? "linear" : "cosine";
}

Json encoder_facts(const EncoderTrainingOptions& training, TrainMode mode) {
  Json facts = {{"freeze_layers", training.freeze_layers},
                {"freeze_embeddings", training.freeze_embeddings},
                {"dropout", training.dropout < 0 ? Json(nullptr) : Json(training.dropout)},
                {"mixed_precision", training.mixed == MixedPrecision::kAuto  ? "auto"
                                    : training.mixed == MixedPrecision::kOff ? "off"
                                                                             : "on"},
                {"train_maps", training.train_maps},
                {"map_rate", training.map_rate},
                {"learn_temperature", training.learn_temperature},
                {"train_length", training.max_tokens},
                {"chunk_tokens", training.chunk_tokens},
                {"support_texts", training.support_texts},
                {"rest_of_support", training.rest_of_support},
                {"catalogue_negatives", training.catalogue_negatives},
                {"accumulate", training.accumulate},
                {"weight_decay", training.weight_decay},
                {"warm_up", training.warm_up},
                {"decay", name_of(training.decay)},
                {"clip", training.clip},
                {"valid_every", training.valid_every}};
  if (mode == TrainMode::kLora) {
    facts["lora"] = {{"rank", training.adapter.rank},
                     {"alpha", training.adapter.alpha},
                     {"dropout", training.adapter.dropout},
                     {"targets", training.adapter.targets}};
  }
  return facts;
}

}  // namespace

void check_options(const TrainOptions& options) {
  const auto& head = options.head;
  need(head.loss.temperature > 0, "--temperature: expected a number > 0");
  need(head.loss.label_smoothing >= 0 && head.loss.label_smoothing < 1,
       "--label-smoothing: expected a number in [0, 1)");
  need(head.loss.percpos >= 0, "--percpos: expected a number >= 0");
  need(head.batch_size >= 2, "--batch-size: expected at least 2 (the others of a batch are the negatives)");
  need(head.epochs >= 1, "--epochs: expected at least 1");
  need(head.learning_rate > 0, "--learning-rate: expected a number > 0");
  need(options.folds >= 2, "--folds: expected at least 2");
  need(options.alpha >= 0 && options.alpha <= 1, "--alpha: expected a number in [0, 1]");
  need(options.profile.k_recent >= 1, "--k-recent: expected at least 1");
  need(options.profile.gamma > 0 && options.profile.gamma <= 1, "--gamma: expected a number in (0, 1]");
  if (options.mode != TrainMode::kHead) check_encoder_options(options);
}

Json training_facts(const TrainOptions& options) {
  const auto& head = options.head;
  const auto& loss = head.loss;
  Json facts = {{"mode", name_of(options.mode)},
                {"persona_vectors", option_name(options.persona_vectors)},
                {"profile", option_name(options.profile.side)},
                {"k_recent", options.profile.k_recent},
                {"gamma", options.profile.gamma},
                {"alpha", options.alpha},
                {"temperature", loss.temperature},
                {"log_q", loss.log_q},
                {"symmetric", loss.symmetric},
                {"label_smoothing", loss.label_smoothing},
                {"mask_same_persona", loss.mask_same_persona},
                {"mask_same_item", loss.mask_same_item},
                {"mask_same_user", loss.mask_same_user},
                {"percpos", loss.percpos},
                {"hard_negatives", loss.hard_negatives},
                {"batch_size", head.batch_size},
                {"epochs", head.epochs},
                {"max_steps", head.max_steps},
                {"learning_rate", head.learning_rate},
                {"patience", head.patience},
                {"shared_map", head.shared_map},
                {"train_seed", head.seed},
                {"valid_users", options.valid_users}};
  if (options.mode != TrainMode::kHead) {
    facts.update(encoder_facts(options.encoder_training, options.mode));
    facts.update({{"center", options.center}, {"any_rating", options.any_rating}});
  }
  return facts;
}

void add_option_facts(Provenance& provenance, const TrainOptions& options) {
  const Json facts = training_facts(options);
  for (const auto& [name, value] : facts.items()) provenance.option(name, value);
  provenance.option("words", to_json(options.words));
  provenance.option("fit_weights", options.fit_weights);
  if (!options.fit_weights) return;
  provenance.option("folds", options.folds);
  provenance.option("fit_topk", options.fit_topk);
  provenance.option("fit_lists", options.fit_lists);
  Json names = Json::array();
  for (const auto method : options.first_stages) names.push_back(to_string(method));
  provenance.option("first_stages", names);
}

namespace {

Json facts_of(const SingleChannel& channel) {
  return {{"weight", channel.weight}, {"ndcg@10", channel.ndcg}};
}

}  // namespace

Json fit_facts(const FirstStageWeights& chosen) {
  return {{"weights", to_json(chosen.weights)},
          {"folds_and_valid",
           {{"ndcg@10", chosen.ndcg}, {"words_alone", facts_of(chosen.words)}, {"head_alone", facts_of(chosen.head)}}},
          {"folds",
           {{"lists", chosen.fold_lists}, {"ndcg@10", chosen.fold_ndcg}, {"fixed_ndcg@10", chosen.fold_fixed_ndcg}}},
          {"valid",
           {{"lists", chosen.valid_lists},
            {"ndcg@10", chosen.valid_ndcg},
            {"without_persona_words_ndcg@10", chosen.valid_without_ndcg}}}};
}

void add_counts(Provenance& provenance, const TrainReport& report, std::uint64_t bad_rows) {
  provenance.count("selected", report.selected);
  provenance.count("selected_unknown", report.selected_unknown);
  provenance.count("samples", report.samples);
  provenance.count("samples_moved", report.samples_moved);
  provenance.count("texts_rewritten", report.texts_rewritten);
  provenance.count("dropped_no_profile", report.dropped_no_profile);
  provenance.count("dropped_no_persona", report.dropped_no_persona);
  provenance.count("epochs", report.epochs);
  provenance.count("best_epoch", report.best_epoch);
  provenance.count("steps", report.steps);
  provenance.count("bad_rows", bad_rows);
}

}  // namespace persona4rec
