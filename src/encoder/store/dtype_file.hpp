// The number type that --dtype auto chose in a workspace, made once and taken by every later run, rank and shard.
//
// A JSON object: a model's sizes -> "f32" or "bf16". Throws Error kInput (a choice that cannot be read), kOutput (one
// that cannot be written).
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "encoder/model_folder/model_config.hpp"
#include "persona4rec/encoder.hpp"

namespace persona4rec {

enum class ComputeDtype : std::uint8_t { kF32, kBf16, kInt8 };  // kInt8: encoder/blocks/block_transformer.hpp

// "f32", "bf16", "int8 1": as fingerprints have it.
[[nodiscard]] std::string name_of(ComputeDtype dtype);

// What stands in `file` for models of these sizes; nothing where no choice was made, or there is no file.
[[nodiscard]] std::optional<ComputeDtype> stored_dtype(const std::filesystem::path& file, const ModelConfig& model);

// The same; where nothing stands there, what `choose` says, which then does. Of several processes the first one
// chooses.
[[nodiscard]] ComputeDtype store_dtype(const std::filesystem::path& file, const ModelConfig& model,
                                       const std::function<ComputeDtype()>& choose);

// The number type on a processor, as far as nothing has to be measured for it: what the options name, or what stands in
// options.dtype_choice.
[[nodiscard]] std::optional<ComputeDtype> known_dtype(const EncoderOptions& options, const ModelConfig& model);

}  // namespace persona4rec
