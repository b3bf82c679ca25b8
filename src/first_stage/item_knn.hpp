// itemknn: similar items of those that the user has had (formula: first_stage/first_stage.hpp). Settings are checked by
// fit_first_stage.
#pragma once

#include <memory>

#include "first_stage/first_stage.hpp"

namespace persona4rec {

[[nodiscard]] std::unique_ptr<FirstStage> fit_item_knn(const FirstStageOptions& options, const InteractionMatrix& data);

}  // namespace persona4rec
