// The state of a training run on disk, of which a run that was stopped goes on.
//
//   head     <output>.checkpoint/{state.json, model.pt, best.f32}
//   encoder  <output>.checkpoint/last/{state.json, model.safetensors, bank.f32, persona_bank.f32} and
//            <output>.checkpoint/best/weights.safetensors
// Each folder appears whole.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "train/head_trainer.hpp"

namespace persona4rec {

struct Checkpoint {
  TrainedHead head;   // its maps are the best so far (of an encoder: they stand with its weights)
  std::string model;  // HeadModel::save()
  std::size_t step_in_epoch = 0;
  double loss_sum = 0;  // of the epoch's steps so far
  // Of an encoder:
  std::uint64_t since_best = 0;  // looks at world valid since the best one
  double last_rate = 0;          // learning rate of the last step
  double last_gradient = 0;      // length of its gradient
};

void write_checkpoint(const std::filesystem::path& folder, const std::string& fingerprint,
                      const Checkpoint& checkpoint);

// Nothing when there is none. Throws Error kInput when it is broken, of other inputs, options or another mode, or its
// maps are not [dimensions, dimensions] (says --fresh).
[[nodiscard]] std::optional<Checkpoint> read_checkpoint(const std::filesystem::path& folder,
                                                        const std::string& fingerprint, std::size_t dimensions);

// The memory bank of an encoder's epoch: the vectors that no gradient goes through.
struct VectorBank {
  std::vector<float> rows;      // [rows, d]
  std::vector<float> personas;  // [personas, d] of their texts; empty = none are needed
};

// `save`: writes the model's state to the file that it is given.
void write_encoder_checkpoint(const std::filesystem::path& folder, const std::string& fingerprint,
                              const Checkpoint& checkpoint, const VectorBank& bank,
                              const std::function<void(const std::filesystem::path&)>& save);

// As read_checkpoint; `bank` is filled, whose sizes are those expected. The model's state is in encoder_state_file().
[[nodiscard]] std::optional<Checkpoint> read_encoder_checkpoint(const std::filesystem::path& folder,
                                                                const std::string& fingerprint, VectorBank& bank);
[[nodiscard]] std::filesystem::path encoder_state_file(const std::filesystem::path& folder);

// The best weights so far.
void write_best_weights(const std::filesystem::path& folder,
                        const std::function<void(const std::filesystem::path&)>& save);
[[nodiscard]] std::filesystem::path best_weights_file(const std::filesystem::path& folder);

void remove_checkpoint(const std::filesystem::path& folder);

}  // namespace persona4rec
