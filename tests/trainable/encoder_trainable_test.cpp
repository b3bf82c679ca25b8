#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>

#include "encoder/transformer/transformer.hpp"
#include "support/resident_memory.hpp"
#include "trainable/golden_trainable.hpp"

namespace persona4rec::test {
namespace {

// Threads of tiny operators only wait for each other.
class OneThread : public testing::Environment {
 public:
  void SetUp() override { at::set_num_threads(1); }
};
const auto* const kOneThread = testing::AddGlobalTestEnvironment(new OneThread);

const std::vector<std::string> kFolders = {"tiny_bert", "tiny_xlmr"};

at::Tensor loss_of(const TrainableTransformer& encoder, const LossCase& golden, const EncodePass& pass = {}) {
  return contrastive_loss(encoder.encode(pack(golden.ids), pass), golden.temperature);
}

TEST(TrainableTransformer, WithoutTrainingTheVectorsAreThoseOfInference) {
  const SingleThreadedOperators single_threaded;
  for (const auto& folder : kFolders) {
    SCOPED_TRACE(folder);
    const ModelConfig model = read_model_config(encoder_golden(folder));
    const PackedBatch batch = pack(loss_case(folder).ids);
    const auto expected = Transformer(model, ModelWeights(model), {}).encode(batch);
    for (const bool own : {true, false}) {
      expect_near(values_of(trainable(folder, {.own_attention = own}).encode(batch, {})), expected, 1e-6);
    }
  }
}

TEST(TrainableTransformer, PoolsTheLargestAsInferenceDoes) {
  const SingleThreadedOperators single_threaded;
  const TinyBert folder;
  folder.set("1_Pooling/config.json", "pooling_mode", "max");
  const ModelConfig model = read_model_config(folder.path());
  const PackedBatch batch = pack(loss_case("tiny_bert").ids);
  const auto expected = Transformer(model, ModelWeights(model), {}).encode(batch);
  expect_near(values_of(TrainableTransformer(model, ModelWeights(model), {}).encode(batch, {})), expected, 1e-6);
}

TEST(TrainableTransformer, LossAndGradientsAreThoseOfPyTorch) {
  for (const auto& folder : kFolders) {
    const LossCase golden = loss_case(folder);
    for (const bool own : {true, false}) {
      SCOPED_TRACE(folder + (own ? "" : ", LibTorch's attention"));
      const TrainableTransformer encoder = trainable(folder, {.own_attention = own});
      const at::Tensor loss = loss_of(encoder, golden);
      EXPECT_NEAR(loss.item<double>(), golden.loss, 1e-6);
      const Gradients expected = read_gradients(folder + ".safetensors");
      EXPECT_EQ(encoder.parameters().size(), expected.size());
      const double noise = own && device_here().is_cpu() ? 1e-7 : 1e-6;
      expect_gradients(gradients_of(loss, encoder), expected, 1e-5, noise);
    }
  }
}

TEST(TrainableTransformer, GoodGradientsAlsoWithDropout) {
  const LossCase golden = loss_case("tiny_bert");
  const TrainableTransformer encoder = trainable("tiny_bert", {.dropout = 0.2});
  const EncodePass pass{.training = true, .seed = 3};
  const Gradients gradients = gradients_of(loss_of(encoder, golden, pass), encoder);
  const at::AutoGradMode without(false);
  constexpr double kStep = 1e-2;
  for (const auto& parameter : encoder.parameters()) {  // along the gradient the loss grows as fast as it says
    const at::Tensor direction = gradients.at(parameter.name).to(device_here());
    const double norm = direction.norm().item<double>();
    if (norm < 1e-3) continue;
    at::Tensor value = parameter.value;
    const at::Tensor before = value.clone();
    const auto moved = [&](double step) {
      value.copy_(before).add_(direction, step / norm);
      return loss_of(encoder, golden, pass).item<double>();
    };
    const double slope = (moved(kStep) - moved(-kStep)) / (2 * kStep);
    value.copy_(before);
    EXPECT_NEAR(slope, norm, 0.03 * norm + 2e-4) << parameter.name;
  }
}

TEST(TrainableTransformer, ComputingLayersAgainChangesNoGradient) {
  const LossCase golden = loss_case("tiny_bert");
  const EncodePass pass{.training = true, .seed = 5};
  for (const bool own : {true, false}) {
    for (const std::size_t frozen : {0U, 1U}) {  // frozen: the first computed layer's input needs no gradient
      TrainableOptions options{.freeze_layers = frozen, .own_attention = own};
      const TrainableTransformer plain = trainable("tiny_bert", options);
      options.checkpoint_layers = true;
      const TrainableTransformer checkpointed = trainable("tiny_bert", options);
      const auto expected = gradients_of(loss_of(plain, golden, pass), plain);
      const auto got = gradients_of(loss_of(checkpointed, golden, pass), checkpointed);
      EXPECT_EQ(got.size(), expected.size());
      expect_gradients(got, expected, 1e-6);
      loss_of(checkpointed, golden, pass).backward();
      const auto& first = checkpointed.parameters().front();
      EXPECT_TRUE(first.value.grad().cpu().allclose(expected.at(first.name), 1e-5, 1e-7));
    }
  }
}

TEST(TrainableTransformer, FrozenStatesAndTheRestAreTheWhole) {
  const LossCase golden = loss_case("tiny_bert");
  const PackedBatch batch = pack(golden.ids);
  const EncodePass pass{.training = true, .seed = 5};
  for (const TrainableOptions& options :
       {TrainableOptions{.freeze_layers = 1}, TrainableOptions{.freeze_embeddings = true},
        TrainableOptions{.lora = LoraOptions{}}}) {
    const TrainableTransformer encoder = trainable("tiny_bert", options);
    ASSERT_TRUE(encoder.has_frozen_states());
    const at::Tensor states = encoder.frozen_states(batch);
    EXPECT_FALSE(states.requires_grad());
    const auto whole = gradients_of(loss_of(encoder, golden, pass), encoder);
    const at::Tensor vectors = encoder.encode_from(states, batch, pass);
    expect_gradients(gradients_of(contrastive_loss(vectors, golden.temperature), encoder), whole, 1e-6);
  }
  const TrainableTransformer all = trainable("tiny_bert");
  EXPECT_FALSE(all.has_frozen_states());
  expect_error(ErrorKind::kInternal, {"no frozen states"}, [&] { (void)all.frozen_states(batch); });
}

TEST(TrainableTransformer, FrozenPartsTrainNothing) {
  const auto names = [](const TrainableOptions& options) {
    std::string out;
    const TrainableTransformer encoder = trainable("tiny_bert", options);
    for (const auto& parameter : encoder.parameters()) out += parameter.name + "\n";
    return out;
  };
  EXPECT_NE(names({}).find("embeddings.word_embeddings"), std::string::npos);
  const std::string second = names({.freeze_layers = 1});
  EXPECT_EQ(second.find("embeddings"), std::string::npos);
  EXPECT_EQ(second.find("layer.0."), std::string::npos);
  EXPECT_NE(second.find("layer.1.output.LayerNorm.bias"), std::string::npos);
  EXPECT_NE(names({.freeze_embeddings = true}).find("layer.0."), std::string::npos);
  expect_error(ErrorKind::kUsage, {"every layer is frozen"}, [&] { names({.freeze_layers = 2}); });
  expect_error(ErrorKind::kUsage, {"cannot freeze 3 layers", "has 2"}, [&] { names({.freeze_layers = 3}); });
}

TEST(TrainableTransformer, BiasesAndLayerNormDoNotDecay) {
  std::size_t decaying = 0;
  const TrainableTransformer encoder = trainable("tiny_bert");
  for (const auto& parameter : encoder.parameters()) {
    EXPECT_EQ(parameter.decays, parameter.value.dim() == 2) << parameter.name;
    decaying += parameter.decays ? 1 : 0;
  }
  EXPECT_EQ(decaying, 3 + 2 * 6);
}

TEST(TrainableTransformer, TheSeedAloneDrawsDropout) {
  const PackedBatch batch = pack(loss_case("tiny_bert").ids);
  for (const bool own : {true, false}) {
    const TrainableTransformer encoder = trainable("tiny_bert", {.own_attention = own});
    const auto vectors = [&](const EncodePass& pass) { return values_of(encoder.encode(batch, pass)); };
    const auto first = vectors({.training = true, .seed = 7});
    const auto second = vectors({.training = true, .seed = 8});
    EXPECT_NE(first, second);
    EXPECT_NE(first, vectors({}));
    EXPECT_EQ(first, vectors({.training = true, .seed = 7}));
    EXPECT_EQ(vectors({.seed = 7}), vectors({.seed = 8}));
  }
}

// So that chunks of a batch, and ranks, train as the whole batch does.
TEST(TrainableTransformer, DropoutOfATextIsItsOwnWhateverIsBesideIt) {
  if (!device_here().is_cpu()) GTEST_SKIP() << "a GPU draws LibTorch's own dropout, by the place in the batch";
  const auto ids = loss_case("tiny_bert").ids;
  const TrainableTransformer encoder = trainable("tiny_bert");
  const EncodePass pass{.training = true, .seed = 7};
  const at::Tensor together = encoder.encode(pack(ids), pass);
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const at::Tensor alone = encoder.encode(pack({ids[i]}), pass);
    expect_near(values_of(alone[0]), values_of(together[static_cast<std::int64_t>(i)]), 1e-6);
  }
}

TEST(TrainableTransformer, ThreadsChangeNothing) {
  const TrainableTransformer encoder = trainable("tiny_bert");
  const PackedBatch batch = pack(loss_case("tiny_bert").ids);
  const auto vectors = [&] { return values_of(encoder.encode(batch, {.training = true, .seed = 1})); };
  const auto one = vectors();
  at::set_num_threads(2);
  expect_near(vectors(), one, 1e-6);
  at::set_num_threads(1);
}

TEST(TrainableTransformer, ARateOfZeroKeepsEverything) {
  const TrainableTransformer encoder = trainable("tiny_bert", {.dropout = 0.0});
  const PackedBatch batch = pack(loss_case("tiny_bert").ids);
  expect_near(values_of(encoder.encode(batch, {.training = true, .seed = 1})), values_of(encoder.encode(batch, {})), 0);
}

TEST(TrainableTransformer, MergedTensorsAreAModelForInference) {
  const SingleThreadedOperators single_threaded;
  const PackedBatch batch = pack(loss_case("tiny_bert").ids);
  const TrainableTransformer encoder =
      trainable("tiny_bert", {.lora = LoraOptions{.rank = 3, .targets = {"all-linear"}}, .seed = 4});
  at::Tensor plain;
  {
    const at::AutoGradMode without(false);
    plain = encoder.encode(batch, {});
    for (auto parameter : encoder.parameters()) {  // B is zero at first
      if (parameter.name.ends_with("lora_B.weight")) parameter.value.fill_(0.01);
    }
  }
  const at::Tensor vectors = encoder.encode(batch, {});
  EXPECT_GT((vectors - plain).abs().max().item<double>(), 1e-3);
  const Transformer inference(encoder.model(), model_weights(encoder.model(), encoder.merged_tensors()), {});
  expect_near(values_of(vectors), inference.encode(batch), 1e-6);
}

TEST(TrainableTransformer, MergedTensorsAreCopiesOfWhatTrains) {
  const TrainableTransformer encoder = trainable("tiny_bert");
  const auto merged = encoder.merged_tensors();
  EXPECT_EQ(merged.size(), encoder_tensors(encoder.model()).size());
  at::Tensor value = encoder.parameters().front().value;
  const auto before = values_of(merged.at(encoder.parameters().front().name));
  const at::AutoGradMode without(false);
  value.zero_();
  EXPECT_EQ(values_of(merged.at(encoder.parameters().front().name)), before);
}

TEST(TrainableTransformer, Bf16IsNearF32) {
  const LossCase golden = loss_case("tiny_bert");
  for (const bool own : {true, false}) {
    const TrainableTransformer encoder = trainable("tiny_bert", {.bf16 = true, .own_attention = own});
    const at::Tensor loss = loss_of(encoder, golden);
    EXPECT_NEAR(loss.item<double>(), golden.loss, 0.05);
    for (const auto& [name, gradient] : gradients_of(loss, encoder)) {
      EXPECT_EQ(gradient.scalar_type(), at::kFloat) << name;
    }
  }
}

TEST(TrainableTransformer, MemoryDoesNotGrowWithTheNumberOfShapes) {
#ifdef __SANITIZE_ADDRESS__
  GTEST_SKIP() << "sanitizers keep freed memory";
#endif
  const TrainableTransformer encoder = trainable("tiny_bert");
  const auto step = [&](std::size_t i) {
    std::vector<std::vector<std::int32_t>> ids;
    for (std::size_t text = 0; text < 2 + i % 7; ++text) ids.emplace_back(2 + (i * 13 + text * 29) % 46, 5 + i % 50);
    encoder.encode(pack(ids), {.training = true, .seed = i}).sum().backward();
  };
  for (std::size_t i = 0; i < 200; ++i) step(i);
  const std::size_t before = resident_pages();
  for (std::size_t i = 200; i < 1200; ++i) step(i);
  EXPECT_LT(resident_pages(), before + 4096) << "pages of 4 KiB";
}

}  // namespace
}  // namespace persona4rec::test
