// The options of a training: checked, and as the meta file and the checkpoint's fingerprint hold them.
#pragma once

#include "io/provenance.hpp"
#include "persona4rec/train.hpp"

namespace persona4rec {

// Throws Error kUsage for options out of range and for the mode that this version does not have.
void check_options(const TrainOptions& options);

// Everything that decides the maps.
[[nodiscard]] Json training_facts(const TrainOptions& options);

void add_option_facts(Provenance& provenance, const TrainOptions& options);
// How the weights of a first stage were chosen.
[[nodiscard]] Json fit_facts(const FirstStageWeights& chosen);
void add_counts(Provenance& provenance, const TrainReport& report, std::uint64_t bad_rows);

}  // namespace persona4rec
