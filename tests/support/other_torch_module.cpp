#include "cli/torch/torch_module.hpp"

const persona4rec::TorchFunctions* persona4rec_torch() {
  static const persona4rec::TorchFunctions kFunctions = {.version = "0.0.0-other"};
  return &kFunctions;
}
