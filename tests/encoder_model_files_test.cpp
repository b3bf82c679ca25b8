// What is read from disk: safetensors, torch.save archives, the facts of a model folder.
#include <gtest/gtest.h>

#include <cstring>

#include "encoder/model_folder/model_config.hpp"
#include "encoder/model_folder/model_weights.hpp"
#include "encoder/model_folder/safetensors.hpp"
#include "encoder/model_folder/torch_checkpoint.hpp"
#include "persona4rec/encoder.hpp"
#include "support/golden_encoder.hpp"

namespace persona4rec::test {
namespace {

std::string safetensors(const std::string& header, const std::string& data) {
  std::uint64_t size = header.size();
  std::string bytes(sizeof(size), '\0');
  std::memcpy(bytes.data(), &size, sizeof(size));
  return bytes + header + data;
}

TensorView view(const std::vector<float>& values, std::vector<std::int64_t> shape) {
  return {.dtype = "F32", .shape = std::move(shape), .bytes = std::as_bytes(std::span(values))};
}

TEST(Safetensors, WritesWhatItReads) {
  const TempDir dir;
  const std::vector<float> a = {1, 2, 3, 4, 5, 6};
  const std::vector<float> b = {-0.5F};
  write_safetensors(dir / "x.safetensors", {{"b", view(b, {1})}, {"a", view(a, {2, 3})}});
  const SafetensorsFile file(dir / "x.safetensors");
  ASSERT_EQ(file.tensors().size(), 2U);
  EXPECT_EQ(file.tensors().at("a").shape, (std::vector<std::int64_t>{2, 3}));
  EXPECT_EQ(to_f32(file.tensors().at("a")), a);
  EXPECT_EQ(to_f32(file.tensors().at("b")), b);
  EXPECT_EQ(read_file(dir / "x.safetensors").substr(8, 30), R"({"__metadata__":{"format":"pt")");
}

TEST(Safetensors, ReadsHalves) {
  const TempDir dir;
  const std::string data("\x00\x3e\x00\xc0\xc0\x3f\x80\xbf", 8);  // f16 1.5, -2; bf16 1.5, -1
  const auto path = dir.write("x", safetensors(R"({"h":{"dtype":"F16","shape":[2],"data_offsets":[0,4]},)"
                                               R"("b":{"dtype":"BF16","shape":[2],"data_offsets":[4,8]}})",
                                               data));
  const SafetensorsFile file(path);
  EXPECT_EQ(to_f32(file.tensors().at("h")), (std::vector<float>{1.5F, -2.0F}));
  EXPECT_EQ(to_f32(file.tensors().at("b")), (std::vector<float>{1.5F, -1.0F}));
}

TEST(Safetensors, CallsDamageByItsName) {
  const std::string good = R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})";
  const auto entry = [](const std::string& fields) { return safetensors("{\"a\":{" + fields + "}}", "12345678"); };
  const struct {
    const char* what;
    std::string bytes;
    std::vector<std::string> parts;
  } cases[] = {
      {"pointer", "version https://git-lfs.github.com/spec/v1\noid sha256:1\nsize 9\n", {"Git LFS pointer"}},
      {"zip", std::string("PK\x03\x04zzzzzzzz", 12), {"zip archive"}},
      {"pickle", std::string("\x80\x02}q\x00.zzzzz", 11), {"pickle"}},
      {"page", "<!DOCTYPE html><html>", {"HTML page"}},
      {"empty", "", {"truncated"}},
      {"text", "these are not weights at all", {"not a safetensors file"}},
      {"half a header", safetensors(good, "").substr(0, 20), {"truncated", "header"}},
      {"half the data", safetensors(good, "1234"), {"truncated", "\"a\""}},
      {"more data", safetensors(good, "12345678x"), {"1 bytes after the last tensor"}},
      {"broken JSON", safetensors(R"({"a":{)", ""), {"JSON object"}},
      {"no dtype", entry(R"("shape":[2],"data_offsets":[0,8])"), {"a.dtype", "missing"}},
      {"odd dtype", entry(R"("dtype":"F33","shape":[2],"data_offsets":[0,8])"), {"a.dtype", "F33"}},
      {"wrong size", entry(R"("dtype":"F32","shape":[3],"data_offsets":[0,8])"), {"expected 12 bytes", "[3]", "got 8"}},
      {"huge shape",
       entry(R"("dtype":"F32","shape":[281474976710656,281474976710656],"data_offsets":[0,8])"),
       {"a.shape", "too large"}},
      {"negative", entry(R"("dtype":"F32","shape":[-2],"data_offsets":[0,8])"), {"a.shape"}},
      {"backwards", entry(R"("dtype":"F32","shape":[2],"data_offsets":[8,0])"), {"data_offsets"}},
      {"gap", entry(R"("dtype":"F32","shape":[1],"data_offsets":[4,8])"), {"gap at byte 0"}},
  };
  for (const auto& test : cases) {
    SCOPED_TRACE(test.what);
    const TempDir dir;
    const auto path = dir.write("model.safetensors", test.bytes);
    auto parts = test.parts;
    parts.emplace_back("model.safetensors");
    expect_error(ErrorKind::kInput, parts, [&] { const SafetensorsFile file(path); });
  }
  expect_error(ErrorKind::kInput, {"directory"}, [] { const SafetensorsFile file("/tmp"); });
  expect_error(ErrorKind::kInput, {"No such file"}, [] { const SafetensorsFile file("/nowhere/x"); });
}

TEST(TorchCheckpoint, ReadsAStateDictionary) {
  const TorchCheckpointFile file(encoder_golden("plain.bin"));
  ASSERT_EQ(file.tensors().size(), 4U);
  EXPECT_EQ(file.tensors().at("weight").shape, (std::vector<std::int64_t>{2, 3}));
  EXPECT_EQ(to_f32(file.tensors().at("weight")), (std::vector<float>{0, 1, 2, 3, 4, 5}));
  EXPECT_EQ(to_f32(file.tensors().at("bias")), (std::vector<float>{0.5F, -0.5F}));
  EXPECT_EQ(to_f32(file.tensors().at("half")), (std::vector<float>{1.0F, 2.5F}));
  EXPECT_EQ(to_f32(file.tensors().at("part")), (std::vector<float>{4, 5, 6}));
}

TEST(TorchCheckpoint, RefusesWhatIsMoreThanPlainTensors) {
  expect_error(ErrorKind::kInput, {"not_plain.bin", "no plain tensor", "model.safetensors"},
               [] { const TorchCheckpointFile file(encoder_golden("not_plain.bin")); });
  expect_error(ErrorKind::kInput, {"transposed.bin", "not contiguous"},
               [] { const TorchCheckpointFile file(encoder_golden("transposed.bin")); });
  expect_error(ErrorKind::kInput, {"config.json", "torch.save"},
               [] { const TorchCheckpointFile file(encoder_golden("tiny_bert/config.json")); });
}

// No byte of a damaged archive may do more than raise an error.
TEST(TorchCheckpoint, SurvivesTruncationAndFlippedBytes) {
  const TempDir dir;
  const std::string good = read_file(encoder_golden("plain.bin"));
  int refused = 0;
  const auto open = [&](const std::string& bytes) {
    try {
      const TorchCheckpointFile file(dir.write("x.bin", bytes));
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::kInput);
      ++refused;
    }
  };
  for (std::size_t size = 0; size < good.size(); size += 7) open(good.substr(0, size));
  EXPECT_EQ(refused, static_cast<int>((good.size() + 6) / 7));
  for (std::size_t at = 0; at < good.size(); at += 3) {
    std::string bytes = good;
    bytes[at] = static_cast<char>(bytes[at] ^ 0x5A);
    open(bytes);
  }
}

TEST(ModelFolder, TellsWhatItIs) {
  const auto info = read_encoder_folder(encoder_golden("tiny_bert"));
  EXPECT_EQ(info.family, "bert");
  EXPECT_EQ(info.dimensions, 32U);
  EXPECT_EQ(info.layers, 2U);
  EXPECT_EQ(info.max_length, 48U);
  EXPECT_EQ(info.pooling, "mean");
  EXPECT_TRUE(info.normalized);
  EXPECT_FALSE(info.has_head);
}

TEST(ModelFolder, MaxLengthRule) {
  const TinyBert folder;
  const auto max_length = [&] { return read_model_config(folder.path()).max_length; };
  EXPECT_EQ(max_length(), 48U);  // sentence_bert_config.json
  folder.set("sentence_bert_config.json", "max_seq_length", 512);
  EXPECT_EQ(max_length(), 64U);  // the model has no more positions
  folder.remove("sentence_bert_config.json");
  folder.set("tokenizer_config.json", "model_max_length", 20);
  EXPECT_EQ(max_length(), 20U);
  folder.set("tokenizer_config.json", "model_max_length", 1e30);
  EXPECT_EQ(max_length(), 64U);
  folder.remove("tokenizer_config.json");
  EXPECT_EQ(max_length(), 64U);
}

TEST(ModelFolder, PoolingOfEveryVersion) {
  const TinyBert folder;
  const auto pooling = [&](const std::string& config) {
    folder.write("1_Pooling/config.json", config);
    return read_model_config(folder.path()).pooling;
  };
  EXPECT_EQ(pooling(R"({"pooling_mode": "cls"})"), Pooling::kCls);
  EXPECT_EQ(pooling(R"({"pooling_mode_cls_token": true, "pooling_mode_mean_tokens": false})"), Pooling::kCls);
  EXPECT_EQ(pooling(R"({"pooling_mode_max_tokens": true})"), Pooling::kMax);
  EXPECT_EQ(pooling(R"({"pooling_mode_mean_tokens": true})"), Pooling::kMean);
  expect_error(ErrorKind::kInput, {"1_Pooling/config.json", "2"},
               [&] { (void)pooling(R"({"pooling_mode_mean_tokens": true, "pooling_mode_cls_token": true})"); });
  expect_error(ErrorKind::kInput, {"weightedmean"}, [&] { (void)pooling(R"({"pooling_mode": "weightedmean"})"); });
}

TEST(ModelFolder, WithoutModulesItIsAPlainTransformerWithMeanPooling) {
  const TinyBert folder;
  folder.remove("modules.json");
  const ModelConfig model = read_model_config(folder.path());
  EXPECT_EQ(model.pooling, Pooling::kMean);
  EXPECT_FALSE(model.normalize);
}

TEST(ModelFolder, RefusesWhatItCannotCompute) {
  const auto refuses = [](const char* file, const char* key, const nlohmann::json& value,
                          std::vector<std::string> parts) {
    SCOPED_TRACE(key);
    const TinyBert folder;
    folder.set(file, key, value);
    parts.emplace_back(file);
    expect_error(ErrorKind::kInput, parts, [&] { (void)read_model_config(folder.path()); });
  };
  refuses("config.json", "model_type", "gpt2", {"model_type", "gpt2"});
  refuses("config.json", "model_type", nullptr, {"model_type", "missing"});
  refuses("config.json", "hidden_size", "32", {"hidden_size", "\"32\""});
  refuses("config.json", "hidden_size", 0, {"hidden_size", "got 0"});
  refuses("config.json", "num_attention_heads", 5, {"num_attention_heads"});
  refuses("config.json", "hidden_act", "swish", {"hidden_act", "swish"});
  refuses("config.json", "position_embedding_type", "relative_key", {"position_embedding_type"});
}

TEST(ModelFolder, ModulesMustBeTheKnownOnesInOrder) {
  const TinyBert folder;
  const auto modules = [](const std::vector<std::string>& kinds) {
    auto list = nlohmann::json::array();
    for (const auto& kind : kinds) {
      list.push_back(
          {{"path", kind == "Transformer" ? "" : "1_" + kind}, {"type", "sentence_transformers.models." + kind}});
    }
    return list.dump();
  };
  const auto read = [&] { (void)read_model_config(folder.path()); };
  folder.write("modules.json", modules({"Transformer", "Pooling"}));
  EXPECT_NO_THROW(read());
  folder.write("modules.json", modules({"Transformer", "Pooling", "Dense", "Normalize"}));
  expect_error(ErrorKind::kInput, {"modules.json", "\"Dense\"", "place 3"}, read);
  folder.write("modules.json", modules({"Pooling", "Transformer"}));
  expect_error(ErrorKind::kInput, {"modules.json", "\"Pooling\"", "place 1"}, read);
  folder.write("modules.json", R"([{"path": "../x", "type": "sentence_transformers.models.Transformer"}])");
  expect_error(ErrorKind::kInput, {"modules.json", "../x"}, read);
  folder.write("modules.json", "{}");
  expect_error(ErrorKind::kInput, {"modules.json", "array"}, read);
}

TEST(ModelFolder, NotAModelFolder) {
  const TempDir dir;
  expect_error(ErrorKind::kInput, {"config.json"}, [&] { (void)read_model_config(dir.path()); });
  expect_error(ErrorKind::kInput, {"expected a model folder"}, [&] { (void)read_model_config(dir / "none"); });
}

class Weights : public testing::Test {
 protected:
  void open() const { const ModelWeights weights(read_model_config(folder_.path())); }
  [[nodiscard]] std::string fingerprint() const {
    return ModelWeights(read_model_config(folder_.path())).fingerprint();
  }
  // The model's tensors, one changed by `change`, written back.
  template <class Change>
  void rewrite(const Change& change) const {
    const SafetensorsFile file(encoder_golden("tiny_bert/model.safetensors"));
    TensorViews tensors = file.tensors();
    change(tensors);
    write_safetensors(folder_ / "model.safetensors", tensors);
  }

  TinyBert folder_;
};

TEST_F(Weights, AreTheSameUnderAPrefixAndInShards) {
  const std::string expected = fingerprint();
  rewrite([](TensorViews& tensors) {
    TensorViews renamed;
    for (const auto& [name, tensor] : tensors) renamed["bert." + name] = tensor;
    tensors = renamed;
  });
  EXPECT_EQ(fingerprint(), expected);
  const SafetensorsFile file(encoder_golden("tiny_bert/model.safetensors"));
  TensorViews shards[2];
  auto map = nlohmann::json::object();
  for (const auto& [name, tensor] : file.tensors()) {
    const bool second = name.starts_with("encoder");
    shards[second ? 1 : 0][name] = tensor;
    map[name] = second ? "model-00002-of-00002.safetensors" : "model-00001-of-00002.safetensors";
  }
  folder_.remove("model.safetensors");
  write_safetensors(folder_ / "model-00001-of-00002.safetensors", shards[0]);
  write_safetensors(folder_ / "model-00002-of-00002.safetensors", shards[1]);
  folder_.write("model.safetensors.index.json", nlohmann::json({{"weight_map", map}}).dump());
  EXPECT_EQ(fingerprint(), expected);
  folder_.remove("model-00002-of-00002.safetensors");
  expect_error(ErrorKind::kInput, {"model-00002-of-00002.safetensors", "No such file"}, [&] { open(); });
}

TEST_F(Weights, MustBeAllThereInTheirShapes) {
  const std::vector<float> values(64, 0.0F);
  rewrite([&](TensorViews& tensors) { tensors["embeddings.LayerNorm.bias"] = view(values, {64}); });
  expect_error(ErrorKind::kInput, {"model.safetensors", "embeddings.LayerNorm.bias", "[32]", "[64]"}, [&] { open(); });
  rewrite([](TensorViews& tensors) { tensors.erase("encoder.layer.1.output.dense.weight"); });
  expect_error(ErrorKind::kInput, {"no tensor", "encoder.layer.1.output.dense.weight"}, [&] { open(); });
  rewrite([](TensorViews& tensors) { tensors["embeddings.LayerNorm.bias"].dtype = "I32"; });
  expect_error(ErrorKind::kInput, {"expected F32, F16 or BF16, got I32"}, [&] { open(); });
  rewrite([](TensorViews& tensors) { tensors.erase("embeddings.word_embeddings.weight"); });
  expect_error(ErrorKind::kInput, {"not weights of an encoder"}, [&] { open(); });
  folder_.remove("model.safetensors");
  expect_error(ErrorKind::kInput, {"no weights", "model.safetensors", "pytorch_model.bin"}, [&] { open(); });
}

}  // namespace
}  // namespace persona4rec::test
