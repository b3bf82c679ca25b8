// The token ids of all texts that encoder training reads. Thread-safety: re-entrant.
#pragma once

#include "records/profile_text.hpp"
#include "train/encoder/token_file.hpp"
#include "train/train_data.hpp"

namespace persona4rec {

// Rows of data.texts, then those of data.persona_texts; in an unnamed file
// beside options.output. Texts are cut at options.encoder_training.max_tokens, or where serving cuts them. Throws Error
// kInput, kUsage (more tokens than the model has room for), kOutput.
[[nodiscard]] TokenFile read_training_tokens(const TrainOptions& options, const ProfileText& texts,
                                             const TrainData& data);

}  // namespace persona4rec
