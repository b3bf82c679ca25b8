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

// Many fits of one set of interactions. Memory: 16 bytes for each pair of items, and 12 more during a fit.
// Thread-safety: fit() from any thread, each on one.
class EaseFits {
 public:
  EaseFits(const InteractionMatrix& data, const SparseMatrix* item_texts);
  EaseFits(const EaseFits&) = delete;
  EaseFits& operator=(const EaseFits&) = delete;
  ~EaseFits();

  // Throws as fit_ease. REQUIRES: alpha 0 where there are no texts.
  [[nodiscard]] std::unique_ptr<FirstStage> fit(double lambda, double alpha) const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace persona4rec
