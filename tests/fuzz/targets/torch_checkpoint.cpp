// pytorch_model.bin: whatever is taken can be read through.
#include "encoder/model_folder/torch_checkpoint.hpp"

#include "fuzz/fuzz_target.hpp"

namespace persona4rec {

FUZZ_TARGET(torch_checkpoint) {
  static const fuzz::ScratchFolder scratch;
  const TorchCheckpointFile file(scratch.write("pytorch_model.bin", input));
  for (const auto& [name, tensor] : file.tensors()) {
    if (is_float_dtype(tensor.dtype)) fuzz::use(to_f32(tensor));
    for (const auto byte : tensor.bytes) fuzz::use(byte);
  }
}

}  // namespace persona4rec
