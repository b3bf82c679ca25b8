// LoRA adapters as PEFT keeps them: adapter_config.json and adapter_model.safetensors, of which
// PeftModel.from_pretrained makes a model for feature extraction. https://huggingface.co/docs/peft. Thread-safety:
// re-entrant.
#pragma once

#include <filesystem>
#include <string>

#include "encoder/trainable/trainable_transformer.hpp"

namespace persona4rec {

// The adapters of `encoder`, which has LoRA. `base` = the model that they belong to, as PEFT should load it; may be
// empty. The folder appears as a whole. Throws Error kOutput.
void write_peft_adapter(const std::filesystem::path& folder, const TrainableTransformer& encoder,
                        const std::string& base);

// What a transformer needs to hold the folder's adapters: rank, alpha, dropout, and the linears that have one.
// Throws Error kInput naming file and field: missing, broken, no LoRA, a kind of LoRA that is not supported (DoRA,
// rsLoRA, trained biases, ranks that differ, layers beside the encoder's linears).
[[nodiscard]] LoraOptions read_peft_options(const std::filesystem::path& folder);

// Copies the folder's adapters into `encoder`, whose options.lora is read_peft_options(folder) (dropout may differ).
// Throws Error kInput: as above, an adapter missing or of another shape.
void read_peft_adapter(const std::filesystem::path& folder, const TrainableTransformer& encoder);

}  // namespace persona4rec
