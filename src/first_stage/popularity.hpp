// popularity: the number of the item's users, the same for everyone (formula: first_stage/first_stage.hpp).
#pragma once

#include <memory>

#include "first_stage/first_stage.hpp"

namespace persona4rec {

[[nodiscard]] std::unique_ptr<FirstStage> fit_popularity(const InteractionMatrix& data);

}  // namespace persona4rec
