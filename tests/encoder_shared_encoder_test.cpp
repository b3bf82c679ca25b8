#include "encoder/ranks/shared_encoder.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/hash.hpp"
#include "encoder/store/stored_encoder.hpp"
#include "persona4rec/error.hpp"
#include "support/forked_ranks.hpp"
#include "support/temp_dir.hpp"

namespace persona4rec::test {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kDimensions = 4;
constexpr std::size_t kBatch = 128;
constexpr std::size_t kBatchesOfWindow = kWindowTexts / kBatch;

// What it is to do before its `batch`-th batch.
struct Accident {
  std::size_t batch = 0;  // 0 = none
  bool kill = false;      // else it is asked to stop
};

// A vector depends on all texts of its batch, as a real one's last bits may: another division of the work shows.
class BatchBoundEncoder final : public BatchEncoder {
 public:
  explicit BatchBoundEncoder(Accident accident = {}) : accident_(accident) {}
  [[nodiscard]] std::size_t dimensions() const override { return kDimensions; }
  [[nodiscard]] std::size_t max_length() const override { return 100; }
  [[nodiscard]] std::string fingerprint() const override { return "bound to its batch"; }
  [[nodiscard]] Embeddings encode(std::span<const std::string>, const ProgressFn&) override { return {}; }

  void encode_window(const TextWindow& window, const BatchFn& finished) override {
    for (std::size_t begin = 0; begin < window.rows.size(); begin += kBatch) {
      const std::size_t end = std::min(begin + kBatch, window.rows.size());
      if (std::all_of(window.known.begin() + static_cast<std::ptrdiff_t>(begin),
                      window.known.begin() + static_cast<std::ptrdiff_t>(end), [](auto known) { return known != 0; }))
        continue;
      if (++begun_ == accident_.batch) meet_accident();
      finish(window, begin, end, finished);
    }
  }

 private:
  void meet_accident() const {
    if (accident_.kill) std::raise(SIGKILL);
    throw Error::from_signal(SIGTERM);
  }

  static void finish(const TextWindow& window, std::size_t begin, std::size_t end, const BatchFn& finished) {
    std::string all;
    for (std::size_t i = begin; i < end; ++i) all += window.texts[window.rows[i]] + "\n";
    const std::string of_batch = sha256_hex(all);
    std::vector<std::size_t> members;
    std::vector<float> vectors;
    std::vector<std::uint8_t> truncated;
    for (std::size_t i = begin; i < end; ++i) {
      const std::string& text = window.texts[window.rows[i]];
      members.push_back(i);
      for (std::size_t d = 0; d < kDimensions; ++d)
        vectors.push_back(static_cast<float>(std::stoul(of_batch.substr(d * 5, 5), nullptr, 16) + text.size() * d) +
                          static_cast<float>(text.back()));
      truncated.push_back(text.ends_with('7') ? 1 : 0);
    }
    finished({.members = members, .vectors = vectors, .truncated = truncated, .tokens = end - begin});
  }

  Accident accident_;
  std::size_t begun_ = 0;
};

// `repeated`: every tenth text stands a second time, 7,000 rows later.
std::vector<std::string> some_texts(std::size_t count, bool repeated = false) {
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < count; ++i)
    texts.push_back(repeated && i % 10 == 3 && i > 7000 ? texts[i - 7000] : "text " + std::to_string(i));
  return texts;
}

struct Encoded {
  std::vector<float> values;
  std::vector<std::uint8_t> truncated;
  std::uint64_t encoded = 0;
};

// As the cache gives texts to an encoder.
Encoded encode_all(TextEncoder& encoder, const std::vector<std::string>& texts) {
  Encoded all;
  const std::size_t most = encoder.texts_at_once();
  for (std::size_t begin = 0; begin < texts.size(); begin += most) {
    const Embeddings some = encoder.encode(std::span(texts).subspan(begin, std::min(most, texts.size() - begin)), {});
    all.values.insert(all.values.end(), some.values.begin(), some.values.end());
    all.truncated.insert(all.truncated.end(), some.truncated.begin(), some.truncated.end());
    all.encoded += some.counts.encoded;
  }
  return all;
}

class SharedEncoderTest : public ::testing::Test {
 protected:
  // What one process makes of the texts, in the store "one".
  Encoded alone(const std::vector<std::string>& texts) const {
    StoredEncoder encoder(std::make_unique<BatchBoundEncoder>(), dir_ / "one");
    return encode_all(encoder, texts);
  }

  // Ranks that have the store "several"; all must get what `expected` says where that is given.
  std::vector<int> run(std::size_t size, const std::vector<std::string>& texts, const Encoded& expected,
                       Accident of_rank_1 = {}, std::uint64_t encoded = 0) const {
    return run_ranks(size, [&](Ranks& ranks) {
      const std::shared_ptr<Ranks> shared(&ranks, [](Ranks*) {});
      const Accident accident = ranks.rank() == 1 ? of_rank_1 : Accident{};
      SharedEncoder encoder(std::make_unique<BatchBoundEncoder>(accident), dir_ / "several", shared, 0);
      const Encoded got = encode_all(encoder, texts);
      return got.values == expected.values && got.truncated == expected.truncated && got.encoded == encoded;
    });
  }

  void expect_same_stores(const std::vector<std::string>& texts) const {
    TextStore one(dir_ / "one");
    TextStore several(dir_ / "several");
    EXPECT_EQ(several.size(), one.size());
    std::size_t different = 0;
    for (const auto& text : texts) {
      const auto key = text_key(BatchBoundEncoder().fingerprint(), text);
      const auto a = one.find(key);
      const auto b = several.find(key);
      different += std::ranges::equal(a.vector, b.vector) && a.truncated == b.truncated && a.plan == b.plan ? 0 : 1;
    }
    EXPECT_EQ(different, 0U);
  }

  [[nodiscard]] fs::path store_of_rank_1() const { return dir_ / "several.rank1"; }

  TempDir dir_;
};

// 40,000 texts are several windows of a call and several calls: 16,384 texts each for two ranks, 32,768 for three.
TEST_F(SharedEncoderTest, RanksMakeTheVectorsOfOneProcess) {
  const auto texts = some_texts(40000, true);
  const Encoded expected = alone(texts);
  for (const std::size_t size : {2U, 3U}) {
    SCOPED_TRACE(size);
    fs::remove(dir_ / "several");
    EXPECT_EQ(run(size, texts, expected, {}, expected.encoded), std::vector<int>(size, kAsExpected));
    expect_same_stores(texts);
    for (std::size_t rank = 1; rank < size; ++rank)
      EXPECT_FALSE(fs::exists(dir_ / ("several.rank" + std::to_string(rank))));
    EXPECT_EQ(run(size, texts, expected, {}, 0), std::vector<int>(size, kAsExpected)) << "nothing is left to encode";
  }
}

// Rank 0 has made windows 0 and 2 by then, rank 1 window 1 and five batches of window 3.
TEST_F(SharedEncoderTest, AfterAKillNothingIsMadeTwice) {
  constexpr std::size_t kFive = 5;
  const auto texts = some_texts(4 * kWindowTexts);
  const Encoded expected = alone(texts);
  const auto ends = run(2, texts, expected, {.batch = kBatchesOfWindow + kFive + 1, .kill = true});
  EXPECT_EQ(ends, (std::vector<int>{kError, -SIGKILL}));
  ASSERT_TRUE(fs::exists(store_of_rank_1()));
  EXPECT_EQ(TextStore(store_of_rank_1()).size(), kWindowTexts + kFive * kBatch);
  EXPECT_EQ(TextStore(dir_ / "several").size(), 2 * kWindowTexts);
  EXPECT_EQ(run(2, texts, expected, {}, kWindowTexts - kFive * kBatch), std::vector<int>(2, kAsExpected));
  expect_same_stores(texts);
  EXPECT_FALSE(fs::exists(store_of_rank_1()));
}

TEST_F(SharedEncoderTest, WhatARankMadeOfALaterCallIsKeptWhenItIsStopped) {
  const auto texts = some_texts(6 * kWindowTexts);  // four of them are the first call
  const Encoded expected = alone(texts);
  const auto ends = run(2, texts, expected, {.batch = 2 * kBatchesOfWindow + 3});
  EXPECT_EQ(ends, (std::vector<int>{kError, kError}));
  ASSERT_TRUE(fs::exists(store_of_rank_1()));
  EXPECT_EQ(run(2, texts, expected, {}, kWindowTexts - 2 * kBatch), std::vector<int>(2, kAsExpected));
  expect_same_stores(texts);
}

// What lies in a rank's store is of other batches where the texts are others: it would not have one process's bytes.
TEST_F(SharedEncoderTest, WhatWasMadeOfOtherTextsIsMadeAgain) {
  const auto others = some_texts(2 * kWindowTexts);
  (void)run(2, others, {}, {.batch = 3, .kill = true});
  fs::remove(dir_ / "several");
  const std::vector<std::string> texts(others.begin() + 1, others.end());
  const Encoded expected = alone(texts);
  EXPECT_EQ(run(2, texts, expected, {}, texts.size()), std::vector<int>(2, kAsExpected));
  expect_same_stores(texts);
}

TEST_F(SharedEncoderTest, RefusesARankWithOtherTexts) {
  const auto ends = run_ranks(2, [](Ranks& ranks) {
    const std::shared_ptr<Ranks> shared(&ranks, [](Ranks*) {});
    SharedEncoder encoder(std::make_unique<BatchBoundEncoder>(), {}, shared);
    try {
      (void)encoder.encode(some_texts(10 + ranks.rank()), {});
    } catch (const Error& error) {
      return error.kind() == ErrorKind::kInput;
    }
    return false;
  });
  EXPECT_EQ(ends, std::vector<int>(2, kAsExpected));
}

}  // namespace
}  // namespace persona4rec::test
