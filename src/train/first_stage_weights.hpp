// The weights of each first stage, chosen by the data (docs/method.md, 7 Choosing the weights).
#pragma once

#include <string>
#include <vector>

#include "persona4rec/json.hpp"
#include "persona4rec/train.hpp"
#include "train/fit_lists.hpp"

namespace persona4rec {

// From the lists of one first stage. REQUIRES: nothing; without lists the fixed weights come back.
[[nodiscard]] FirstStageWeights choose_first_stage_weights(const FitLists& lists, const TrainOptions& options);

}  // namespace persona4rec
