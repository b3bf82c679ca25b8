// tests/golden/trainable, made by scripts/make_trainable_golden.py: losses, gradients and an adapter of PyTorch and
// PEFT.
#pragma once

#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "encoder/device_choice.hpp"
#include "encoder/trainable/trainable_transformer.hpp"
#include "support/golden_encoder.hpp"

namespace persona4rec::test {

inline std::filesystem::path trainable_golden(std::string_view name) {
  return source_dir() / "tests" / "golden" / "trainable" / name;
}

struct LossCase {
  std::vector<std::vector<std::int32_t>> ids;
  double temperature = 1;
  double loss = 0;
};

inline nlohmann::json golden_json(const std::string& name) {
  return nlohmann::json::parse(read_file(trainable_golden("golden.json"))).at(name);
}

inline LossCase loss_case(const std::string& name) {
  const auto json = golden_json(name);
  return {.ids = json.at("ids"), .temperature = json.at("temperature"), .loss = json.at("loss")};
}

// The second half of the vectors are the positives of the first.
inline at::Tensor contrastive_loss(const at::Tensor& vectors, double temperature) {
  const auto halves = vectors.chunk(2);
  const at::Tensor targets = at::arange(halves[0].size(0), vectors.options().dtype(at::kLong));
  return at::cross_entropy_loss(halves[0].mm(halves[1].t()) / temperature, targets);
}

// A GPU where there is one.
inline at::Device device_here() {
  static const at::Device kDevice = choose_device("auto");
  return kDevice;
}

// On the device that is here.
inline TrainableTransformer trainable(const std::string& folder, TrainableOptions options = {}) {
  const ModelConfig model = read_model_config(encoder_golden(folder));
  options.device = device_here();
  return {model, ModelWeights(model), options};
}

inline std::vector<float> values_of(const at::Tensor& tensor) {
  const at::Tensor flat = tensor.detach().to(at::kCPU).contiguous();
  return {flat.const_data_ptr<float>(), flat.const_data_ptr<float>() + flat.numel()};
}

using Gradients = std::map<std::string, at::Tensor>;

// By the parameters that train, in the processor's memory.
inline Gradients gradients_of(const at::Tensor& loss, const TrainableTransformer& encoder) {
  std::vector<at::Tensor> values;
  for (const auto& parameter : encoder.parameters()) values.push_back(parameter.value);
  const auto found = torch::autograd::grad({loss}, values);
  Gradients out;
  for (std::size_t i = 0; i < found.size(); ++i) out.emplace(encoder.parameters()[i].name, found[i].cpu());
  return out;
}

// Key biases change no probability: their gradient is zero, and what is computed is noise, at most `noise`.
inline void expect_gradients(const Gradients& got, const Gradients& expected, double tolerance, double noise = 1e-7) {
  for (const auto& [name, gradient] : got) {
    ASSERT_TRUE(expected.contains(name)) << name;
    const double difference = (gradient - expected.at(name)).norm().item<double>();
    const double size = expected.at(name).norm().item<double>();
    EXPECT_LE(difference, name.ends_with("key.bias") ? noise : tolerance * size) << name << " of norm " << size;
  }
}

inline Gradients read_gradients(const std::string& file) {
  const SafetensorsFile stored(trainable_golden(file));
  Gradients out;
  for (const auto& [name, view] : stored.tensors()) {
    std::vector<float> values = to_f32(view);
    out.emplace(name, at::from_blob(values.data(), view.shape, at::kFloat).clone());
  }
  return out;
}

}  // namespace persona4rec::test
