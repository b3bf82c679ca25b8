#include "encoder/transformer/transformer.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "encoder/sentence/pooling.hpp"
#include "persona4rec/encoder.hpp"
#include "support/golden_encoder.hpp"

namespace persona4rec::test {
namespace {

Transformer tiny_transformer(const TransformerOptions& options = {},
                             const std::filesystem::path& folder = encoder_golden("tiny_bert")) {
  const ModelConfig model = read_model_config(folder);
  return {model, ModelWeights(model), options};
}

std::vector<float> row(const std::vector<float>& matrix, std::size_t index, std::size_t width) {
  const auto begin = matrix.begin() + static_cast<std::ptrdiff_t>(index * width);
  return {begin, begin + static_cast<std::ptrdiff_t>(width)};
}

EncoderOptions tiny_options(const std::filesystem::path& folder = encoder_golden("tiny_bert")) {
  return {.folder = folder, .dtype = EncoderDtype::kF32};
}

// As many short texts of all lengths as two windows hold.
std::vector<std::string> many_texts(std::size_t count) {
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < count; ++i) {
    std::string text = std::to_string(i);
    for (std::size_t word = 0; word < i % 23; ++word) text += word % 2 == 0 ? " music" : " the best";
    texts.push_back(text);
  }
  return texts;
}

TEST(Transformer, HiddenStatesAreThoseOfTransformers) {
  const SingleThreadedOperators single_threaded;
  const auto& golden = read_encoder_golden();
  for (const bool fast : {true, false}) {
    const Transformer transformer = tiny_transformer({.fast_attention = fast});
    for (const auto& [index, expected] : golden.hidden) {
      expect_near(transformer.hidden_states(pack({golden.ids[index]})), expected, 1e-5);
    }
  }
}

TEST(Transformer, VectorsAreThoseOfSentenceTransformers) {
  const auto encoder = open_text_encoder(tiny_options());
  const auto& golden = read_encoder_golden();
  const Embeddings got = encoder->encode(golden.texts, {});
  ASSERT_EQ(got.rows, golden.texts.size());
  for (std::size_t i = 0; i < got.rows; ++i) {
    SCOPED_TRACE(golden.texts[i]);
    expect_near(got.row(i), golden.vectors[i], 1e-5);
    EXPECT_GT(cosine(got.row(i), golden.vectors[i]), 0.99999);
  }
}

// Positions start behind the padding token's; one token type; [CLS] pooling.
TEST(Transformer, XlmrVectorsAreThoseOfSentenceTransformers) {
  const auto& golden = read_encoder_golden();
  const auto got = open_text_encoder(tiny_options(encoder_golden("tiny_xlmr")))->encode(golden.xlmr_texts, {});
  for (std::size_t i = 0; i < got.rows; ++i) {
    SCOPED_TRACE(golden.xlmr_texts[i]);
    expect_near(got.row(i), golden.xlmr_vectors[i], 1e-5);
  }
}

TEST(Transformer, Bf16IsNear) {
  EncoderOptions options = tiny_options();
  options.dtype = EncoderDtype::kBf16;
  const auto encoder = open_text_encoder(options);
  const auto& golden = read_encoder_golden();
  const Embeddings got = encoder->encode(golden.texts, {});
  for (std::size_t i = 0; i < got.rows; ++i) EXPECT_GT(cosine(got.row(i), golden.vectors[i]), 0.999) << golden.texts[i];
  EXPECT_NE(encoder->fingerprint(), open_text_encoder(tiny_options())->fingerprint());
}

TEST(Transformer, ATextAloneIsTheTextInABatch) {
  const SingleThreadedOperators single_threaded;
  const auto& golden = read_encoder_golden();
  for (const bool fast : {true, false}) {
    const Transformer transformer = tiny_transformer({.fast_attention = fast});
    std::vector<std::vector<std::int32_t>> ids = golden.ids;
    std::ranges::stable_sort(ids, {}, &std::vector<std::int32_t>::size);
    const std::vector<float> together = transformer.encode(pack(ids));
    for (std::size_t i = 0; i < ids.size(); ++i) {
      expect_near(transformer.encode(pack({ids[i]})), row(together, i, 32), 1e-5);
    }
  }
}

// Rows behind the last token hold what an earlier, larger batch left there.
TEST(Transformer, EarlierBatchesLeaveNoTrace) {
  const SingleThreadedOperators single_threaded;
  const auto& golden = read_encoder_golden();
  const Transformer transformer = tiny_transformer();
  const auto before = transformer.encode(pack({golden.ids[0]}));
  std::vector<std::vector<std::int32_t>> ids = golden.ids;
  std::ranges::stable_sort(ids, {}, &std::vector<std::int32_t>::size);
  (void)transformer.encode(pack(ids));
  EXPECT_EQ(transformer.encode(pack({golden.ids[0]})), before);
}

TEST(Encoder, PoolingFollowsTheFolder) {
  const SingleThreadedOperators single_threaded;
  const auto& golden = read_encoder_golden();
  const auto& [index, hidden] = *golden.hidden.begin();
  const std::pair<const char*, Pooling> modes[] = {
      {"cls", Pooling::kCls}, {"max", Pooling::kMax}, {"mean", Pooling::kMean}};
  for (const auto& [mode, pooling] : modes) {
    SCOPED_TRACE(mode);
    const TinyBert folder;
    folder.set("1_Pooling/config.json", "pooling_mode", mode);
    folder.write("modules.json",
                 R"([{"path": "", "type": "x.Transformer"}, {"path": "1_Pooling", "type": "x.Pooling"}])");
    std::vector<float> expected(32);
    pool(pooling, hidden, expected);
    const auto got = open_text_encoder(tiny_options(folder.path()))->encode(std::span(&golden.texts[index], 1), {});
    expect_near(got.values, expected, 1e-5);
  }
}

TEST(Encoder, CutsAtTheMaxLength) {
  EncoderOptions options = tiny_options();
  options.max_length = 4;
  const auto encoder = open_text_encoder(options);
  const std::vector<std::string> texts = {"the music", "the music album", "the music album guitar", "the music"};
  const Embeddings got = encoder->encode(texts, {});
  EXPECT_EQ(got.truncated, (std::vector<std::uint8_t>{0, 1, 1, 0}));
  EXPECT_EQ(got.counts.truncated, 2U);
  EXPECT_EQ(got.counts.texts, 4U);
  EXPECT_EQ(got.counts.encoded, 3U);
  EXPECT_EQ(got.counts.tokens, 12U);
  expect_near(got.row(2), got.row(0), 1e-6);
  for (const std::size_t length : {1U, 65U}) {
    options.max_length = length;
    expect_error(ErrorKind::kUsage, {"max length", "2 .. 64"}, [&] { (void)open_text_encoder(options); });
  }
}

TEST(Encoder, ThreadsAndRunsDoNotChangeAByte) {
  const auto texts = many_texts(5000);  // two windows
  EncoderOptions options = tiny_options();
  std::vector<std::vector<float>> results;
  for (const std::size_t threads : {1U, 1U, 2U, 5U}) {
    options.threads = threads;
    options.batch_tokens = 512;
    results.push_back(open_text_encoder(options)->encode(texts, {}).values);
  }
  for (const auto& result : results) EXPECT_EQ(result, results.front());
}

TEST(Encoder, KeepsTheOrderAndCountsRepeatedTextsOnce) {
  const auto encoder = open_text_encoder(tiny_options());
  std::vector<std::string> texts = many_texts(60);
  std::ranges::reverse(texts);
  texts.insert(texts.end(), {texts[7], texts[0]});
  std::uint64_t last_total = 0;
  const Embeddings got = encoder->encode(texts, [&](const ProgressUpdate& update) { last_total = update.total; });
  EXPECT_EQ(got.counts.texts, 62U);
  EXPECT_EQ(got.counts.encoded, 60U);
  EXPECT_EQ(last_total, 60U);
  for (std::size_t i = 0; i < texts.size(); ++i) {
    expect_near(got.row(i), encoder->encode(std::span(&texts[i], 1), {}).values, 1e-5);
  }
}

TEST(Encoder, RefusesTextsThatAreNotUtf8) {
  const auto encoder = open_text_encoder(tiny_options());
  const std::vector<std::string> texts = {"fine", "b\xff"};
  expect_error(ErrorKind::kInput, {"text 2", "UTF-8", "byte at 2"}, [&] { (void)encoder->encode(texts, {}); });
}

TEST(Encoder, NoTextsNoVectors) {
  EXPECT_EQ(open_text_encoder(tiny_options())->encode({}, {}).rows, 0U);
}

TEST(Encoder, RefusesATokenizerThatIsLargerThanTheModel) {
  const TinyBert folder;
  folder.remove("tokenizer.json");
  folder.write("vocab.txt", read_file(folder / "vocab.txt") + "one more\n");
  expect_error(ErrorKind::kInput, {"vocab_size"}, [&] { (void)open_text_encoder(tiny_options(folder.path())); });
}

TEST(Encoder, TheFingerprintFollowsWhatDecidesAVector) {
  const auto fingerprint = [](const EncoderOptions& options) { return open_text_encoder(options)->fingerprint(); };
  const std::string base = fingerprint(tiny_options());
  EXPECT_EQ(base.size(), 64U);
  EncoderOptions other = tiny_options();
  other.threads = 1;
  other.batch_tokens = 64;
  EXPECT_EQ(fingerprint(other), base);
  other.max_length = 10;
  EXPECT_NE(fingerprint(other), base);
  const TinyBert folder;
  EXPECT_EQ(fingerprint(tiny_options(folder.path())), base);
  folder.set("1_Pooling/config.json", "pooling_mode", "cls");
  EXPECT_NE(fingerprint(tiny_options(folder.path())), base);
}

TEST(Packing, SortsByLengthAndFillsBatches) {
  const auto text = [](std::size_t tokens) { return TokenizedText{.ids = std::vector<std::int32_t>(tokens, 1)}; };
  const std::vector<TokenizedText> texts = {text(5), text(2), text(9), text(2), text(3)};
  const auto batches = pack_batches(texts, 7);
  ASSERT_EQ(batches.size(), 3U);
  EXPECT_EQ(batches[0].rows, (std::vector<std::size_t>{1, 3, 4}));
  EXPECT_EQ(batches[0].begins, (std::vector<std::size_t>{0, 2, 4, 7}));
  EXPECT_EQ(batches[1].rows, (std::vector<std::size_t>{0}));
  EXPECT_EQ(batches[2].rows, (std::vector<std::size_t>{2}));  // longer than a batch: one of its own
  EXPECT_TRUE(pack_batches({}, 7).empty());
}

TEST(Pooling, NormalizesButForZero) {
  std::vector<float> vector = {3, 4};
  normalize(vector);
  expect_near(vector, std::vector<float>{0.6F, 0.8F}, 1e-7);
  std::vector<float> zero = {0, 0};
  normalize(zero);
  EXPECT_EQ(zero, (std::vector<float>{0, 0}));
}

}  // namespace
}  // namespace persona4rec::test
