#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <utility>
#include <vector>

#include "base/rng.hpp"
#include "encoder/kernels/attention_f32.hpp"
#include "encoder/transformer/attention_bf16.hpp"

namespace persona4rec::test {
namespace {

Bf16 to_bf16(float value) {
  return static_cast<Bf16>(std::bit_cast<std::uint32_t>(value) >> 16U);
}
float from_bf16(Bf16 value) {
  return std::bit_cast<float>(std::uint32_t{value} << 16U);
}

struct Case {
  AttentionShape shape;
  std::size_t length;
  std::vector<float> qkv;   // values that bf16 holds exactly
  std::vector<Bf16> qkv16;  // the same

  Case(AttentionShape shape_in, std::size_t length_in) : shape(shape_in), length(length_in) {
    Rng rng(shape.heads * 1000 + shape.head_size * 10 + length);
    for (std::size_t i = 0; i < length * 3 * shape.hidden(); ++i) {
      qkv16.push_back(to_bf16(static_cast<float>(rng.uniform() * 6 - 3)));
      qkv.push_back(from_bf16(qkv16.back()));
    }
  }

  // softmax(Q K^T / sqrt(head)) V, in double.
  [[nodiscard]] std::vector<float> expected() const {
    std::vector<float> context(length * shape.hidden());
    for (std::size_t head = 0; head < shape.heads; ++head) {
      for (std::size_t token = 0; token < length; ++token) attend_one(head, token, context);
    }
    return context;
  }

 private:
  [[nodiscard]] double at(std::size_t token, std::size_t part, std::size_t head, std::size_t d) const {
    return qkv[(token * 3 + part) * shape.hidden() + head * shape.head_size + d];
  }
  void attend_one(std::size_t head, std::size_t token, std::vector<float>& context) const {
    std::vector<double> weights(length);
    double sum = 0;
    for (std::size_t key = 0; key < length; ++key) {
      double score = 0;
      for (std::size_t d = 0; d < shape.head_size; ++d) score += at(token, 0, head, d) * at(key, 1, head, d);
      weights[key] = std::exp(score / std::sqrt(static_cast<double>(shape.head_size)) - 20);
      sum += weights[key];
    }
    for (std::size_t d = 0; d < shape.head_size; ++d) {
      double value = 0;
      for (std::size_t key = 0; key < length; ++key) value += weights[key] / sum * at(key, 2, head, d);
      context[token * shape.hidden() + head * shape.head_size + d] = static_cast<float>(value);
    }
  }
};

const std::vector<AttentionShape> kShapes = {{1, 16}, {3, 32}, {2, 48}, {2, 64}, {1, 96}, {1, 128}};
const std::vector<std::size_t> kLengths = {1, 2, 5, 6, 7, 15, 16, 17, 31, 33, 48, 63, 64, 65, 80, 113};

TEST(Attention, F32IsTheFormula) {
  if (!has_fast_attention_f32({1, 16})) GTEST_SKIP() << "needs a processor with AVX-512";
  AttentionScratch scratch;  // shared: nothing may be left over from the call before
  for (const auto& shape : kShapes) {
    for (const auto length : kLengths) {
      const Case test(shape, length);
      std::vector<float> context(length * shape.hidden(), -1.0F);
      for (std::size_t head = 0; head < shape.heads; ++head) {
        attend(shape, head, length, test.qkv.data(), context.data(), scratch);
      }
      const auto expected = test.expected();
      for (std::size_t i = 0; i < context.size(); ++i) {
        ASSERT_NEAR(context[i], expected[i], 1e-5) << shape.heads << " x " << shape.head_size << ", " << length;
      }
    }
  }
}

TEST(Attention, Bf16IsTheFormulaToItsPrecision) {
  if (!has_fast_attention_bf16({1, 32})) GTEST_SKIP() << "needs a processor with avx512_bf16";
  AttentionScratch scratch;
  for (const auto& shape : kShapes) {
    if (shape.head_size % 32 != 0) {
      EXPECT_FALSE(has_fast_attention_bf16(shape));
      continue;
    }
    for (const auto length : kLengths) {
      const Case test(shape, length);
      std::vector<Bf16> context(length * shape.hidden());
      for (std::size_t head = 0; head < shape.heads; ++head) {
        attend(shape, head, length, test.qkv16.data(), context.data(), scratch);
      }
      const auto expected = test.expected();
      for (std::size_t i = 0; i < context.size(); ++i) {
        ASSERT_NEAR(from_bf16(context[i]), expected[i], 0.03)
            << shape.heads << " x " << shape.head_size << ", " << length;
      }
    }
  }
}

// A score far above the others takes all the weight; nothing overflows.
TEST(Attention, SurvivesLargeScores) {
  if (!has_fast_attention_f32({1, 16})) GTEST_SKIP() << "needs a processor with AVX-512";
  const AttentionShape shape{1, 16};
  std::vector<float> qkv(3 * 3 * 16, 0.0F);
  qkv[0] = 1e4F;                                              // query of token 0
  qkv[48 + 16] = 1e4F;                                        // key of token 1
  for (std::size_t d = 0; d < 16; ++d) qkv[48 + 32 + d] = 7;  // value of token 1
  std::vector<float> context(3 * 16);
  AttentionScratch scratch;
  attend(shape, 0, 3, qkv.data(), context.data(), scratch);
  EXPECT_FLOAT_EQ(context[0], 7.0F);
  EXPECT_NEAR(context[16], 7.0F / 3, 1e-6);  // token 1's query is zero: equal weights
}

}  // namespace
}  // namespace persona4rec::test
