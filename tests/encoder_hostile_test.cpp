// Model folders made to break whoever reads them: each is an error that names the file, never a crash, and never memory
// beyond what the file's own size explains.
#include <gtest/gtest.h>

#include <cstring>
#include <limits>

#include "encoder/model_folder/model_config.hpp"
#include "encoder/model_folder/model_weights.hpp"
#include "encoder/model_folder/safetensors.hpp"
#include "encoder/model_folder/torch_checkpoint.hpp"
#include "encoder/tokenizer/tokenizer.hpp"
#include "persona4rec/encoder.hpp"
#include "persona4rec/encoder_head.hpp"
#include "support/golden_encoder.hpp"

namespace persona4rec::test {
namespace {

using namespace std::string_literals;

std::string nested(std::size_t levels) {
  return std::string(levels, '[') + std::string(levels, ']');
}

std::string nested_objects(std::size_t levels) {
  std::string text;
  for (std::size_t i = 0; i < levels; ++i) text += R"({"a":)";
  return text + "0" + std::string(levels, '}');
}

std::string safetensors_file(const std::string& header, const std::string& data) {
  std::uint64_t size = header.size();
  std::string bytes(sizeof(size), '\0');
  std::memcpy(bytes.data(), &size, sizeof(size));
  return bytes + header + data;
}

// A zip archive as torch.save writes it, its members stored, for a pickle of ours.
class TorchArchive {
 public:
  void add(const std::string& name, const std::string& bytes) {
    const std::size_t header = bytes_.size();
    bytes_ += "PK\x03\x04" + std::string(14, '\0') + u32(bytes.size()) + u32(bytes.size()) + u16(name.size()) + u16(0);
    bytes_ += name + bytes;
    directory_ += "PK\x01\x02" + std::string(16, '\0') + u32(bytes.size()) + u32(bytes.size()) + u16(name.size());
    directory_ += std::string(12, '\0') + u32(header) + name;
    ++members_;
  }
  [[nodiscard]] std::string bytes() const {
    return bytes_ + directory_ + "PK\x05\x06" + std::string(4, '\0') + u16(members_) + u16(members_) +
           u32(directory_.size()) + u32(bytes_.size()) + u16(0);
  }

 private:
  static std::string u16(std::size_t value) {
    return {static_cast<char>(value & 0xFFU), static_cast<char>(value >> 8U)};
  }
  static std::string u32(std::size_t value) { return u16(value & 0xFFFFU) + u16(value >> 16U); }

  std::string bytes_;
  std::string directory_;
  std::size_t members_ = 0;
};

void expect_pickle_error(const std::string& pickle, const std::vector<std::string>& parts) {
  TorchArchive archive;
  archive.add("archive/data.pkl", "\x80\x02"s + pickle);
  archive.add("archive/data/0", std::string(16, '\0'));
  const TempDir dir;
  const auto path = dir.write("pytorch_model.bin", archive.bytes());
  auto all = parts;
  all.emplace_back("pytorch_model.bin");
  expect_error(ErrorKind::kInput, all, [&] { const TorchCheckpointFile file(path); });
}

std::string repeated(std::string_view part, std::size_t times) {
  std::string text;
  for (std::size_t i = 0; i < times; ++i) text += part;
  return text;
}

TEST(HostileFolder, DeepNestingInAnyJsonFile) {
  const std::pair<const char*, std::vector<const char*>> cases[] = {
      {"config.json", {}},
      {"modules.json", {}},
      {"1_Pooling/config.json", {}},
      {"sentence_bert_config.json", {}},
      {"config_sentence_transformers.json", {}},
      {"tokenizer_config.json", {}},
      {"tokenizer.json", {}},
      {"special_tokens_map.json", {"tokenizer.json", "tokenizer_config.json"}},
      {"added_tokens.json", {"tokenizer.json", "tokenizer_config.json"}},
      {"model.safetensors.index.json", {"model.safetensors"}}};
  for (const auto& [file, others] : cases) {
    SCOPED_TRACE(file);
    const TinyBert folder;
    for (const char* other : others) folder.remove(other);
    for (const std::size_t levels : {60'000U, 180'000U}) {
      for (const auto& bytes :
           {nested(levels), R"({"a":)" + nested(levels) + "}", nested_objects(levels), std::string(levels, '[')}) {
        folder.write(file, bytes);
        expect_error(ErrorKind::kInput, {file, "nested"}, [&] { (void)open_text_encoder({.folder = folder.path()}); });
      }
    }
  }
}

TEST(HostileFolder, DeepNestingWhereAValueIsExpected) {
  const TinyBert folder;
  folder.write("config.json", R"({"model_type": "bert", "hidden_size": )" + nested(100'000) + "}");
  expect_error(ErrorKind::kInput, {"config.json", "nested"}, [&] { (void)read_model_config(folder.path()); });
}

TEST(HostileFolder, DeepNestingInARouter) {
  const TinyBert folder;
  std::filesystem::copy(encoder_golden("router"), folder.path(),
                        std::filesystem::copy_options::recursive | std::filesystem::copy_options::overwrite_existing);
  folder.write("3_Router/router_config.json", R"({"structure": )" + nested_objects(100'000) + "}");
  expect_error(ErrorKind::kInput, {"router_config.json", "nested"}, [&] { (void)read_encoder_head(folder.path()); });
}

TEST(HostileFolder, DeepNestingInASafetensorsHeader) {
  const TempDir dir;
  for (const std::size_t levels : {60'000U, 180'000U}) {
    const auto path = dir.write("x.safetensors", safetensors_file(R"({"a":)" + nested(levels) + "}", ""));
    expect_error(ErrorKind::kInput, {"x.safetensors", "nested"}, [&] { const SafetensorsFile file(path); });
  }
}

TEST(HostileFolder, ABracketInAStringIsNoNesting) {
  const TinyBert folder;
  folder.set("config.json", "comment", std::string(5000, '[') + "\\\"" + std::string(5000, '{'));
  EXPECT_NO_THROW((void)read_model_config(folder.path()));
}

TEST(HostileFolder, NestedPickleTuples) {
  expect_pickle_error(")" + repeated("\x85", 180'000) + ".", {"expected a dictionary of tensors"});
  expect_pickle_error(repeated("(", 180'000) + repeated("t", 180'000) + ".", {"expected a dictionary of tensors"});
  expect_pickle_error("}" + "X\x01\0\0\0a"s + ")" + repeated("\x85", 180'000) + "s.",
                      {"expected a dictionary of tensors"});
}

// Each dictionary is kept in the one before it, and the first in the last.
TEST(HostileFolder, PickleDictionariesInCircles) {
  const std::string key("X\x01\0\0\0a", 6);
  expect_pickle_error("}q\0"s + key + "h\0s."s, {"expected a dictionary of tensors"});
}

TEST(HostileFolder, PickleShapesWithoutEnd) {
  const std::string storage = "(X\x07\0\0\0storagectorch\nFloatStorage\nX\x01\0\0\0"s + "0" + "X\x03\0\0\0cpuK\x04tQ"s;
  const auto tensor = [&](const std::string& shape, const std::string& strides) {
    return "}" + "X\x01\0\0\0a"s + "ctorch._utils\n_rebuild_tensor_v2\n(" + storage + "K\0"s + shape + strides +
           "\x89}tRs.";
  };
  const std::string many = "(" + repeated("K\x01", 100'000) + "t";
  expect_pickle_error(tensor(many, many), {"100000 dimensions"});
  const std::string huge = "(" + repeated("\x8a\x08\xff\xff\xff\xff\xff\xff\xff\x7f"s, 3) + "t";
  expect_pickle_error(tensor(huge, ")"), {"broken shape"});
  expect_pickle_error(tensor("(K\x05t"s, "(K\x01t"s), {"longer than its data"});
  TorchArchive archive;
  archive.add("archive/data.pkl", "\x80\x02"s + tensor("(K\x04t"s, "(K\x01t"s));
  archive.add("archive/data/0", std::string(16, '\0'));
  const TempDir dir;
  const TorchCheckpointFile good(dir.write("good.bin", archive.bytes()));
  EXPECT_EQ(good.tensors().at("a").shape, std::vector<std::int64_t>{4});
}

TEST(HostileFolder, APickleOfMegabytes) {
  expect_pickle_error(repeated(")", 5'000'000) + ".", {"pickle", "5000003"});
}

TEST(HostileFolder, NumbersBeyondWhatTheyCount) {
  const auto refuses = [](const char* base, const char* key, const nlohmann::json& value) {
    SCOPED_TRACE(key);
    const TinyModel folder(base);
    folder.set("config.json", key, value);
    expect_error(ErrorKind::kInput, {"config.json", key}, [&] { (void)read_model_config(folder.path()); });
  };
  constexpr std::uint64_t kMax = std::numeric_limits<std::uint64_t>::max();
  for (const std::uint64_t id : {kMax, kMax - 1, kMax / 2, std::uint64_t{1} << 32U})
    refuses("tiny_xlmr", "pad_token_id", id);
  refuses("tiny_xlmr", "pad_token_id", -1);
  refuses("tiny_xlmr", "max_position_embeddings", 2);
  refuses("tiny_bert", "num_hidden_layers", 1U << 24U);
  for (const char* key : {"hidden_size", "num_hidden_layers", "num_attention_heads", "intermediate_size", "vocab_size",
                          "max_position_embeddings", "type_vocab_size"}) {
    for (const std::uint64_t size : {kMax, std::uint64_t{1} << 63U, std::uint64_t{1} << 32U})
      refuses("tiny_bert", key, size);
    refuses("tiny_bert", key, 1.5);
  }
  for (const double eps : {-1.0, 1.0, 1e300}) refuses("tiny_bert", "layer_norm_eps", eps);
  refuses("tiny_bert", "is_decoder", true);
}

// All that the folder names must be in the weights before anything of its size is made.
TEST(HostileFolder, SizesThatTheWeightsDoNotHave) {
  for (const char* key :
       {"hidden_size", "intermediate_size", "vocab_size", "max_position_embeddings", "type_vocab_size"}) {
    SCOPED_TRACE(key);
    const TinyBert folder;
    folder.set("config.json", key, 1U << 24U);
    expect_error(ErrorKind::kInput, {"model.safetensors", "16777216"},
                 [&] { (void)open_text_encoder({.folder = folder.path()}); });
  }
  const TinyBert folder;
  folder.set("config.json", "num_hidden_layers", 1024);
  expect_error(ErrorKind::kInput, {"model.safetensors", "no tensor", "encoder.layer.2."},
               [&] { (void)open_text_encoder({.folder = folder.path()}); });
}

TEST(HostileFolder, WeightsThatAreNoNumbers) {
  const SafetensorsFile file(encoder_golden("tiny_bert/model.safetensors"));
  for (const float bad : {std::numeric_limits<float>::quiet_NaN(), -std::numeric_limits<float>::infinity()}) {
    const TinyBert folder;
    TensorViews tensors = file.tensors();
    std::vector<float> values(32, 0.5F);
    values[31] = bad;
    tensors["encoder.layer.1.output.LayerNorm.bias"].bytes = std::as_bytes(std::span(values));
    write_safetensors(folder / "model.safetensors", tensors);
    expect_error(ErrorKind::kInput, {"model.safetensors", "encoder.layer.1.output.LayerNorm.bias", "finite"},
                 [&] { (void)open_text_encoder({.folder = folder.path()}); });
  }
  const std::string halves("\x00\x7c\xff\x7b\x80\x7f\x7f\x7f", 8);  // f16 infinity and its largest; bf16 the same
  const auto half = [&](const char* dtype, std::size_t at) {
    return is_finite({.dtype = dtype, .shape = {1}, .bytes = std::as_bytes(std::span(halves)).subspan(at, 2)});
  };
  EXPECT_FALSE(half("F16", 0));
  EXPECT_TRUE(half("F16", 2));
  EXPECT_FALSE(half("BF16", 4));
  EXPECT_TRUE(half("BF16", 6));
}

TEST(HostileFolder, AHeadThatIsNoNumbers) {
  const TinyBert folder;
  std::filesystem::copy(encoder_golden("router"), folder.path(),
                        std::filesystem::copy_options::recursive | std::filesystem::copy_options::overwrite_existing);
  const SafetensorsFile file(encoder_golden("router/3_Router/query_2_Dense/model.safetensors"));
  TensorViews tensors = file.tensors();
  std::vector<float> values = to_f32(tensors.at("linear.weight"));
  values[7] = std::numeric_limits<float>::quiet_NaN();
  tensors["linear.weight"].bytes = std::as_bytes(std::span(values));
  write_safetensors(folder / "3_Router/query_2_Dense/model.safetensors", tensors);
  expect_error(ErrorKind::kInput, {"query_2_Dense/model.safetensors", "linear.weight", "finite"},
               [&] { (void)read_encoder_head(folder.path()); });
}

TEST(HostileFolder, WeightsCutAtAnyByte) {
  const std::string whole = read_file(encoder_golden("tiny_bert/model.safetensors"));
  const TempDir dir;
  for (std::size_t size = 0; size < whole.size(); size += 997) {
    const auto path = dir.write("model.safetensors", whole.substr(0, size));
    expect_error(ErrorKind::kInput, {"model.safetensors", "truncated"}, [&] { const SafetensorsFile file(path); });
  }
}

TEST(HostileFolder, AShardOutsideTheFolder) {
  for (const char* name : {"../model.safetensors", "/etc/passwd", ""}) {
    const TinyBert folder;
    folder.remove("model.safetensors");
    folder.write("model.safetensors.index.json", nlohmann::json({{"weight_map", {{"a", name}}}}).dump());
    expect_error(ErrorKind::kInput, {"model.safetensors.index.json", "weight_map"},
                 [&] { (void)open_text_encoder({.folder = folder.path()}); });
  }
}

TEST(HostileTokenizer, WordsWithoutEnd) {
  for (const std::uint64_t length : {std::uint64_t{1} << 40U, std::uint64_t{0}, std::uint64_t{1001}}) {
    const TinyBert folder;
    auto json = nlohmann::json::parse(read_file(folder / "tokenizer.json"));
    json["model"]["max_input_chars_per_word"] = length;
    folder.write("tokenizer.json", json.dump());
    expect_error(ErrorKind::kInput, {"tokenizer.json", "max_input_chars_per_word", std::to_string(length)},
                 [&] { (void)open_tokenizer(folder.path(), false); });
  }
}

TEST(HostileTokenizer, PiecesThatAreNone) {
  const auto refuses = [](const nlohmann::json& piece) {
    const TinyModel folder("tiny_xlmr");
    auto json = nlohmann::json::parse(read_file(folder / "tokenizer.json"));
    json["model"]["vocab"].push_back(piece);
    folder.write("tokenizer.json", json.dump());
    expect_error(ErrorKind::kInput, {"tokenizer.json", "piece"}, [&] { (void)open_tokenizer(folder.path(), false); });
  };
  refuses({std::string(100'000, 'a'), -1});
  refuses({"a", nullptr});
  refuses({"a"});
}

TEST(HostileTokenizer, AFileOfAnotherKind) {
  const std::string sentencepiece = read_file(encoder_golden("tiny_xlmr/sentencepiece.bpe.model"));
  const std::string zip("PK\x03\x04zzzzzzzz", 12);
  const struct {
    const char* what;
    const char* file;
    std::string bytes;
    std::vector<std::string> parts;
  } cases[] = {
      {"a list", "tokenizer.json", "[1, 2]", {"expected a JSON object"}},
      {"words", "tokenizer.json", "[PAD]\n[UNK]\n", {"JSON"}},
      {"a number", "tokenizer.json", "12", {"expected a JSON object"}},
      {"binary", "tokenizer.json", sentencepiece, {"UTF-8"}},
      {"zip", "tokenizer.json", zip, {"zip archive"}},
      {"no model", "tokenizer.json", "{}", {"model", "missing"}},
      {"a model of no type", "tokenizer.json", R"({"model": {"type": 3}})", {"model.type", "a string"}},
      {"a model that is a list", "tokenizer.json", R"({"model": []})", {"model", "an object"}},
      {"binary", "vocab.txt", sentencepiece, {"UTF-8"}},
      {"JSON", "vocab.txt", R"({"model": {}})", {"[UNK]"}},
      {"gzip", "vocab.txt", "\x1f\x8b\x08", {"gzip"}},
      {"empty", "sentencepiece.bpe.model", "", {"SentencePiece"}},
      {"JSON", "sentencepiece.bpe.model", R"({"model": {}})", {"SentencePiece"}},
      {"words", "sentencepiece.bpe.model", "[PAD]\n[UNK]\n", {"SentencePiece"}},
      {"zip", "sentencepiece.bpe.model", zip, {"zip archive"}},
      {"pieces that are no text", "sentencepiece.bpe.model", repeated("\x0a\x04\x0a\x02\xff\xfe", 9), {"UTF-8"}},
  };
  for (const auto& test : cases) {
    SCOPED_TRACE(std::string(test.file) + ": " + test.what);
    const TinyBert folder;
    for (const char* file : {"tokenizer.json", "vocab.txt"}) folder.remove(file);
    folder.write(test.file, test.bytes);
    auto parts = test.parts;
    parts.emplace_back(test.file);
    expect_error(ErrorKind::kInput, parts, [&] { (void)open_tokenizer(folder.path(), false); });
  }
}

// Cut or changed at any place: an error, or a tokenizer that still works on any text.
TEST(HostileTokenizer, DamageAnywhere) {
  const struct {
    const char* base;
    const char* file;
    std::vector<const char*> without;
  } cases[] = {{"tiny_xlmr", "sentencepiece.bpe.model", {"tokenizer.json"}}, {"tiny_bert", "tokenizer.json", {}}};
  for (const auto& test : cases) {
    const TinyModel folder(test.base);
    for (const char* other : test.without) folder.remove(other);
    const std::string good = read_file(folder / test.file);
    const auto& texts = read_encoder_golden().xlmr_texts;
    const auto try_it = [&](const std::string& bytes) {
      folder.write(test.file, bytes);
      try {
        const auto tokenizer = open_tokenizer(folder.path(), false);
        for (const auto& text : texts) EXPECT_LE(tokenizer->tokenize(text, 32).ids.size(), 32U);
      } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::kInput) << error.what();
      }
    };
    for (std::size_t at = 0; at < good.size(); at += 1 + good.size() / 300) {
      try_it(good.substr(0, at));
      std::string bytes = good;
      bytes[at] = static_cast<char>(bytes[at] ^ 0x5A);
      try_it(bytes);
    }
  }
}

}  // namespace
}  // namespace persona4rec::test
