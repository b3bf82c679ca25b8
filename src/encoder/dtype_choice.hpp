// --dtype auto: bf16 or f32, whichever this processor computes a model's own matrix products faster with. What was
// chosen first in a workspace stands there for every later run, rank and shard: vectors of both kinds do not mix.
#pragma once

#include "encoder/model_folder/model_config.hpp"
#include "encoder/store/dtype_file.hpp"
#include "encoder/transformer/product_times.hpp"
#include "persona4rec/encoder.hpp"

namespace persona4rec {

// bf16 where it saves at least 10 % of the time; its vectors are a little less exact, so a tie is f32.
[[nodiscard]] ComputeDtype faster_dtype(const ProductTimes& times);

// What the options say; for kAuto what stands in options.dtype_choice, else what is measured, and then it stands there.
// Of several processes that choose at once the first wins, and all take its choice.
// Throws Error kInput (a choice that cannot be read), kOutput (one that cannot be written).
[[nodiscard]] ComputeDtype choose_dtype(const EncoderOptions& options, const ModelConfig& model);

}  // namespace persona4rec
