#include "encoder/store/batch_collector.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace persona4rec {
namespace {

using ::testing::DoubleNear;

// Texts of 10, 100 and 1,000 letters, a repeated one, and one beyond what a text of 400 tokens can hold.
class BatchCollectorTest : public ::testing::Test {
 protected:
  static std::string letters(char letter, std::size_t count) { return std::string(count, letter); }

  void take(std::size_t distinct) {
    const std::size_t member = 0;
    const std::uint8_t truncated = 0;
    collector_.take({.members = std::span(&member, 1), .vectors = vector_, .truncated = std::span(&truncated, 1)},
                    std::span(&distinct, 1));
  }

  std::vector<std::string> texts_ = {letters('a', 10), letters('b', 100), letters('a', 10), letters('c', 1000),
                                     letters('d', 9000)};
  std::vector<float> vector_ = {1, 2};
  EmbeddingsBuilder builder_{texts_, 2};
  ProgressUpdate last_;
  ProgressFn progress_ = [this](const ProgressUpdate& update) { last_ = update; };
  BatchCollector collector_{builder_, texts_, 400, progress_};
};

TEST_F(BatchCollectorTest, TellsTheShareOfTheWorkByLength) {
  constexpr double kAll = 26 + 116 + 1016 + (16 + 1800);
  take(0);
  EXPECT_EQ(last_.done, 1U);
  EXPECT_EQ(last_.total, 4U);
  EXPECT_THAT(last_.share, DoubleNear(26 / kAll, 1e-9));
  take(1);
  take(2);
  EXPECT_THAT(last_.share, DoubleNear((26 + 116 + 1016) / kAll, 1e-9));
  take(3);
  EXPECT_EQ(last_.done, 4U);
  EXPECT_THAT(last_.share, DoubleNear(1, 1e-9));
}

TEST_F(BatchCollectorTest, WhatIsKnownIsNoWork) {
  const std::vector<std::size_t> known = {0, 3};
  collector_.add_known(known);
  EXPECT_EQ(last_.done, 2U);
  EXPECT_EQ(last_.share, 0);
  take(1);
  EXPECT_THAT(last_.share, DoubleNear(116.0 / (116 + 1016), 1e-9));
}

}  // namespace
}  // namespace persona4rec
