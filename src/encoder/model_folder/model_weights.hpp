// The tensors of a model folder: model.safetensors, pytorch_model.bin, or the shards of either, under the names of a
// bare encoder ("embeddings.word_embeddings.weight", whatever prefix the file puts before them; what old checkpoints
// call LayerNorm.gamma and LayerNorm.beta is its weight and bias). Thread-safety: const access from any thread.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "encoder/model_folder/model_config.hpp"
#include "encoder/model_folder/safetensors.hpp"

namespace persona4rec {

struct TensorSpec {
  std::string name;
  std::vector<std::int64_t> shape;
};

// Every tensor that an encoder of this shape computes with, in a fixed order. Linear weights are [out, in].
[[nodiscard]] std::vector<TensorSpec> encoder_tensors(const ModelConfig& model);

class ModelWeights {
 public:
  // Those of model.transformer. Throws Error kInput naming the file: none of them there, broken, an LFS pointer, ...; a
  // tensor missing, of a wrong shape, not of F32, F16 or BF16, or with a value that is not finite.
  explicit ModelWeights(const ModelConfig& model);
  // Tensors in memory under encoder_tensors' names, of which `owner` owns the bytes. Throws as above, naming `origin`.
  ModelWeights(const ModelConfig& model, const TensorViews& tensors, std::shared_ptr<const void> owner,
               const std::string& origin);

  // REQUIRES: `name` is one of encoder_tensors(model). The view lives as long as this object.
  [[nodiscard]] const TensorView& tensor(const std::string& name) const;

  // Hex SHA-256 over names, dtypes, shapes and bytes of encoder_tensors(model): the same for a copy of the weights in
  // another file layout.
  [[nodiscard]] std::string fingerprint() const;

 private:
  std::vector<std::shared_ptr<const void>> files_;  // own the views' bytes
  TensorViews tensors_;                             // under our names
};

}  // namespace persona4rec
