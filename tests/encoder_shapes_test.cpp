#include <gtest/gtest.h>

#include "encoder/transformer/transformer.hpp"
#include "support/golden_encoder.hpp"
#include "support/resident_memory.hpp"

namespace persona4rec::test {
namespace {

// Up to three texts of 2 to 60 tokens: number i of some 200,000 batches, shortest first.
PackedBatch batch_number(std::size_t i) {
  constexpr std::size_t kLengths = 59;
  std::vector<std::vector<std::int32_t>> ids;
  for (std::size_t rest = i, text = 0; text < 3 && (text == 0 || rest > 0); ++text, rest /= kLengths) {
    ids.emplace_back(2 + rest % kLengths, static_cast<std::int32_t>(5 + i % 50));
  }
  std::ranges::sort(ids, {}, &std::vector<std::int32_t>::size);
  return pack(ids);
}

// 10^5 batches of all number types together.
TEST(Transformer, MemoryDoesNotGrowWithTheNumberOfBatchShapes) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "sanitizers keep freed memory";
#endif
  constexpr std::size_t kWarm = 2'000;
  constexpr std::size_t kBatches = 33'400;
  const SingleThreadedOperators single_threaded;
  const ModelConfig model = read_model_config(encoder_golden("tiny_bert"));
  for (const ComputeDtype dtype : {ComputeDtype::kF32, ComputeDtype::kBf16, ComputeDtype::kInt8}) {
    SCOPED_TRACE(static_cast<int>(dtype));
    const Transformer transformer(model, ModelWeights(model), {.dtype = dtype});
    // A stride that visits all sizes, so that those of the largest batch are there from the start.
    const auto run = [&](std::size_t i) { (void)transformer.encode(batch_number(i * 7919 % 205'379)); };
    for (std::size_t i = 0; i < kWarm; ++i) run(i);
    const std::size_t before = resident_pages();
    for (std::size_t i = kWarm; i < kBatches; ++i) run(i);
    EXPECT_LT(resident_pages(), before + 2048) << "pages of 4 KiB";
  }
}

}  // namespace
}  // namespace persona4rec::test
