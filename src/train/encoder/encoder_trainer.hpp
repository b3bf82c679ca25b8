// Trains the encoder itself: epochs over seeded orders of the samples, world valid looked at after each (or every few
// steps), early stopping, the best weights kept (docs/method.md, 6.8 Training the encoder).
//
// Checkpoint: after every epoch, every few steps where asked, and when a signal asks to stop; a run that finds one made
// from the same inputs and options goes on from it and, with as many threads and processes, ends with the same bytes.
// With several processes all of them read the inputs and the first alone writes.
// Thread-safety: one object, one thread.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>

#include "encoder/model_folder/safetensors.hpp"
#include "io/input_file.hpp"
#include "train/encoder/token_file.hpp"
#include "train/head_trainer.hpp"
#include "train/train_data.hpp"

namespace persona4rec {

class EncoderModel;
class Ranks;

class EncoderTrainer {
 public:
  // `data` holds the vectors of options.base_encoder; `tokens` the texts of its rows and, behind them, of its personas
  // where data.persona_texts are needed. REQUIRES: everything outlives this object.
  EncoderTrainer(const TrainOptions& options, TrainData& data, const TokenFile& tokens,
                 const std::optional<InputFile>& valid, std::shared_ptr<Ranks> ranks);
  EncoderTrainer(const EncoderTrainer&) = delete;
  EncoderTrainer& operator=(const EncoderTrainer&) = delete;
  ~EncoderTrainer();

  [[nodiscard]] const Samples& samples() const;

  // Trains; afterwards data's vectors and persona_texts are those of the best weights. Throws Error kInternal naming
  // step, batch and learning rate when the loss is no number; kSignal after saving.
  TrainedHead run(const CheckpointOptions& checkpoint);

  // The best encoder: all its weights, and its adapter alone. REQUIRES: after run().
  [[nodiscard]] const EncoderModel& model() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace persona4rec
