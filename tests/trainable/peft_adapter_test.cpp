#include "encoder/trainable/peft_adapter.hpp"

#include <cstdlib>

#include "encoder/model_folder/model_folder_writer.hpp"
#include "trainable/golden_trainable.hpp"

namespace persona4rec::test {
namespace {

// A copy of the golden adapter, to be changed.
class GoldenAdapter {
 public:
  GoldenAdapter() {
    std::filesystem::copy(trainable_golden("adapter"), path(), std::filesystem::copy_options::recursive);
  }
  [[nodiscard]] std::filesystem::path path() const { return dir_ / "adapter"; }
  void set(const std::string& key, const nlohmann::json& value) const {
    auto json = nlohmann::json::parse(read_file(path() / "adapter_config.json"));
    json[key] = value;
    (void)dir_.write("adapter/adapter_config.json", json.dump());
  }

 private:
  TempDir dir_;
};

TrainableTransformer with_adapter(const std::filesystem::path& folder) {
  TrainableTransformer encoder = trainable("tiny_bert", {.lora = read_peft_options(folder)});
  read_peft_adapter(folder, encoder);
  return encoder;
}

TEST(PeftAdapter, LossGradientsAndVectorsAreThoseOfPeft) {
  const LossCase golden = loss_case("adapter");
  const TrainableTransformer encoder = with_adapter(trainable_golden("adapter"));
  EXPECT_EQ(encoder.options().lora->targets, (std::vector<std::string>{"attention.output.dense", "attention.self.query",
                                                                       "attention.self.value", "output.dense"}));
  const at::Tensor vectors = encoder.encode(pack(golden.ids), {});
  const std::vector<std::vector<float>> expected = golden_json("adapter").at("vectors");
  for (std::size_t i = 0; i < expected.size(); ++i) {
    expect_near(values_of(vectors[static_cast<std::int64_t>(i)]), expected[i], 1e-6);
  }
  const at::Tensor loss = contrastive_loss(vectors, golden.temperature);
  EXPECT_NEAR(loss.item<double>(), golden.loss, 1e-6);
  const Gradients gradients = read_gradients("adapter_gradients.safetensors");
  EXPECT_EQ(encoder.parameters().size(), gradients.size());
  expect_gradients(gradients_of(loss, encoder), gradients, 1e-5);
}

TEST(PeftAdapter, WhatIsWrittenIsReadAgain) {
  const TempDir dir;
  const TrainableTransformer encoder = with_adapter(trainable_golden("adapter"));
  write_peft_adapter(dir / "adapter", encoder, "tiny_bert");
  const TrainableTransformer again = with_adapter(dir / "adapter");
  EXPECT_EQ(again.options().lora->alpha, 6);
  EXPECT_EQ(again.options().lora->dropout, 0.05);
  for (std::size_t i = 0; i < encoder.parameters().size(); ++i) {
    EXPECT_EQ(again.parameters()[i].name, encoder.parameters()[i].name);
    EXPECT_EQ(values_of(again.parameters()[i].value), values_of(encoder.parameters()[i].value));
  }
  const auto read = [](const std::filesystem::path& folder) { return read_file(folder / "adapter_model.safetensors"); };
  EXPECT_EQ(read(dir / "adapter").size(), read(trainable_golden("adapter")).size());
}

// P4R_PYTHON: an interpreter that has peft and sentence-transformers.
TEST(PeftAdapter, PeftReadsWhatIsWrittenAndGivesTheMergedModelsVectors) {
  const char* given = std::getenv("P4R_PYTHON");
  const std::string python = given == nullptr ? "python3" : given;
  if (std::system((python + " -c 'import peft, sentence_transformers' > /dev/null 2>&1").c_str()) != 0) {
    GTEST_SKIP() << python << " has no peft and sentence-transformers; P4R_PYTHON names an interpreter that has them";
  }
  const TempDir dir;
  const TrainableTransformer encoder = with_adapter(trainable_golden("adapter"));
  const auto merged = encoder.merged_tensors();
  const TensorViews views = tensor_views(merged);
  write_model_folder(dir / "model", {.base = encoder_golden("tiny_bert"), .weights = &views});
  write_peft_adapter(dir / "model" / "adapter", encoder, "tiny_bert");
  const std::string command = python + " " + (source_dir() / "scripts" / "compare_adapter.py").string() + " --base " +
                              encoder_golden("tiny_bert").string() + " --folder " + (dir / "model").string();
  EXPECT_EQ(std::system((command + " > " + (dir / "log").string() + " 2>&1").c_str()), 0) << read_file(dir / "log");
}

TEST(PeftAdapter, AllLinearIsWrittenByTheNamesOfTheLinears) {
  const TempDir dir;
  write_peft_adapter(dir / "a", trainable("tiny_bert", {.lora = LoraOptions{.targets = {"all-linear"}}}), "");
  const auto config = nlohmann::json::parse(read_file(dir / "a" / "adapter_config.json"));
  EXPECT_EQ(config.at("target_modules").size(), 6U);
  EXPECT_TRUE(config.at("base_model_name_or_path").is_null());
  EXPECT_EQ(with_adapter(dir / "a").parameters().size(), 2U * 6U * 2U);
}

TEST(PeftAdapter, ASingleLayersAdapterStaysOne) {
  const TempDir dir;
  const std::string only = "encoder.layer.1.attention.self.key";
  write_peft_adapter(dir / "a", trainable("tiny_bert", {.lora = LoraOptions{.targets = {only}}}), "");
  EXPECT_EQ(read_peft_options(dir / "a").targets, std::vector{only});
}

TEST(PeftAdapter, TheFirstAIsDrawnFromTheSeedAndChangesNothing) {
  const auto encoder = [](std::uint64_t seed) { return trainable("tiny_bert", {.lora = LoraOptions{}, .seed = seed}); };
  const auto first = [&](std::uint64_t seed) { return values_of(encoder(seed).parameters().front().value); };
  EXPECT_EQ(first(1), first(1));
  EXPECT_NE(first(1), first(2));
  EXPECT_NEAR(std::ranges::max(first(1)), 1 / std::sqrt(32.0), 0.01);
  const PackedBatch batch = pack(loss_case("tiny_bert").ids);
  expect_near(values_of(encoder(1).encode(batch, {})), values_of(trainable("tiny_bert").encode(batch, {})), 1e-6);
}

TEST(PeftAdapter, RefusesOtherKindsOfAdapters) {
  const std::vector<std::pair<std::string, nlohmann::json>> wrong = {{"peft_type", "IA3"},
                                                                     {"use_dora", true},
                                                                     {"use_rslora", true},
                                                                     {"bias", "all"},
                                                                     {"r", 0},
                                                                     {"lora_dropout", 1},
                                                                     {"rank_pattern", {{"query", 8}}}};
  for (const auto& [key, value] : wrong) {
    const GoldenAdapter adapter;
    adapter.set(key, value);
    expect_error(ErrorKind::kInput, {"adapter_config.json", key}, [&] { (void)read_peft_options(adapter.path()); });
  }
  const GoldenAdapter adapter;
  adapter.set("r", 5);
  expect_error(ErrorKind::kInput, {"adapter_model.safetensors", "lora_A.weight", "[5, 32]", "[4, 32]"},
               [&] { (void)with_adapter(adapter.path()); });
  expect_error(ErrorKind::kInput, {"do not train here"}, [] {
    const auto encoder = trainable("tiny_bert", {.lora = LoraOptions{.rank = 4, .targets = {"query"}}});
    read_peft_adapter(trainable_golden("adapter"), encoder);
  });
  expect_error(ErrorKind::kInput, {"adapter_config.json"},
               [] { (void)read_peft_options(encoder_golden("tiny_bert")); });
}

TEST(PeftAdapter, RefusesUnknownLinearsAndRanks) {
  const auto make = [](const LoraOptions& lora) { (void)trainable("tiny_bert", {.lora = lora}); };
  expect_error(ErrorKind::kUsage, {"LoRA", "\"q_proj\""}, [&] { make({.targets = {"query", "q_proj"}}); });
  expect_error(ErrorKind::kUsage, {"rank"}, [&] { make({.rank = 0}); });
}

}  // namespace
}  // namespace persona4rec::test
