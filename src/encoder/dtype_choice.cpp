#include "encoder/dtype_choice.hpp"

#include <string>

#include "base/format.hpp"
#include "encoder/transformer/attention_bf16.hpp"

namespace persona4rec {
namespace {

constexpr double kLeastGain = 0.10;

ComputeDtype measure(const ModelConfig& model) {
  return has_bf16_instructions() ? faster_dtype(time_products(model)) : ComputeDtype::kF32;
}

}  // namespace

ComputeDtype faster_dtype(const ProductTimes& times) {
  return times.bf16_s <= (1 - kLeastGain) * times.f32_s ? ComputeDtype::kBf16 : ComputeDtype::kF32;
}

std::string dtype_reason(const EncoderOptions& options) {
  if (options.dtype != EncoderDtype::kAuto) return to_string(options.dtype) + ": as --dtype says";
  const ModelConfig model = read_model_config(options.folder);
  if (!options.dtype_choice.empty()) {
    if (const auto chosen = stored_dtype(options.dtype_choice, model)) {
      return std::string(*chosen == ComputeDtype::kBf16 ? "bf16" : "f32") + ": stands in " +
             options.dtype_choice.string() + " for this workspace";
    }
  }
  if (!has_bf16_instructions()) return "f32: this processor has no bf16 instructions";
  const ProductTimes times = time_products(model);
  return std::string(faster_dtype(times) == ComputeDtype::kBf16 ? "bf16" : "f32") +
         ": measured, a layer's products take " + number_text("%.2f", times.bf16_s * 1e3) + " ms in bf16 and " +
         number_text("%.2f", times.f32_s * 1e3) + " ms in f32";
}

ComputeDtype choose_dtype(const EncoderOptions& options, const ModelConfig& model) {
  if (const auto known = known_dtype(options, model)) return *known;
  if (options.dtype_choice.empty()) return measure(model);
  return store_dtype(options.dtype_choice, model, [&] { return measure(model); });
}

}  // namespace persona4rec
