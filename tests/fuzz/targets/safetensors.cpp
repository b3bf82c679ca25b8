// model.safetensors: whatever is taken can be read through.
#include "encoder/model_folder/safetensors.hpp"

#include "fuzz/fuzz_target.hpp"

namespace persona4rec {

FUZZ_TARGET(safetensors) {
  static const fuzz::ScratchFolder scratch;
  const SafetensorsFile file(scratch.write("model.safetensors", input));
  for (const auto& [name, tensor] : file.tensors()) {
    if (is_float_dtype(tensor.dtype)) fuzz::use(to_f32(tensor));
    for (const auto byte : tensor.bytes) fuzz::use(byte);
  }
}

}  // namespace persona4rec
