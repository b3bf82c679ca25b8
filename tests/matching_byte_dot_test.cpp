// Rows of 8-bit values: every kernel against plain sums, and how near they are to the values that they stand for.
#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "base/rng.hpp"
#include "matching/byte_dot.hpp"

namespace persona4rec {
namespace {

TEST(ByteDot, EveryKernelGivesThePlainSum) {
  Rng rng(1);
  const auto& kernels = byte_dot_kernels();
  for (const std::size_t n : {1U, 7U, 8U, 31U, 32U, 63U, 64U, 100U, 384U, 1024U}) {
    std::vector<std::int8_t> row(n);
    std::vector<float> vector(n);
    double plain = 0;
    for (std::size_t i = 0; i < n; ++i) {
      row[i] = static_cast<std::int8_t>(static_cast<int>(rng.below(255)) - 127);
      vector[i] = static_cast<float>(rng.uniform() - 0.5);
      plain += static_cast<double>(row[i]) * static_cast<double>(vector[i]);
    }
    for (std::size_t k = 0; k < kernels.count; ++k) {
      EXPECT_NEAR(kernels.kernels[k].run(row.data(), vector.data(), n, nullptr), plain, 1e-2)
          << kernels.kernels[k].name << ", " << n;
    }
    EXPECT_EQ(byte_dot(row.data(), vector.data(), n, row.data()),
              kernels.kernels[0].run(row.data(), vector.data(), n, row.data()));
  }
}

TEST(ByteDot, ValuesComeBackToHalfAStep) {
  Rng rng(2);
  std::vector<float> values(384);
  for (auto& value : values) value = static_cast<float>(rng.uniform() - 0.5);
  values[7] = -0.75F;
  std::vector<std::int8_t> bytes(values.size());
  const float scale = to_bytes(values, bytes);
  EXPECT_EQ(bytes[7], -127) << "the largest value takes the whole range";
  EXPECT_FLOAT_EQ(scale, 0.75F / 127);
  for (std::size_t i = 0; i < values.size(); ++i) {
    ASSERT_NEAR(scale * static_cast<float>(bytes[i]), values[i], scale / 2 + 1e-6F);
  }
}

TEST(ByteDot, ARowOfZerosHasNoScale) {
  const std::vector<float> values(10, 0.0F);
  std::vector<std::int8_t> bytes(values.size(), 1);
  EXPECT_EQ(to_bytes(values, bytes), 0.0F);
  EXPECT_EQ(bytes, std::vector<std::int8_t>(values.size(), 0));
}

}  // namespace
}  // namespace persona4rec
