#include <gtest/gtest.h>

#include "encoder/model_folder/model_folder_writer.hpp"
#include "encoder/model_folder/model_weights.hpp"
#include "encoder/sentence/pooling.hpp"
#include "persona4rec/encoder.hpp"
#include "persona4rec/encoder_head.hpp"
#include "support/golden_encoder.hpp"

namespace persona4rec::test {
namespace {

// The tiny BERT with the router that sentence-transformers wrote.
class WithRouter : public testing::Test {
 protected:
  WithRouter() {
    std::filesystem::copy(encoder_golden("router"), folder_.path(),
                          std::filesystem::copy_options::recursive | std::filesystem::copy_options::overwrite_existing);
  }
  TinyBert folder_;
};

void expect_golden_vectors(const std::filesystem::path& folder, const EncoderHead& head) {
  const auto& golden = read_encoder_golden();
  const auto texts = std::span(golden.texts).first(golden.query_vectors.size());
  const auto encoder = open_text_encoder({.folder = folder, .dtype = EncoderDtype::kF32});
  for (const auto side : {HeadSide::kQuery, HeadSide::kDocument}) {
    Embeddings got = encoder->encode(texts, {});
    apply_encoder_head(head, side, got.values);
    const auto& expected = side == HeadSide::kQuery ? golden.query_vectors : golden.document_vectors;
    for (std::size_t i = 0; i < got.rows; ++i) expect_near(got.row(i), expected[i], 1e-5);
  }
}

TEST_F(WithRouter, AppliesWhatSentenceTransformersSaved) {
  EXPECT_TRUE(read_encoder_folder(folder_.path()).has_head);
  const auto head = read_encoder_head(folder_.path());
  ASSERT_TRUE(head.has_value());
  EXPECT_EQ(head->dimensions, 32U);
  expect_golden_vectors(folder_.path(), *head);
}

TEST_F(WithRouter, TheHeadIsNoPartOfTheEncoder) {
  EXPECT_EQ(open_text_encoder({.folder = folder_.path(), .dtype = EncoderDtype::kF32})->fingerprint(),
            open_text_encoder({.folder = encoder_golden("tiny_bert"), .dtype = EncoderDtype::kF32})->fingerprint());
}

TEST_F(WithRouter, AWrittenFolderReadsBackTheSame) {
  const auto head = read_encoder_head(folder_.path());
  const TempDir out;
  write_model_folder(out / "encoder", {.base = encoder_golden("tiny_bert"), .head = &*head});
  const auto again = read_encoder_head(out / "encoder");
  ASSERT_TRUE(again.has_value());
  EXPECT_EQ(again->fingerprint(), head->fingerprint());
  EXPECT_EQ(again->user_map, head->user_map);
  EXPECT_EQ(again->persona_mean, head->persona_mean);
  expect_golden_vectors(out / "encoder", *again);
  EXPECT_EQ(open_text_encoder({.folder = out / "encoder", .dtype = EncoderDtype::kF32})->fingerprint(),
            open_text_encoder({.folder = encoder_golden("tiny_bert"), .dtype = EncoderDtype::kF32})->fingerprint());
  // A second time in place, now from itself and without the head.
  write_model_folder(out / "encoder", {.base = out / "encoder"});
  EXPECT_FALSE(read_encoder_head(out / "encoder").has_value());
}

TEST(ModelFolderWriter, TakesTrainedWeightsAndAMaxLength) {
  const SafetensorsFile file(encoder_golden("tiny_bert/model.safetensors"));
  TensorViews weights = file.tensors();
  std::vector<float> bias(32, 0.25F);
  weights["embeddings.LayerNorm.bias"].bytes = std::as_bytes(std::span(bias));
  const TempDir out;
  write_model_folder(out / "encoder", {.base = encoder_golden("tiny_bert"), .weights = &weights, .max_length = 20});
  const ModelConfig model = read_model_config(out / "encoder");
  EXPECT_EQ(model.max_length, 20U);
  EXPECT_EQ(model.pooling, Pooling::kMean);
  EXPECT_TRUE(model.normalize);
  EXPECT_EQ(to_f32(ModelWeights(model).tensor("embeddings.LayerNorm.bias")), bias);
  expect_error(ErrorKind::kInput, {"config.json"}, [&] { write_model_folder(out / "x", {.base = out.path()}); });
}

TEST(EncoderHead, NoRouterNoHead) {
  EXPECT_FALSE(read_encoder_head(encoder_golden("tiny_bert")).has_value());
}

TEST_F(WithRouter, RefusesARouterOfAnotherForm) {
  const auto read = [&] { (void)read_encoder_head(folder_.path()); };
  const std::string config = read_file(folder_ / "3_Router/router_config.json");
  folder_.set("3_Router/router_config.json", "structure",
              {{"query", {"query_0_Dense"}}, {"document", nlohmann::json::array()}});
  expect_error(ErrorKind::kInput, {"router_config.json", "structure.query", "Dense(identity, bias)"}, read);
  folder_.write("3_Router/router_config.json", config);
  folder_.set("3_Router/query_2_Dense/config.json", "activation_function", "torch.nn.modules.activation.Tanh");
  expect_error(ErrorKind::kInput, {"query_2_Dense/config.json", "activation_function"}, read);
  folder_.set("3_Router/query_2_Dense/config.json", "activation_function", "torch.nn.modules.linear.Identity");
  EXPECT_NO_THROW(read());
  folder_.write("3_Router/query_0_Dense/model.safetensors",
                read_file(folder_ / "3_Router/query_2_Dense/model.safetensors"));
  expect_error(ErrorKind::kInput, {"query_0_Dense/model.safetensors", "linear.bias"}, read);
  folder_.remove("3_Router/router_config.json");
  expect_error(ErrorKind::kInput, {"router_config.json", "No such file"}, read);
}

TEST(EncoderHead, CentresMapsAndNormalizes) {
  const EncoderHead head{.dimensions = 2,
                         .user_map = {0, 2, 1, 0},
                         .persona_map = {1, 0, 0, 1},
                         .user_mean = {1, 0},
                         .persona_mean = {0, 0}};
  std::vector<float> vectors = {1, 5, 4, 4};
  apply_encoder_head(head, HeadSide::kQuery, vectors);  // (0, 5) -> (0, 1) -> (2, 0); (3, 4) -> (.6, .8) -> (1.6, .6)
  expect_near(vectors, std::vector<float>{1, 0, 0.936329F, 0.351123F}, 1e-6);
  std::vector<float> zero = {0, 0};
  apply_encoder_head(head, HeadSide::kDocument, zero);
  EXPECT_EQ(zero, (std::vector<float>{0, 0}));
}

}  // namespace
}  // namespace persona4rec::test
