// rerank --vectors: a copy in memory answers with the same bytes, 8 bits nearly so, and who has no vector still has
// none.
#include <gtest/gtest.h>

#include <fstream>

#include "base/rng.hpp"
#include "io/output_file.hpp"
#include "matching/half_dot.hpp"
#include "persona4rec/error.hpp"
#include "rerank/persona_rows.hpp"
#include "support/rerank_fixture.hpp"

namespace persona4rec {
namespace {

using test::list;

class RerankVectorsTest : public test::RerankFixture {
 protected:
  std::string lines(VectorStorage vectors) {
    options_.vectors = vectors;
    (void)run(list("u", {{"i4", 3}, {"i3", 2}, {"i1", 1}, {"i2", 0}}) + list("empty", {{"i1", 1}, {"i2", 0}}));
    std::ifstream file(options_.output);
    return {std::istreambuf_iterator<char>(file), {}};
  }
};

TEST_F(RerankVectorsTest, ACopyGivesTheSameBytes) {
  const auto mapped = lines(VectorStorage::kMapped);
  EXPECT_EQ(lines(VectorStorage::kMemory), mapped);
  EXPECT_FALSE(mapped.empty());
}

TEST_F(RerankVectorsTest, EightBitsKeepTheOrderOfWhatIsFarApart) {
  (void)lines(VectorStorage::kMapped);
  const auto before = rows_;
  (void)lines(VectorStorage::kEightBits);
  ASSERT_EQ(rows_.size(), before.size());
  for (std::size_t row = 0; row < rows_.size(); ++row) {
    ASSERT_EQ(rows_[row].results.size(), before[row].results.size());
    for (std::size_t i = 0; i < rows_[row].results.size(); ++i) {
      EXPECT_EQ(rows_[row].results[i].item_id, before[row].results[i].item_id);
    }
  }
}

TEST(PersonaRows, AreTheSameHalvesOrNearThem) {
  const test::TempDir dir;
  constexpr std::size_t kRows = 3000;  // several tasks
  constexpr std::size_t kDimensions = 96;
  Rng rng(1);
  std::vector<Half> halves(kRows * kDimensions);
  for (auto& half : halves) half = to_half(static_cast<float>(rng.uniform() - 0.5));
  std::fill_n(halves.begin() + 5 * kDimensions, kDimensions, to_half(0));
  write_file(dir / "rows", {reinterpret_cast<const char*>(halves.data()), halves.size() * sizeof(Half)});
  std::vector<float> vector(kDimensions);
  for (auto& value : vector) value = static_cast<float>(rng.uniform() - 0.5);
  PersonaRows mapped(dir / "rows", kRows, kDimensions);
  PersonaRows memory(dir / "rows", kRows, kDimensions);
  PersonaRows bytes(dir / "rows", kRows, kDimensions);
  mapped.store(VectorStorage::kMapped);
  memory.store(VectorStorage::kMemory);
  bytes.store(VectorStorage::kEightBits);
  for (std::size_t i = 0; i < kRows; ++i) {
    const auto exact = mapped.similarity(i, vector, i);
    ASSERT_EQ(memory.similarity(i, vector, kRows - 1), exact);
    ASSERT_EQ(exact.has_value(), i != 5);
    ASSERT_EQ(bytes.similarity(i, vector, 0).has_value(), i != 5);
    ASSERT_NEAR(bytes.similarity(i, vector, 0).value_or(0), exact.value_or(0), 0.02F) << i;
    ASSERT_EQ(bytes.row(i)[0], halves[i * kDimensions]) << "the explanation reads the file";
  }
}

TEST(PersonaRows, RefuseAFileThatIsCutShort) {
  const test::TempDir dir;
  write_file(dir / "rows", std::string(10, 'x'));
  EXPECT_THROW(PersonaRows(dir / "rows", 3, 4), Error);
}

}  // namespace
}  // namespace persona4rec
