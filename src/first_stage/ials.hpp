// ials: matrix factorisation on implicit feedback by alternating least squares (docs/method.md, 8.6). Settings are
// checked by fit_first_stage.
#pragma once

#include <memory>

#include "first_stage/first_stage.hpp"

namespace persona4rec {

[[nodiscard]] std::unique_ptr<FirstStage> fit_ials(const FirstStageOptions& options, const InteractionMatrix& data);

}  // namespace persona4rec
