// A BERT or XLM-R encoder with its pooling, computed by LibTorch (none of it in this header). Where our own kernels
// serve (computed_in_blocks()), encoder/blocks does.
//
// Tokens of all texts of a batch lie one behind the other: linear layers see [tokens, hidden], attention sees one text
// at a time, nothing is padded or masked. Buffers are kept between batches, and the number of rows is rounded up, so
// that neither they nor the kernels that libraries cache grow with the number of shapes.
//
// A batch is computed on the calling thread alone; several threads work on several batches. So results do not depend on
// the number of threads, and no thread waits for another inside a layer.
// Thread-safety: const calls from any thread.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "encoder/model_folder/model_config.hpp"
#include "encoder/model_folder/model_weights.hpp"
#include "encoder/sentence/packing.hpp"
#include "encoder/store/dtype_file.hpp"

namespace persona4rec {

// Rows of a matrix product come in multiples of this: libraries keep one kernel a shape, so few shapes.
inline constexpr std::size_t kRowUnit = 64;

// While it lives, LibTorch's operators stay on the thread that calls them; then the setting before comes back.
// To be held by the thread that starts the workers.
class SingleThreadedOperators {
 public:
  SingleThreadedOperators();
  SingleThreadedOperators(const SingleThreadedOperators&) = delete;
  SingleThreadedOperators& operator=(const SingleThreadedOperators&) = delete;
  ~SingleThreadedOperators();

 private:
  int before_;
};

struct TransformerOptions {
  ComputeDtype dtype = ComputeDtype::kF32;  // or kBf16
  bool fast_attention = true;               // attend() of bf16 where the processor has it; false = LibTorch's
};

class Transformer {
 public:
  // Copies the weights. Throws Error kInternal with LibTorch's message.
  Transformer(const ModelConfig& model, const ModelWeights& weights, const TransformerOptions& options);
  ~Transformer();

  // Last hidden states, [tokens, hidden] f32 row-major, in the order of batch.ids.
  // REQUIRES: ids below the model's vocabulary, texts of 1 .. position_room() tokens, SingleThreadedOperators.
  // Throws Error kInternal.
  [[nodiscard]] std::vector<float> hidden_states(const PackedBatch& batch) const;

  // Pooled (and, where the folder says so, normalised) vectors, [texts, hidden] f32, in the order of the batch.
  [[nodiscard]] std::vector<float> encode(const PackedBatch& batch) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace persona4rec
