#include "train/encoder/encoder_trainer.hpp"

#include <algorithm>
#include <cmath>
#include <csignal>
#include <numeric>

#include "base/clock.hpp"
#include "base/format.hpp"
#include "base/rng.hpp"
#include "base/stop.hpp"
#include "encoder/ranks/ranks.hpp"
#include "persona4rec/error.hpp"
#include "train/checkpoint.hpp"
#include "train/encoder/encoder_model.hpp"
#include "train/encoder/learning_rate.hpp"

namespace persona4rec {
namespace {

constexpr std::size_t kTextsAtOnce = 32768;  // token ids in memory while everything is encoded

}  // namespace

struct EncoderTrainer::State {
  State(const TrainOptions& train_options, TrainData& train_data, const TokenFile& token_file,
        const std::optional<InputFile>& valid_lists, std::shared_ptr<Ranks> processes)
      : options(train_options),
        data(train_data),
        tokens(token_file),
        valid(valid_lists),
        ranks(std::move(processes)),
        first_world(data, data.vectors.values(), options.profile, {}, options.threads),
        samples(first_world, options.persona_vectors, data.selected, options.threads),
        model(options, ranks) {}

  // ---- where the run is ----------------------------------------------------------------------------------------
  [[nodiscard]] std::size_t step_samples() const { return options.head.batch_size * accumulate() * ranks->size(); }
  [[nodiscard]] std::size_t accumulate() const { return options.encoder_training.accumulate; }
  [[nodiscard]] std::size_t steps_of_epoch() const {  // a short rest joins the last
    return std::max<std::size_t>(1, samples.size() / step_samples());
  }
  [[nodiscard]] std::uint64_t total_steps() const {
    const std::uint64_t all = options.head.epochs * steps_of_epoch();
    return options.head.max_steps == 0 ? all : std::min<std::uint64_t>(all, options.head.max_steps);
  }
  [[nodiscard]] bool out_of_steps() const { return now.head.steps >= total_steps(); }
  [[nodiscard]] bool finished() const {
    if (now.step_in_epoch > 0) return false;  // resumed inside an epoch
    return samples.size() < 2 || now.head.epochs >= options.head.epochs || out_of_steps() || out_of_patience();
  }
  [[nodiscard]] bool out_of_patience() const {
    return options.head.patience > 0 && now.head.best.criterion() && now.since_best >= options.head.patience;
  }

  // ---- the memory bank -------------------------------------------------------------------------------------------
  // Rows whose vector training or world valid looks at.
  [[nodiscard]] std::vector<std::uint32_t> texts_in_use() const {
    std::vector<std::uint32_t> texts;
    for (std::uint32_t row = 0; row < data.rows.rows(); ++row) {
      const bool held_out = data.rows.access_of_row[row] == RowAccess::kTest;
      if (!held_out && data.texts.has_text_of_row[row] != 0) texts.push_back(row);
    }
    return texts;
  }

  // `stoppable`: a signal ends it after saving, and a run that goes on begins with it again.
  VectorBank encode_all(bool stoppable) {
    const std::size_t d = data.dimensions;
    VectorBank bank{.rows = std::vector<float>(data.rows.rows() * d), .personas = {}};
    auto texts = texts_in_use();
    const std::size_t rows = texts.size();
    if (!data.persona_texts.empty()) {
      bank.personas.resize(data.persona_texts.size());
      for (std::uint32_t k = 0; k < data.persona_text_count(); ++k) {
        texts.push_back(static_cast<std::uint32_t>(data.rows.rows()) + k);
      }
    }
    for (std::size_t begin = 0; begin < texts.size(); begin += kTextsAtOnce) {
      if (stoppable) save_if_stopped();
      const auto part = std::span(texts).subspan(begin, std::min(kTextsAtOnce, texts.size() - begin));
      const auto vectors = model.encode(tokens, part);
      tell_encoded(begin + part.size(), texts.size());
      for (std::size_t i = 0; i < part.size(); ++i) {
        const bool is_row = begin + i < rows;
        auto& to = is_row ? bank.rows : bank.personas;
        const std::size_t at = is_row ? part[i] : part[i] - data.rows.rows();
        std::copy_n(vectors.data() + i * d, d, to.data() + at * d);
      }
    }
    return bank;
  }

  void tell_encoded(std::size_t done, std::size_t total) const {
    if (options.progress && ranks->first())
      options.progress({.what = "texts for world valid", .done = done, .total = total});
  }

  // Training sees these vectors from now on.
  void use(VectorBank vectors) {
    bank = std::move(vectors);
    world = make_world(bank);
    model.set_means(world->interaction_mean(), world->persona_mean());
  }

  std::unique_ptr<FrozenWorld> make_world(const VectorBank& vectors) {
    data.persona_texts = vectors.personas;
    return std::make_unique<FrozenWorld>(data, vectors.rows, options.profile, std::span<const std::uint8_t>(),
                                         options.threads);
  }

  // ---- world valid -----------------------------------------------------------------------------------------------
  void look(const FrozenWorld& at) {
    const Validation validation(at, options, valid);
    const auto scores = validation.score(model.user_map(), model.persona_map());
    const auto found = scores.criterion();
    const bool is_first = now.head.steps == 0;
    ++now.since_best;
    const bool better = is_first || !found || *found > now.head.best.criterion().value_or(0);
    if (better) {
      now.head.best = scores;
      now.head.best_epoch = now.head.epochs;
      now.since_best = 0;
      if (ranks->first()) {
        write_best_weights(checkpoint.folder, [&](const auto& file) { model.save(file, false); });
      }
    }
    log(scores, better);
  }

  void log(const ValidScores& scores, bool best) {
    const bool begun = now.head.steps > 0;
    now.head.log.push_back({{"epoch", now.head.epochs},
                            {"steps", now.head.steps},
                            {"loss", begun ? Json(now.head.last_loss) : Json(nullptr)},
                            {"learning_rate", begun ? Json(now.last_rate) : Json(nullptr)},
                            {"gradient", begun ? Json(now.last_gradient) : Json(nullptr)},
                            {"temperature", model.temperature()},
                            {"valid_candidates", log_entry(scores.candidates)},
                            {"valid_all_items", log_entry(scores.all_items)},
                            {"best", best}});
  }

  // ---- steps -----------------------------------------------------------------------------------------------------
  void run_epoch() {
    std::vector<std::uint32_t> order(samples.size());
    std::iota(order.begin(), order.end(), 0U);
    Rng(options.head.seed, "epoch " + std::to_string(now.head.epochs + 1)).shuffle(order);
    while (now.step_in_epoch < steps_of_epoch() && !out_of_steps()) {
      save_if_stopped();
      const std::size_t begin = now.step_in_epoch * step_samples();
      const std::size_t end = now.step_in_epoch + 1 == steps_of_epoch() ? order.size() : begin + step_samples();
      step(std::span(order).subspan(begin, end - begin));
      ++now.step_in_epoch;
      between_steps();
    }
    end_epoch();
  }

  void step(std::span<const std::uint32_t> batch) {
    const double share = rate_share(options.encoder_training, now.head.steps, total_steps());
    now.last_rate = share * options.head.learning_rate;
    double loss = 0;
    for (std::size_t part = 0; part < accumulate(); ++part) {
      const std::size_t begin = batch.size() * part / accumulate();
      const std::size_t end = batch.size() * (part + 1) / accumulate();
      loss += add(batch.subspan(begin, end - begin), now.head.steps * accumulate() + part) /
              static_cast<double>(accumulate());
    }
    now.last_gradient = model.update(share);
    check_number(now.last_gradient);
    now.loss_sum += loss;
    ++now.head.steps;
    tell();
  }

  // This process's part of a batch.
  double add(std::span<const std::uint32_t> batch, std::uint64_t number) {
    const std::size_t begin = batch.size() * ranks->rank() / ranks->size();
    const std::size_t end = batch.size() * (ranks->rank() + 1) / ranks->size();
    const auto made =
        model.add(plan_batch(samples, batch.subspan(begin, end - begin), *world, options, number), tokens, number);
    check_number(made.loss);
    tokens_seen += made.tokens;
    return made.loss;
  }

  void check_number(double value) const {
    if (std::isfinite(value)) return;
    throw internal_error("the loss is no number at step " + std::to_string(now.head.steps + 1) + ", batch " +
                         std::to_string(now.step_in_epoch + 1) + " of epoch " + std::to_string(now.head.epochs + 1) +
                         ", learning rate " + number_text("%.3g", now.last_rate) +
                         ": a lower --learning-rate or a longer --warm-up may help");
  }

  void between_steps() {
    const auto& every = options.encoder_training;
    if (now.step_in_epoch == steps_of_epoch() || out_of_steps()) return;
    now.head.last_loss = now.loss_sum / static_cast<double>(now.step_in_epoch);
    if (every.valid_every > 0 && now.head.steps % every.valid_every == 0) {
      look(*make_world(encode_all(false)));
      data.persona_texts = bank.personas;
    }
    if (every.save_every > 0 && now.head.steps % every.save_every == 0) save();
  }

  void end_epoch() {
    now.head.last_loss = now.step_in_epoch == 0 ? 0 : now.loss_sum / static_cast<double>(now.step_in_epoch);
    auto vectors = encode_all(true);
    ++now.head.epochs;
    now.step_in_epoch = 0;
    now.loss_sum = 0;
    use(std::move(vectors));
    look(*world);
    save();
  }

  void tell() {
    if (!options.progress || !ranks->first()) return;
    const auto best = now.head.best.criterion();
    const double seconds = std::max(1e-3, steady_seconds() - begun);
    options.progress({.what = "steps",
                      .done = now.head.steps,
                      .total = total_steps(),
                      .detail = "epoch " + std::to_string(now.head.epochs + 1) + ", loss " +
                                fixed_text(now.loss_sum / static_cast<double>(now.step_in_epoch + 1), 4) +
                                (best ? ", best valid NDCG@10 " + fixed_text(*best, 4) : "") + ", " +
                                fixed_text(static_cast<double>(tokens_seen) / seconds, 0) + " tokens/s"});
  }

  // ---- checkpoints -----------------------------------------------------------------------------------------------
  bool resume() {
    if (checkpoint.fresh && ranks->first()) remove_checkpoint(checkpoint.folder);
    ranks->barrier();
    VectorBank saved{.rows = std::vector<float>(data.vectors.values().size()),
                     .personas = std::vector<float>(data.persona_texts.size())};
    auto found = read_encoder_checkpoint(checkpoint.folder, checkpoint.fingerprint, saved);
    if (!found) return false;
    model.restore(encoder_state_file(checkpoint.folder));
    now = std::move(*found);
    now.head.resumed = true;
    use(std::move(saved));
    return true;
  }

  // The vectors that are there already are those of the base encoder, without an adapter that training goes on from.
  void start() {
    VectorBank first{.rows = {data.vectors.values().begin(), data.vectors.values().end()},
                     .personas = data.persona_texts};
    data.vectors = {};
    const bool from_adapter = options.mode == TrainMode::kLora && !options.encoder_training.adapter.start.empty();
    use(from_adapter ? encode_all(true) : std::move(first));
    look(*world);
  }

  void save() const {
    if (!ranks->first()) return;
    write_encoder_checkpoint(checkpoint.folder, checkpoint.fingerprint, now, bank,
                             [&](const auto& file) { model.save(file, true); });
  }

  void save_if_stopped() const {
    if (!ranks->any(stop_signal() != 0)) return;
    if (world) save();  // before the first look there is nothing to keep
    ranks->barrier();
    throw_if_stopped();
    throw Error::from_signal(SIGTERM);  // another process was asked
  }

  // Data and maps become those of the best weights.
  void finish() {
    ranks->barrier();
    model.restore(best_weights_file(checkpoint.folder));
    auto best = encode_all(true);
    data.vectors = scratch_copy(best.rows, data.scratch);
    data.persona_texts = std::move(best.personas);
    now.head.user_map = model.user_map();
    now.head.persona_map = model.persona_map();
  }

  const TrainOptions& options;
  TrainData& data;
  const TokenFile& tokens;
  const std::optional<InputFile>& valid;
  std::shared_ptr<Ranks> ranks;
  FrozenWorld first_world;  // of the encoder that training begins with: which persona a sample has
  Samples samples;
  EncoderModel model;
  CheckpointOptions checkpoint;
  VectorBank bank;
  std::unique_ptr<FrozenWorld> world;
  Checkpoint now;
  double begun = steady_seconds();
  std::uint64_t tokens_seen = 0;
};

EncoderTrainer::EncoderTrainer(const TrainOptions& options, TrainData& data, const TokenFile& tokens,
                               const std::optional<InputFile>& valid, std::shared_ptr<Ranks> ranks)
    : state_(std::make_unique<State>(options, data, tokens, valid, std::move(ranks))) {}

EncoderTrainer::~EncoderTrainer() = default;

const Samples& EncoderTrainer::samples() const {
  return state_->samples;
}

const EncoderModel& EncoderTrainer::model() const {
  return state_->model;
}

TrainedHead EncoderTrainer::run(const CheckpointOptions& checkpoint) {
  auto& state = *state_;
  state.checkpoint = checkpoint;
  if (!state.resume()) state.start();
  state.begun = steady_seconds();
  while (!state.finished()) state.run_epoch();
  state.finish();
  return state.now.head;
}

}  // namespace persona4rec
