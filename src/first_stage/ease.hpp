// ease and text-ease: a linear item x item model in closed form (formulas: first_stage/first_stage.hpp). Settings are
// checked by fit_first_stage.
#pragma once

#include <memory>

#include "first_stage/first_stage.hpp"

namespace persona4rec {

// `item_texts` null: plain EASE. Throws Error kUsage when the matrix cannot be factored (lambda too small for its
// size).
[[nodiscard]] std::unique_ptr<FirstStage> fit_ease(const FirstStageOptions& options, const InteractionMatrix& data,
                                                   const SparseMatrix* item_texts);

}  // namespace persona4rec
