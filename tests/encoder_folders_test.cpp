// Model folders as their own libraries read them: tests/golden/encoder/folders.json, made by
// scripts/make_folder_golden.py, says for each of them how it differs from a tiny model's folder and what transformers
// and sentence-transformers make of some texts. Each case is a test of its name.
#include <gtest/gtest.h>

#include "encoder/model_folder/model_folder_writer.hpp"
#include "encoder/model_folder/model_weights.hpp"
#include "encoder/tokenizer/tokenizer.hpp"
#include "persona4rec/encoder.hpp"
#include "support/golden_encoder.hpp"

namespace persona4rec::test {
namespace {

const nlohmann::json& folders_golden() {
  static const nlohmann::json golden = nlohmann::json::parse(read_file(encoder_golden("folders.json")));
  return golden;
}

std::vector<std::string> names_of(const char* kind) {
  std::vector<std::string> names;
  for (const auto& [name, folder] : folders_golden().at(kind).items()) names.push_back(name);
  return names;
}

// The folder of a case.
class GoldenFolder : public TinyModel {
 public:
  explicit GoldenFolder(const nlohmann::json& folder) : TinyModel(folder.at("base").get<std::string>()) {
    for (const auto& [file, changes] : folder.at("changes").items()) change(file, changes);
    if (folder.contains("rename")) rename_tensors(folder.at("rename"));
    const auto without = folder.value("without", nlohmann::json::array());
    for (const auto& file : without) remove(file.get<std::string>());
    const auto moves = folder.value("move", nlohmann::json::object());
    for (const auto& [from, to] : moves.items()) {
      const std::filesystem::path target = path() / to.get<std::string>();
      std::filesystem::create_directories(target.parent_path());
      std::filesystem::rename(path() / from, target);
    }
  }

 private:
  // Ends of tensors' names, old -> new.
  void rename_tensors(const nlohmann::json& names) const {
    const SafetensorsFile file(encoder_golden("tiny_bert/model.safetensors"));
    TensorViews renamed;
    for (const auto& [stored, tensor] : file.tensors()) {
      std::string name = stored;
      for (const auto& [from, to] : names.items()) {
        if (name.ends_with(from)) name = name.substr(0, name.size() - from.size()) + to.get<std::string>();
      }
      renamed.emplace(name, tensor);
    }
    write_safetensors(path() / "model.safetensors", renamed);
  }

  void change(const std::string& file, const nlohmann::json& changes) const {
    const bool is_there = std::filesystem::exists(path() / file);
    auto json = is_there ? nlohmann::json::parse(read_file(path() / file)) : nlohmann::json::object();
    for (const auto& [text, value] : changes.items()) {
      const nlohmann::json::json_pointer pointer(text);
      if (value == "(absent)") {
        json[pointer.parent_pointer()].erase(pointer.back());
      } else {
        json[pointer] = value;
      }
    }
    write(file, json.dump());
  }
};

class FolderTokens : public testing::TestWithParam<std::string> {};

TEST_P(FolderTokens, AreThoseOfTransformers) {
  const auto& golden = folders_golden().at("ids").at(GetParam());
  const GoldenFolder folder(golden);
  const auto tokenizer = open_tokenizer(folder.path(), false);
  const std::vector<std::string> texts = folders_golden().at("texts");
  for (std::size_t i = 0; i < texts.size(); ++i) {
    EXPECT_EQ(tokenizer->tokenize(texts[i], 48).ids, golden.at("expected")[i].get<std::vector<std::int32_t>>())
        << texts[i];
  }
}

INSTANTIATE_TEST_SUITE_P(Folders, FolderTokens, testing::ValuesIn(names_of("ids")),
                         [](const auto& test) { return test.param; });

class FolderVectors : public testing::TestWithParam<std::string> {};

TEST_P(FolderVectors, AreThoseOfSentenceTransformers) {
  const auto& golden = folders_golden().at("vectors").at(GetParam());
  const GoldenFolder folder(golden);
  const std::vector<std::string> texts = folders_golden().at("texts");
  const auto got = open_text_encoder({.folder = folder.path(), .dtype = EncoderDtype::kF32})->encode(texts, {});
  for (std::size_t i = 0; i < texts.size(); ++i) {
    SCOPED_TRACE(texts[i]);
    expect_near(got.row(i), golden.at("expected")[i].get<std::vector<float>>(), 1e-5);
  }
}

INSTANTIATE_TEST_SUITE_P(Folders, FolderVectors, testing::ValuesIn(names_of("vectors")),
                         [](const auto& test) { return test.param; });

std::vector<float> vector_of(const EncoderOptions& options, const std::string& text) {
  return open_text_encoder(options)->encode(std::span(&text, 1), {}).values;
}

// Null is no value: class defaults again. transformers itself refuses most of them.
TEST(ModelFolderDefaults, NullIsAbsent) {
  const TinyBert folder;
  const std::string before = open_text_encoder({.folder = folder.path(), .dtype = EncoderDtype::kF32})->fingerprint();
  auto config = nlohmann::json::parse(read_file(folder / "config.json"));
  for (const char* key : {"type_vocab_size", "layer_norm_eps", "hidden_act", "pad_token_id"}) config[key] = nullptr;
  folder.write("config.json", config.dump());
  auto tokenizer = nlohmann::json::parse(read_file(folder / "tokenizer_config.json"));
  for (const char* key : {"do_lower_case", "strip_accents", "tokenize_chinese_chars", "tokenizer_class"})
    tokenizer[key] = nullptr;
  folder.write("tokenizer_config.json", tokenizer.dump());
  EXPECT_EQ(open_text_encoder({.folder = folder.path(), .dtype = EncoderDtype::kF32})->fingerprint(), before);
}

TEST(ModelFolderDefaults, SizesToo) {
  const TinyBert folder;
  folder.write("config.json", R"({"model_type": "bert"})");
  const ModelConfig model = read_model_config(folder.path());
  EXPECT_EQ(model.vocabulary, 30522U);
  EXPECT_EQ(model.hidden, 768U);
  EXPECT_EQ(model.layers, 12U);
  EXPECT_EQ(model.heads, 12U);
  EXPECT_EQ(model.intermediate, 3072U);
  EXPECT_EQ(model.positions, 512U);
  EXPECT_EQ(model.token_types, 2U);
  expect_error(ErrorKind::kInput, {"[30522, 768]", "default", "[160, 32]"}, [&] { const ModelWeights weights(model); });
}

TEST(DefaultPrompt, APromptOfOnesOwnTakesItsPlace) {
  const TinyBert folder;
  const EncoderOptions plain{.folder = folder.path(), .dtype = EncoderDtype::kF32};
  const auto expected = vector_of(plain, "a cd the music");
  const std::string before = open_text_encoder(plain)->fingerprint();
  folder.set("config_sentence_transformers.json", "prompts", {{"query", "a cd "}});
  EXPECT_EQ(open_text_encoder(plain)->fingerprint(), before);  // nothing makes it the default
  folder.set("config_sentence_transformers.json", "default_prompt_name", "query");
  EXPECT_EQ(read_encoder_folder(folder.path()).default_prompt, "a cd ");
  EXPECT_EQ(vector_of(plain, "the music"), expected);
  EXPECT_NE(open_text_encoder(plain)->fingerprint(), before);
  EncoderOptions own = plain;
  own.has_own_prompts = true;
  EXPECT_EQ(vector_of(own, "a cd the music"), expected);
  EXPECT_EQ(open_text_encoder(own)->fingerprint(), before);
  EXPECT_EQ(open_text_tokenizer(plain)("the music"), open_text_tokenizer(own)("a cd the music"));
}

TEST(DefaultPrompt, MustHaveAName) {
  const TinyBert folder;
  folder.set("config_sentence_transformers.json", "default_prompt_name", "retrieval");
  expect_error(ErrorKind::kInput, {"config_sentence_transformers.json", "default_prompt_name", "retrieval"},
               [&] { (void)read_model_config(folder.path()); });
  folder.set("config_sentence_transformers.json", "default_prompt_name", "document");  // always there, empty
  EXPECT_EQ(read_model_config(folder.path()).default_prompt, "");
}

TEST(DefaultPrompt, LeftOutOfThePoolingIsRefused) {
  const TinyBert folder;
  folder.set("1_Pooling/config.json", "include_prompt", false);
  EXPECT_NO_THROW((void)open_text_encoder({.folder = folder.path()}));
  expect_error(ErrorKind::kInput, {"include_prompt"},
               [&] { (void)open_text_encoder({.folder = folder.path(), .has_own_prompts = true}); });
}

TEST(ModelFolderWriter, KeepsNoPromptThatTrainingDidNotUse) {
  const TinyBert base;
  base.set("config_sentence_transformers.json", "prompts", {{"query", "query: "}, {"other", "o: "}});
  const TempDir out;
  const auto written = [&](const ModelFolderParts& parts) {
    write_model_folder(out / "encoder", parts);
    return nlohmann::json::parse(read_file(out / "encoder/config_sentence_transformers.json"));
  };
  auto config = written({.base = base.path()});
  EXPECT_EQ(config.at("prompts"), (nlohmann::json{{"query", ""}, {"document", ""}}));
  EXPECT_EQ(config.at("similarity_fn_name"), "cosine");
  config = written({.base = base.path(), .prompts = SidePrompts{.query = "q ", .document = "d "}});
  EXPECT_EQ(config.at("prompts"), (nlohmann::json{{"query", "q "}, {"document", "d "}}));
  EXPECT_TRUE(config.at("default_prompt_name").is_null());
  base.set("config_sentence_transformers.json", "default_prompt_name", "other");  // so training used it
  config = written({.base = base.path()});
  EXPECT_EQ(config.at("prompts"), (nlohmann::json{{"query", "o: "}, {"document", "o: "}, {"other", "o: "}}));
  EXPECT_EQ(open_text_encoder({.folder = out / "encoder", .dtype = EncoderDtype::kF32})->fingerprint(),
            open_text_encoder({.folder = base.path(), .dtype = EncoderDtype::kF32})->fingerprint());
}

TEST(ModelFolderWriter, TakesTheTransformerFromItsFolder) {
  const GoldenFolder base(folders_golden().at("vectors").at("ModulesInFolders"));
  const TempDir out;
  write_model_folder(out / "encoder", {.base = base.path()});
  EXPECT_EQ(open_text_encoder({.folder = out / "encoder", .dtype = EncoderDtype::kF32})->fingerprint(),
            open_text_encoder({.folder = encoder_golden("tiny_bert"), .dtype = EncoderDtype::kF32})->fingerprint());
}

}  // namespace
}  // namespace persona4rec::test
