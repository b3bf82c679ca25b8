#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <numeric>
#include <string>
#include <vector>

#include "base/rng.hpp"
#include "encoder/blocks/block_model.hpp"
#include "encoder/kernels/attention_f32.hpp"
#include "persona4rec/encoder.hpp"
#include "support/golden_encoder.hpp"

namespace persona4rec::test {
namespace {

std::string name_of(KernelSet set) {
  const char* names[] = {"portable", "AVX2", "AVX-VNNI", "AVX-512", "AVX-512 VNNI"};
  return names[static_cast<std::size_t>(set)];
}

std::vector<KernelSet> sets_here() {
  std::vector<KernelSet> here;
  std::ranges::copy_if(kKernelSets, std::back_inserter(here), has_kernel_set);
  return here;
}

// Weights that int8 holds exactly, rows of all numbers and of nothing but the largest.
struct Product {
  std::size_t inputs;
  std::size_t columns;
  std::vector<float> weights;
  Int8Rows rows;

  Product(std::size_t count, std::size_t inputs_in, std::size_t columns_in) : inputs(inputs_in), columns(columns_in) {
    Rng rng(count * 7 + inputs * 3 + columns);
    const auto number = [&](double least, double most) {
      return std::floor(least + rng.uniform() * (most - least + 1));
    };
    for (std::size_t i = 0; i < inputs * columns; ++i) weights.push_back(static_cast<float>(number(-127, 127)));
    for (std::size_t n = 0; n < columns; ++n) weights[n * inputs + n % inputs] = n % 2 == 0 ? 127.0F : -127.0F;
    if (columns > 1) std::fill_n(weights.begin() + static_cast<std::ptrdiff_t>(inputs), inputs, 127.0F);
    rows.shape(count, inputs);
    for (std::size_t i = 0; i < count * rows.stride; ++i) {
      rows.bytes[i] = i / rows.stride % 3 == 0 ? std::uint8_t{255} : static_cast<std::uint8_t>(number(0, 255));
    }
    for (std::size_t row = 0; row < count; ++row) {
      rows.scales[row] = row % 2 == 0 ? 1.0F : 0.25F;
      rows.zeros[row] = static_cast<std::int32_t>(number(0, 255));
    }
  }

  [[nodiscard]] float expected(std::size_t row, std::size_t n, float bias) const {
    std::int64_t sum = 0;
    for (std::size_t k = 0; k < inputs; ++k) {
      sum += (std::int64_t{rows.bytes[row * rows.stride + k]} - rows.zeros[row]) *
             static_cast<std::int64_t>(weights[n * inputs + k]);
    }
    return static_cast<float>(sum) * rows.scales[row] + bias;
  }
};

// Sums of 16 bits would saturate at 255 * 127 * 2.
TEST(Int8, EveryInstructionSetSumsExactly) {
  const std::vector<std::array<std::size_t, 3>> shapes = {{1, 5, 3},     {2, 32, 96},    {6, 384, 64}, {7, 48, 130},
                                                          {13, 384, 80}, {11, 1000, 17}, {5, 4096, 33}};
  for (const KernelSet set : sets_here()) {
    for (const auto& [count, inputs, columns] : shapes) {
      SCOPED_TRACE(name_of(set) + " " + std::to_string(count) + " " + std::to_string(inputs) + " " +
                   std::to_string(columns));
      const Product product(count, inputs, columns);
      std::vector<float> bias(columns);
      for (std::size_t n = 0; n < columns; ++n) bias[n] = static_cast<float>(n % 5);
      std::vector<float> out(count * columns + 1, -0.5F);
      row_kernels(set).int8_product(product.rows, quantize_weights(product.weights, bias),
                                    {.data = out.data(), .count = count, .width = columns, .stride = columns});
      for (std::size_t i = 0; i < count * columns; ++i) {
        ASSERT_EQ(out[i], product.expected(i / columns, i % columns, bias[i % columns])) << i;
      }
      EXPECT_EQ(out.back(), -0.5F);  // nothing is written behind the last column
    }
  }
}

TEST(Int8, RowsComeBackWithinHalfAStep) {
  for (const KernelSet set : sets_here()) {
    SCOPED_TRACE(name_of(set));
    for (const std::size_t width : {1U, 4U, 15U, 16U, 33U, 384U}) {
      Rng rng(width);
      std::vector<float> values(3 * width);
      for (std::size_t i = 0; i < 2 * width; ++i)
        values[i] = static_cast<float>(rng.uniform() * 7 - (i < width ? 2 : 9));
      Int8Rows rows;
      rows.shape(3, width);
      row_kernels(set).quantize({.data = values.data(), .count = 3, .width = width, .stride = width}, rows);
      for (std::size_t i = 0; i < values.size(); ++i) {
        const std::size_t row = i / width;
        const int number = rows.bytes[row * rows.stride + i % width];
        ASSERT_NEAR(rows.scales[row] * static_cast<float>(number - rows.zeros[row]), values[i],
                    0.51F * rows.scales[row] + 1e-6F);
      }
      EXPECT_EQ(rows.scales[2], 0.0F);  // a row of zeros
    }
  }
}

TEST(Int8, GeluAndNormAreTheFormulas) {
  for (const KernelSet set : sets_here()) {
    SCOPED_TRACE(name_of(set));
    constexpr std::size_t kWidth = 35;
    std::vector<float> values(kWidth);
    for (std::size_t i = 0; i < kWidth; ++i) values[i] = static_cast<float>(i) / 3 - 6;
    std::vector<float> gelu = values;
    row_kernels(set).gelu({.data = gelu.data(), .count = 1, .width = kWidth, .stride = kWidth});
    for (std::size_t i = 0; i < kWidth; ++i) {
      ASSERT_NEAR(gelu[i], 0.5 * values[i] * (1 + std::erf(values[i] / std::sqrt(2.0))), 2e-6);
    }
    std::vector<float> normed = values;
    const std::vector<float> weight(kWidth, 2.0F);
    const std::vector<float> bias(kWidth, 1.0F);
    const FloatRows rows{.data = normed.data(), .count = 1, .width = kWidth, .stride = kWidth};
    row_kernels(set).add_and_norm({.data = values.data(), .count = 1, .width = kWidth, .stride = kWidth},
                                  {.weight = weight.data(), .bias = bias.data(), .epsilon = 1e-12F}, rows);
    // Twice the values lie around 2 * (17 / 3 - 6) with a deviation of 2 / 3 * sqrt((35^2 - 1) / 12).
    for (std::size_t i = 0; i < kWidth; ++i) {
      const double centered = (static_cast<double>(i) - 17) / std::sqrt((35.0 * 35 - 1) / 12);
      ASSERT_NEAR(normed[i], 2 * centered + 1, 1e-5);
    }
  }
}

TEST(F32, EveryInstructionSetMultipliesAnyNumberOfRowsAndColumns) {
  const std::vector<std::array<std::size_t, 3>> shapes = {{1, 5, 3},     {2, 32, 96},   {6, 384, 64},  {7, 48, 130},
                                                          {12, 384, 80}, {35, 100, 17}, {48, 1536, 33}};
  for (const KernelSet set : sets_here()) {
    for (const auto& [count, inputs, columns] : shapes) {
      SCOPED_TRACE(name_of(set) + " " + std::to_string(count) + " " + std::to_string(inputs) + " " +
                   std::to_string(columns));
      Rng rng(count + inputs + columns);
      const auto numbers = [&](std::size_t size) {
        std::vector<float> values(size);
        for (float& value : values) value = static_cast<float>(rng.uniform() * 2 - 1);
        return values;
      };
      const std::size_t stride = inputs + 3;
      auto rows = numbers(count * stride);
      const auto weights = numbers(columns * inputs);
      const auto bias = numbers(columns);
      std::vector<float> out(count * columns + 1, -0.5F);
      row_kernels(set).f32_product({.data = rows.data(), .count = count, .width = inputs, .stride = stride},
                                   pack_weights(weights, bias),
                                   {.data = out.data(), .count = count, .width = columns, .stride = columns});
      for (std::size_t i = 0; i < count * columns; ++i) {
        double expected = bias[i % columns];
        for (std::size_t k = 0; k < inputs; ++k) {
          expected += double{rows[i / columns * stride + k]} * weights[i % columns * inputs + k];
        }
        ASSERT_NEAR(out[i], expected, 1e-4) << i;
      }
      EXPECT_EQ(out.back(), -0.5F);  // nothing is written behind the last column
    }
  }
}

// The other activations, over all they meet, and attention beside that of the formulas.
TEST(RowKernels, ActivationsAreTheFormulas) {
  for (const KernelSet set : sets_here()) {
    SCOPED_TRACE(name_of(set));
    std::vector<float> values;
    for (float x = -30; x < 30; x += 0.037F) values.push_back(x);
    const auto applied = [&](void (*function)(const FloatRows&)) {
      auto out = values;
      function({.data = out.data(), .count = 1, .width = out.size(), .stride = out.size()});
      return out;
    };
    const auto tanh = applied(row_kernels(set).gelu_tanh);
    const auto relu = applied(row_kernels(set).relu);
    for (std::size_t i = 0; i < values.size(); ++i) {
      const double x = values[i];
      ASSERT_NEAR(tanh[i], 0.5 * x * (1 + std::tanh(std::sqrt(2 / M_PI) * (x + 0.044715 * x * x * x))), 2e-6) << x;
      ASSERT_EQ(relu[i], std::max(values[i], 0.0F));
    }
  }
}

TEST(RowKernels, AttentionIsTheFormula) {
  for (const KernelSet set : sets_here()) {
    for (const std::size_t head_size : {1U, 8U, 13U, 32U, 80U}) {
      for (const std::size_t length : {1U, 3U, 16U, 70U, 200U}) {
        SCOPED_TRACE(name_of(set) + " " + std::to_string(head_size) + " " + std::to_string(length));
        const AttentionShape shape{.heads = 2, .head_size = head_size};
        Rng rng(head_size + length);
        std::vector<float> qkv(length * 3 * shape.hidden());
        for (float& value : qkv) value = static_cast<float>(rng.uniform() * 4 - 2);
        std::vector<float> context(length * shape.hidden() + 1, -0.5F);
        AttentionScratch scratch;
        for (std::size_t head = 0; head < 2; ++head) {
          row_kernels(set).attend(shape, head, length, qkv.data(), context.data(), scratch);
        }
        EXPECT_EQ(context.back(), -0.5F);
        const auto at = [&](std::size_t token, std::size_t part, std::size_t column) {
          return double{qkv[(token * 3 + part) * shape.hidden() + column]};
        };
        std::vector<double> weights(length);
        for (std::size_t i = 0; i < length * shape.heads; ++i) {
          const std::size_t token = i / shape.heads;
          const std::size_t first = i % shape.heads * head_size;
          for (std::size_t key = 0; key < length; ++key) {
            double score = 0;
            for (std::size_t d = 0; d < head_size; ++d) score += at(token, 0, first + d) * at(key, 1, first + d);
            weights[key] = std::exp(score / std::sqrt(static_cast<double>(head_size)));
          }
          const double all = std::accumulate(weights.begin(), weights.end(), 0.0);
          for (std::size_t d = first; d < first + head_size; ++d) {
            double sum = 0;
            for (std::size_t key = 0; key < length; ++key) sum += weights[key] * at(key, 2, d);
            ASSERT_NEAR(context[token * shape.hidden() + d], sum / all, 1e-5) << token << " " << d;
          }
        }
      }
    }
  }
}

TEST(F32, EveryInstructionSetGivesTheHiddenStatesOfTransformers) {
  const auto& golden = read_encoder_golden();
  const ModelConfig model = read_model_config(encoder_golden("tiny_bert"));
  for (const KernelSet set : sets_here()) {
    SCOPED_TRACE(name_of(set));
    const BlockTransformer transformer(model, ModelWeights(model), ComputeDtype::kF32, set);
    for (const auto& [index, expected] : golden.hidden) {
      const PackedBatch batch = pack({golden.ids[index]});
      std::vector<float> states;
      transformer.run(batch,
                      [&](const float* hidden) { states.assign(hidden, hidden + batch.tokens() * model.hidden); });
      expect_near(states, expected, 1e-5);
    }
  }
}

TEST(F32, ATextAloneIsTheTextInABatchToTheBit) {
  const auto& golden = read_encoder_golden();
  const ModelConfig model = read_model_config(encoder_golden("tiny_bert"));
  const BlockTransformer transformer(model, ModelWeights(model), ComputeDtype::kF32);
  const auto states_of = [&](const std::vector<std::vector<std::int32_t>>& ids) {
    const PackedBatch batch = pack(ids);
    std::vector<float> states;
    transformer.run(batch, [&](const float* hidden) { states.assign(hidden, hidden + batch.tokens() * model.hidden); });
    return states;
  };
  std::vector<std::vector<std::int32_t>> ids;
  for (int more = 0; more < 6; ++more) ids.insert(ids.end(), golden.ids.begin(), golden.ids.end());  // several groups
  std::ranges::stable_sort(ids, {}, &std::vector<std::int32_t>::size);
  const auto together = states_of(ids);
  std::size_t first = 0;
  for (const auto& text : ids) {
    const auto alone = states_of({text});
    ASSERT_TRUE(std::equal(alone.begin(), alone.end(), together.begin() + static_cast<std::ptrdiff_t>(first)));
    first += alone.size();
  }
  EXPECT_EQ(first, together.size());
}

EncoderOptions int8_options(const std::filesystem::path& folder) {
  return {.folder = folder, .dtype = EncoderDtype::kInt8, .device = "cpu"};
}

TEST(Int8, VectorsAreNearThoseOfSentenceTransformers) {
  const auto& golden = read_encoder_golden();
  const auto bert = open_text_encoder(int8_options(encoder_golden("tiny_bert")))->encode(golden.texts, {});
  for (std::size_t i = 0; i < bert.rows; ++i) {
    EXPECT_GT(cosine(bert.row(i), golden.vectors[i]), 0.99) << golden.texts[i];
  }
  const auto xlmr = open_text_encoder(int8_options(encoder_golden("tiny_xlmr")))->encode(golden.xlmr_texts, {});
  for (std::size_t i = 0; i < xlmr.rows; ++i) {
    EXPECT_GT(cosine(xlmr.row(i), golden.xlmr_vectors[i]), 0.99) << golden.xlmr_texts[i];
  }
}

TEST(Int8, EveryInstructionSetGivesTheSameVectorsButForRounding) {
  const auto& golden = read_encoder_golden();
  const ModelConfig model = read_model_config(encoder_golden("tiny_bert"));
  const PackedBatch batch = pack({golden.ids[0]});
  std::vector<float> first;
  for (const KernelSet set : sets_here()) {
    SCOPED_TRACE(name_of(set));
    std::vector<float> states;
    BlockTransformer(model, ModelWeights(model), ComputeDtype::kInt8, set).run(batch, [&](const float* hidden) {
      states.assign(hidden, hidden + batch.tokens() * model.hidden);
    });
    if (first.empty()) first = states;
    EXPECT_GT(cosine(states, first), 0.9999);
  }
}

TEST(Int8, ATextAloneIsTheTextInABatchToTheBit) {
  const auto& golden = read_encoder_golden();
  const ModelConfig model = read_model_config(encoder_golden("tiny_bert"));
  const BlockModel transformer(model, ModelWeights(model), ComputeDtype::kInt8);
  std::vector<std::vector<std::int32_t>> ids = golden.ids;
  for (int more = 0; more < 5; ++more) ids.insert(ids.end(), golden.ids.begin(), golden.ids.end());  // several groups
  std::ranges::stable_sort(ids, {}, &std::vector<std::int32_t>::size);
  const std::vector<float> together = transformer.encode(pack(ids));
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const auto alone = transformer.encode(pack({ids[i]}));
    ASSERT_TRUE(
        std::equal(alone.begin(), alone.end(), together.begin() + static_cast<std::ptrdiff_t>(i * alone.size())));
  }
}

TEST(Int8, ThreadsDoNotChangeAByte) {
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < 900; ++i) {
    texts.push_back(std::to_string(i));
    for (std::size_t word = 0; word < i % 23; ++word) texts.back() += word % 2 == 0 ? " music" : " the best";
  }
  std::vector<std::vector<float>> results;
  for (const auto& [threads, tokens] : {std::pair<std::size_t, std::size_t>{1, 2048}, {3, 2048}, {2, 100}}) {
    EncoderOptions options = int8_options(encoder_golden("tiny_bert"));
    options.threads = threads;
    options.batch_tokens = tokens;
    results.push_back(open_text_encoder(options)->encode(texts, {}).values);
  }
  EXPECT_EQ(results[0], results[1]);
  EXPECT_EQ(results[0], results[2]);
}

TEST(Int8, IsAnEncoderOfItsOwnForTheStore) {
  EncoderOptions options = int8_options(encoder_golden("tiny_bert"));
  const auto int8 = open_text_encoder(options)->fingerprint();
  for (const EncoderDtype dtype : {EncoderDtype::kF32, EncoderDtype::kBf16}) {
    options.dtype = dtype;
    EXPECT_NE(open_text_encoder(options)->fingerprint(), int8);
  }
}

}  // namespace
}  // namespace persona4rec::test
