// Candidate lists whose right answer is known, for each first stage: of the folds of the training positives, and of
// world valid (docs/method.md, 7.2 Folds, 7.3 World valid). Nothing that scores a list was fitted with its right
// answer.
#pragma once

#include <cstdint>
#include <vector>

#include "matching/fit_data.hpp"
#include "persona4rec/first_stage.hpp"
#include "profiles/persona_words.hpp"
#include "train/head_trainer.hpp"
#include "train/train_data.hpp"

namespace persona4rec {

// Of one first stage. The channels are those of fit_view.hpp.
struct FitLists {
  FirstStageMethod method = FirstStageMethod::kEase;
  FitData folds;
  FitData valid;
  std::vector<std::uint32_t> user_of_valid;  // [lists of `valid`]
};

struct FitListCounts {
  std::uint64_t positives = 0;      // held out, over all folds
  std::uint64_t valid_targets = 0;  // looked at in world valid
  std::size_t folds = 0;            // made: as many as hold out an eighth each
};

// `head`: the trained one, which world valid is judged with; each fold trains its own for as many epochs as the best.
[[nodiscard]] std::vector<FitLists> make_fit_lists(const TrainData& data, const TrainOptions& options,
                                                   const TrainedHead& head, FitListCounts& counts);

}  // namespace persona4rec
