// pytorch_model.bin: the zip archive that torch.save has written since 2020 for a dictionary of plain tensors.
//
// No Python object is ever built: the pickle inside may only make dictionaries of tensors over stored (uncompressed)
// archive members, everything else is refused. The file is mapped, nothing is copied.
// Thread-safety: const access from any thread.
#pragma once

#include <filesystem>

#include "encoder/model_folder/safetensors.hpp"
#include "io/mapped_file.hpp"

namespace persona4rec {

class TorchCheckpointFile {
 public:
  // Throws Error kInput: an LFS pointer, no such archive, truncated, a pickle that holds more than plain tensors
  // (contiguous, of F32, F16, BF16, I64 or BOOL).
  explicit TorchCheckpointFile(const std::filesystem::path& path);

  // Views live as long as this object.
  [[nodiscard]] const TensorViews& tensors() const { return tensors_; }

 private:
  MappedFile file_;
  TensorViews tensors_;
};

}  // namespace persona4rec
