// The state of a training run on disk: <output>.checkpoint/{state.json, model.pt, best.f32}. Appears whole.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "train/head_trainer.hpp"

namespace persona4rec {

struct Checkpoint {
  TrainedHead head;   // its maps are the best so far
  std::string model;  // HeadModel::save()
  std::size_t step_in_epoch = 0;
  double loss_sum = 0;  // of the epoch's steps so far
};

void write_checkpoint(const std::filesystem::path& folder, const std::string& fingerprint,
                      const Checkpoint& checkpoint);

// Nothing when there is none. Throws Error kInput when it is broken, of other inputs or options, or its maps are not
// [dimensions, dimensions] (says --fresh).
[[nodiscard]] std::optional<Checkpoint> read_checkpoint(const std::filesystem::path& folder,
                                                        const std::string& fingerprint, std::size_t dimensions);

void remove_checkpoint(const std::filesystem::path& folder);

}  // namespace persona4rec
