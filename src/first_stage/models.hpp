// The four recommenders behind fit_first_stage. Settings are checked there.
#pragma once

#include <memory>

#include "first_stage/first_stage.hpp"

namespace persona4rec {

[[nodiscard]] std::unique_ptr<FirstStage> fit_popularity(const InteractionMatrix& data);
[[nodiscard]] std::unique_ptr<FirstStage> fit_item_knn(const FirstStageOptions& options, const InteractionMatrix& data);

// `item_texts` null: plain EASE. Throws Error kUsage when the matrix cannot be factored (lambda too small for its
// size).
[[nodiscard]] std::unique_ptr<FirstStage> fit_ease(const FirstStageOptions& options, const InteractionMatrix& data,
                                                   const SparseMatrix* item_texts);

}  // namespace persona4rec
