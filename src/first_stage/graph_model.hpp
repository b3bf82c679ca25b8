// bpr and lightgcn: vectors by a pairwise loss, without and with the neighbours' (docs/method.md, 8.7). Settings are
// checked by fit_first_stage.
#pragma once

#include <cstddef>
#include <memory>

#include "first_stage/first_stage.hpp"

namespace persona4rec {

// `layers`: how far a vector looks; 0 = itself alone, which is bpr.
[[nodiscard]] std::unique_ptr<FirstStage> fit_graph_model(const FirstStageOptions& options,
                                                          const InteractionMatrix& data, std::size_t layers);

}  // namespace persona4rec
