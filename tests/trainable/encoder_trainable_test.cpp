#include "encoder/trainable/trainable_transformer.hpp"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "encoder/transformer/transformer.hpp"
#include "support/golden_encoder.hpp"

namespace persona4rec::test {
namespace {

std::vector<float> values_of(const at::Tensor& tensor) {
  const at::Tensor flat = tensor.detach().to(at::kCPU).contiguous();
  return {flat.const_data_ptr<float>(), flat.const_data_ptr<float>() + flat.numel()};
}

TrainableTransformer trainable(const std::string& folder, const TrainableOptions& options = {}) {
  const ModelConfig model = read_model_config(encoder_golden(folder));
  return {model, ModelWeights(model), options};
}

std::vector<std::vector<std::int32_t>> ids_of(const std::string& folder) {
  const auto& golden = read_encoder_golden();
  return folder == "tiny_bert" ? golden.ids : golden.xlmr_ids;
}

const std::vector<std::string> kFolders = {"tiny_bert", "tiny_xlmr"};

TEST(TrainableTransformer, WithoutTrainingTheVectorsAreThoseOfInference) {
  const SingleThreadedOperators single_threaded;
  for (const auto& folder : kFolders) {
    SCOPED_TRACE(folder);
    const ModelConfig model = read_model_config(encoder_golden(folder));
    const PackedBatch batch = pack(ids_of(folder));
    const auto expected = Transformer(model, ModelWeights(model), {}).encode(batch);
    for (const bool own : {true, false}) {
      expect_near(values_of(trainable(folder, {.own_attention = own}).encode(batch, {})), expected, 1e-6);
    }
  }
}

TEST(TrainableTransformer, MergedTensorsAreAModelForInference) {
  const SingleThreadedOperators single_threaded;
  const TrainableTransformer encoder = trainable("tiny_bert");
  const PackedBatch batch = pack(ids_of("tiny_bert"));
  const Transformer inference(encoder.model(), model_weights(encoder.model(), encoder.merged_tensors()), {});
  expect_near(values_of(encoder.encode(batch, {})), inference.encode(batch), 1e-6);
}

}  // namespace
}  // namespace persona4rec::test
