#include "train/head_trainer.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/log.hpp"
#include "base/rng.hpp"
#include "base/stop.hpp"
#include "persona4rec/error.hpp"
#include "train/checkpoint.hpp"
#include "train/head_model.hpp"

namespace persona4rec {
namespace {

class HeadTrainer {
 public:
  HeadTrainer(const Samples& samples, std::size_t dimensions, const HeadTrainingOptions& options,
              const Validation* validation, const CheckpointOptions& checkpoint, std::size_t threads,
              const ProgressFn& progress)
      : samples_(samples),
        options_(options),
        validation_(validation),
        checkpoint_(checkpoint),
        progress_(progress),
        dimensions_(dimensions),
        model_(dimensions, options, threads) {}

  TrainedHead run() {
    if (!resume()) start();
    while (!finished()) run_epoch();
    return std::move(out_);
  }

 private:
  void start() {
    keep_best();
    if (validation_ != nullptr) {
      out_.best = validation_->score({}, {});
      log_epoch(out_.best, 0);
    }
  }

  bool resume() {
    if (checkpoint_.folder.empty()) return false;
    if (checkpoint_.fresh) remove_checkpoint(checkpoint_.folder);
    auto saved = read_checkpoint(checkpoint_.folder, checkpoint_.fingerprint, dimensions_);
    if (!saved) return false;
    model_.restore(saved->model);
    out_ = std::move(saved->head);
    out_.resumed = true;
    step_in_epoch_ = saved->step_in_epoch;
    loss_sum_ = saved->loss_sum;
    return true;
  }

  [[nodiscard]] bool out_of_steps() const { return options_.max_steps > 0 && out_.steps >= options_.max_steps; }

  [[nodiscard]] bool finished() const {
    if (step_in_epoch_ > 0) return false;  // resumed inside an epoch
    const bool patient = options_.patience == 0 || validation_ == nullptr || !out_.best.criterion() ||
                         out_.epochs - out_.best_epoch < options_.patience;
    return samples_.size() < 2 || out_.epochs >= options_.epochs || out_of_steps() || !patient;
  }

  void run_epoch() {
    std::vector<std::uint32_t> order(samples_.size());
    std::iota(order.begin(), order.end(), 0U);
    Rng(options_.seed, "epoch " + std::to_string(out_.epochs + 1)).shuffle(order);
    const std::size_t batches =
        std::max<std::size_t>(1, order.size() / options_.batch_size);  // a short rest joins the last
    for (; step_in_epoch_ < batches && !out_of_steps(); ++step_in_epoch_) {
      save_if_stopped();
      const std::size_t begin = step_in_epoch_ * options_.batch_size;
      const std::size_t end = step_in_epoch_ + 1 == batches ? order.size() : begin + options_.batch_size;
      step(std::span(order).subspan(begin, end - begin));
      tell(batches);
    }
    end_epoch();
  }

  void step(std::span<const std::uint32_t> batch) {
    const double loss = model_.step(samples_.make_batch(batch, options_.loss));
    if (!std::isfinite(loss)) {
      throw internal_error("the loss is no number at step " + std::to_string(out_.steps + 1) + ", batch " +
                           std::to_string(step_in_epoch_ + 1) + " of epoch " + std::to_string(out_.epochs + 1) +
                           ", learning rate " + std::to_string(options_.learning_rate) +
                           ": a lower --learning-rate or a higher --temperature may help");
    }
    loss_sum_ += loss;
    ++out_.steps;
  }

  void end_epoch() {
    out_.last_loss = step_in_epoch_ == 0 ? 0 : loss_sum_ / static_cast<double>(step_in_epoch_);
    ++out_.epochs;
    step_in_epoch_ = 0;
    loss_sum_ = 0;
    ValidScores scores;
    if (validation_ != nullptr) scores = validation_->score(model_.user_map(), model_.persona_map());
    const auto now = scores.criterion();
    if (!now || *now > out_.best.criterion().value_or(0)) {
      out_.best = scores;
      out_.best_epoch = out_.epochs;
      keep_best();
    }
    log_epoch(scores, out_.last_loss);
    save();
  }

  void keep_best() {
    out_.user_map = model_.user_map();
    out_.persona_map = model_.persona_map();
  }

  void log_epoch(const ValidScores& scores, double loss) {
    out_.log.push_back({{"epoch", out_.epochs},
                        {"steps", out_.steps},
                        {"loss", out_.epochs == 0 ? Json(nullptr) : Json(loss)},
                        {"learning_rate", options_.learning_rate},
                        {"valid_candidates", log_entry(scores.candidates)},
                        {"valid_all_items", log_entry(scores.all_items)},
                        {"best", out_.best_epoch == out_.epochs}});
  }

  void save() const {
    if (!checkpoint_.folder.empty()) {
      write_checkpoint(checkpoint_.folder, checkpoint_.fingerprint,
                       {.head = out_, .model = model_.save(), .step_in_epoch = step_in_epoch_, .loss_sum = loss_sum_});
    }
  }

  void save_if_stopped() const {
    if (stop_signal() == 0) return;
    save();
    throw_if_stopped();
  }

  void tell(std::size_t batches) const {
    if (!progress_) return;
    const auto best = out_.best.criterion();
    progress_({.what = "steps",
               .done = out_.epochs * batches + step_in_epoch_ + 1,
               .total = options_.epochs * batches,
               .detail = "epoch " + std::to_string(out_.epochs + 1) + ", loss " +
                         std::to_string(loss_sum_ / static_cast<double>(step_in_epoch_ + 1)).substr(0, 6) +
                         (best ? ", best valid NDCG@10 " + std::to_string(*best).substr(0, 6) : "")});
  }

  const Samples& samples_;
  const HeadTrainingOptions& options_;
  const Validation* validation_;
  const CheckpointOptions& checkpoint_;
  const ProgressFn& progress_;
  std::size_t dimensions_;
  HeadModel model_;
  TrainedHead out_;
  std::size_t step_in_epoch_ = 0;
  double loss_sum_ = 0;
};

}  // namespace

TrainedHead train_head(const Samples& samples, std::size_t dimensions, const HeadTrainingOptions& options,
                       const Validation* validation, const CheckpointOptions& checkpoint, std::size_t threads,
                       const ProgressFn& progress) {
  return HeadTrainer(samples, dimensions, options, validation, checkpoint, threads, progress).run();
}

}  // namespace persona4rec
