#include "train/train_facts.hpp"

#include "lexical/vocabulary.hpp"
#include "matching/option_names.hpp"
#include "matching/weights_json.hpp"
#include "persona4rec/error.hpp"

namespace persona4rec {

void check_options(const TrainOptions& options) {
  const auto& head = options.head;
  const auto need = [](bool good, const char* message) {
    if (!good) throw usage_error(message);
  };
  need(options.mode == TrainMode::kHead,
       "--mode full: training the encoder itself is not built in this version; --mode head trains maps on the frozen "
       "one");
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
}

Json training_facts(const TrainOptions& options) {
  const auto& head = options.head;
  const auto& loss = head.loss;
  return {{"mode", "head"},
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

Json fit_facts(const FirstStageWeights& chosen) {
  return {{"weights", to_json(chosen.weights)},
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
  provenance.count("dropped_no_profile", report.dropped_no_profile);
  provenance.count("dropped_no_persona", report.dropped_no_persona);
  provenance.count("epochs", report.epochs);
  provenance.count("best_epoch", report.best_epoch);
  provenance.count("steps", report.steps);
  provenance.count("bad_rows", bad_rows);
}

void apply_reference_preset(TrainOptions& options) {
  options.head.loss = {.temperature = 1 / 0.7,
                       .log_q = false,
                       .symmetric = false,
                       .label_smoothing = 0.05,
                       .mask_same_persona = false,
                       .mask_same_item = false,
                       .mask_same_user = false,
                       .percpos = 0,
                       .hard_negatives = 0};
  options.head.batch_size = 8;
  options.head.epochs = 1;
  options.head.max_steps = 100;
  options.head.shared_map = true;
  options.profile.side = ProfileSide::kOwn;
}

}  // namespace persona4rec
