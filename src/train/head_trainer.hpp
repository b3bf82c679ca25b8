// Trains a head: epochs over seeded orders of the samples, validation after each, early stopping, the best maps kept.
//
// Checkpoint: after every epoch, and when a signal asks to stop, the whole state goes to a folder that appears at once;
// a run that finds one made from the same inputs and options goes on from it and ends with the same bytes.
// Deterministic: the order of an epoch depends on (seed, epoch) alone.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "persona4rec/json.hpp"
#include "persona4rec/train.hpp"
#include "train/samples.hpp"
#include "train/validation.hpp"

namespace persona4rec {

struct TrainedHead {
  std::vector<float> user_map;     // [d, d]
  std::vector<float> persona_map;  // [d, d]
  std::uint64_t epochs = 0;
  std::uint64_t best_epoch = 0;
  std::uint64_t steps = 0;
  double last_loss = 0;  // mean over the last epoch's steps
  ValidScores best;
  std::vector<Json> log;  // one object an epoch, epoch 0 = the identity
  bool resumed = false;
};

struct CheckpointOptions {
  std::filesystem::path folder;  // empty = no checkpoints (fold fits)
  std::string fingerprint;       // of inputs and options; another one's checkpoint is refused
  bool fresh = false;            // throw an old checkpoint away
};

// `validation` may be null: then all epochs run and the last maps are kept.
// Throws Error kInternal naming step, batch and learning rate when the loss is no number; kSignal after saving.
[[nodiscard]] TrainedHead train_head(const Samples& samples, std::size_t dimensions, const HeadTrainingOptions& options,
                                     const Validation* validation, const CheckpointOptions& checkpoint,
                                     std::size_t threads, const ProgressFn& progress);

}  // namespace persona4rec
